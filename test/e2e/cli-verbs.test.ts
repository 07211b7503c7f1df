import { setTimeout as sleep } from 'node:timers/promises';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { parseFreezes } from '../../rules/time/freeze-document';
import type { Freeze } from '../../rules/plan/environment-plan';
import { freezeParameterOf } from '../../rules/plan/names';
import type { Ran } from '../helpers/processes/cli';
import { changedPlan, runIn } from '../helpers/processes/cli';
import type { RunningSandbox } from '../helpers/processes/running-sandbox';
import { type ShownStatus, untilStatus } from '../helpers/processes/sandbox-status';
import { sharedSandbox } from '../helpers/sandbox/shared-sandbox';

jest.setTimeout(240_000);

let sandbox: RunningSandbox;
let rollout: (...words: readonly string[]) => Promise<Ran>;
let startRollout: (...words: readonly string[]) => Promise<Ran>;

beforeAll(async () => {
  sandbox = await sharedSandbox();
  rollout = (...words) => runIn(sandbox, 'rollout', [...words, '--sandbox']);
  startRollout = (...words) => runIn(sandbox, 'start-rollout', [...words, '--sandbox']);
});

type Json = Readonly<Record<string, unknown>>;
const json = ({ stdout }: Ran): Json => JSON.parse(stdout) as Json;

const parameter = freezeParameterOf('pavi').replace('{env}', 'staging');
const staging = (): SSMClient => {
  const credentials = { accessKeyId: '222222222222', secretAccessKey: 'sandbox' };
  return new SSMClient({ region: 'us-east-1', endpoint: sandbox.aws.endpoint, credentials });
};

async function freezesInAws(): Promise<readonly Freeze[]> {
  const { Parameter } = await staging().send(new GetParameterCommand({ Name: parameter }));
  const parsed = parseFreezes(Parameter?.Value ?? '');
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.freezes;
}

const until = ['--until', '2099-01-04T08:00Z', '--reason', 'holidays'];

describe('freeze', () => {
  it('freezes every environment, accepts a repeated freeze, and is taken back', async () => {
    const first = await rollout('freeze', ...until, '--by', 'bob', '--json');
    expect(first.code).toBe(0);
    const stands = { toMs: Date.UTC(2099, 0, 4, 8), reason: 'holidays', by: 'bob' };
    expect(json(first)).toMatchObject({
      done: true,
      environments: ['dev', 'staging', 'prod'].map((environment) => ({ environment, done: true, freezes: [stands] })),
    });
    const again = await rollout('freeze', 'staging', ...until, '--by', 'bob');
    expect(again.stdout).toMatch(/^pavi staging: no raise .*\n.*until Sun 4 Jan .*: holidays \(bob\)\n$/);
    expect(await freezesInAws()).toEqual([expect.objectContaining(stands)]);

    expect((await rollout('unfreeze', '--reason', 'over')).stdout).toBe(
      'pavi dev: not frozen.\npavi staging: not frozen.\npavi prod: not frozen.\n',
    );
    expect(await freezesInAws()).toEqual([]);
  });

  it('tells which environment it could not freeze, and freezes the others', async () => {
    const put = { Name: parameter, Value: 'by hand', Type: 'String', Overwrite: true } as const;
    await staging().send(new PutParameterCommand(put));
    const frozen = await rollout('freeze', ...until, '--json');
    expect(frozen.code).toBe(1);
    expect(json(frozen)).toMatchObject({
      done: false,
      environments: [
        { environment: 'dev', done: true },
        { environment: 'staging', done: false, error: expect.stringContaining('is not a list of freezes') },
        { environment: 'prod', done: true },
      ],
    });
    expect((await rollout('unfreeze', '--reason', 'over')).code).toBe(0);
  });
});

describe('doctor', () => {
  it('finds what the sandbox has in order, and 1 for what a plan only claims', async () => {
    const fine = await rollout('doctor', 'staging', '--json');
    expect(fine.code).toBe(0);
    expect(json(fine)).toMatchObject({ environment: 'staging', healthy: true, problems: 0 });

    const plan = changedPlan('typo.yaml', (text) => text.replace('executions-failed', 'executions-faild'));
    const typo = await rollout('doctor', 'staging', '--plan', plan);
    expect(typo.code).toBe(1);
    expect(typo.stdout).toMatch(/problem .*alarm pavi-sfn-executions-faild-staging .*does not exist in account 2222/);
    expect(typo.stdout).toMatch(/pavi staging: 1 problem and /);
  });
});

const untilProd = (wished: (status: ShownStatus) => boolean): Promise<ShownStatus> =>
  untilStatus(sandbox, 'prod', { wished });

/** Lists lag behind. */
async function untilUnlisted(): Promise<void> {
  await untilProd(({ running }) => !running);
  while ((await rollout('list')).stdout.includes('prod')) await sleep(500);
}

describe('consent and pace', () => {
  const consent = (text: string): string =>
    text
      .replaceAll(/soak: \d+s/g, 'soak: 10m')
      .replace(/(name: prod\n[^]*)approvals: .*/, '$1approvals: { required: 1, starterMayApprove: false }')
      .replace('name: prod\n', "name: prod\n    checklist: [{ id: team-notified, text: 'Team notified' }]\n");

  it('come from people by name; what a rule refuses says what would make it accept', async () => {
    const plan = changedPlan('consent.yaml', consent);
    const other = changedPlan('other.yaml', (text) => consent(text).replace('soak: 10m', 'soak: 11m'));
    const verb = (...words: readonly string[]): Promise<Ran> => rollout(...words, '--plan', plan, '--json');
    expect((await startRollout('prod', '--plan', plan)).code).toBe(0);

    await untilProd(({ phase, percentage }) => phase === 'checking' && percentage === 0);
    expect((await rollout('checklist', 'prod', '--plan', plan)).stdout).toContain('[ ] team-notified');
    const noSuch = await verb('checklist', 'prod', '--tick', 'team-told', '--by', 'bob');
    expect(noSuch.code).toBe(3);
    expect(json(noSuch)).toMatchObject({ rule: 'checklist', remedy: expect.stringContaining('team-notified') });
    const ticked = await verb('checklist', 'prod', '--tick', 'team-notified', '--by', 'bob');
    expect(json(ticked)).toMatchObject({ open: 0, checklist: [{ state: 'ticked', by: 'bob' }] });

    await untilProd(({ phase }) => phase === 'approving');
    const own = await verb('approve', 'prod');
    expect(own).toMatchObject({ code: 3, stderr: expect.stringMatching(/^Refused \(approval\): alice started/m) });
    expect(json(own)).toMatchObject({ exitCode: 3, rule: 'approval', remedy: expect.any(String) });
    const misread = await rollout('approve', 'prod', '--by', 'bob', '--plan', other, '--json');
    expect([misread.code, json(misread)['rule']]).toEqual([3, 'plan']);
    expect((await verb('approve', 'prod', '--by', 'bob')).code).toBe(0);
    await untilProd(({ phase, percentage }) => phase === 'soaking' && percentage === 10);

    expect(json(await verb('extend', 'prod', '--for', '6h'))).toMatchObject({ done: true, changed: true });
    expect((await verb('skip', 'prod')).code).toBe(3);
    expect(json(await verb('skip', 'prod', '--percentage', '25'))).toMatchObject({ changed: true, next: 50 });
    expect(json(await verb('skip', 'prod', '--percentage', '25'))).toMatchObject({ changed: false, next: 50 });
    expect((await verb('promote', 'prod', '--reason', 'enough seen')).code).toBe(0);
    await untilProd(({ phase, percentage }) => phase === 'soaking' && percentage === 50);

    expect((await rollout('freeze', 'prod', ...until)).code).toBe(0);
    // Freezes are read when a raise is due, so that one may be asked for before they are known; it does not come.
    await verb('promote', 'prod');
    await untilProd(({ gates }) => gates.some(({ gate, open }) => gate === 'window' && !open));
    const frozen = await verb('promote', 'prod');
    expect(frozen.code).toBe(3);
    expect((await untilProd(() => true)).percentage).toBe(50);
    expect(json(frozen)).toMatchObject({ rule: 'freeze', fromMs: Date.UTC(2099, 0, 4, 8) });
    expect((await rollout('abort', 'prod', '--reason', 'over')).stdout).toMatch(/^pavi prod: 0 % confirmed/);
    expect((await rollout('unfreeze', 'prod', '--reason', 'over')).code).toBe(0);
    await untilProd(({ phase }) => phase === 'ended');
  });
});

describe('a zero that cannot be delivered', () => {
  it('is left only on purpose: refused before, then ended with what it leaves, in status and list', async () => {
    const ecs = '{ cluster: pavi, service: deleted, container: api }';
    const to = `delivery: { ecs: ${ecs}, healthUrl: 'http://127.0.0.1:9/api/health' }`;
    const plan = changedPlan('variables.yaml', (text) => text.replace('name: prod\n', `name: prod\n    ${to}\n`));
    const leave = (...words: readonly string[]): Promise<Ran> =>
      rollout('abort', 'prod', '--undelivered', '--plan', plan, ...words);
    const why = ['--by', 'bob', '--reason', 'the service was deleted'];
    expect((await startRollout('prod', '--plan', plan)).code).toBe(0);
    const held = await untilProd(({ phase }) => phase === 'holding');
    expect(held.wait?.why).toContain('10 % is NOT delivered to service deleted of ECS cluster pavi');

    expect(await leave()).toMatchObject({ code: 2, stderr: expect.stringContaining('add --reason TEXT') });
    const early = await leave(...why, '--json');
    expect(early.code).toBe(3);
    expect(json(early)).toMatchObject({ rule: 'state', remedy: 'abort it first, without --undelivered' });
    const abort = await rollout('abort', 'prod', '--plan', plan);
    expect([abort.code, abort.stdout]).toEqual([1, expect.stringContaining('the flag document says 0 %')]);

    await untilProd(({ wait }) => wait?.verbs.includes('abort --undelivered') === true);
    const left = await leave(...why);
    expect(left.code).toBe(0);
    expect(left.stdout).toMatch(
      /0 % is written, but NOT known to be delivered .* accepted by bob because the service was/,
    );
    await untilUnlisted();
    expect((await rollout('status', 'prod', '--plan', plan)).stdout).toContain('ABORTED, NOT DELIVERED');
    const again = await leave(...why);
    expect(again).toMatchObject({ code: 3, stderr: expect.stringContaining('Nothing to accept undelivered') });
  });
});

describe('release', () => {
  it('deploys, verifies and rolls out; every verb finds what runs, and an abort puts it to 0 and ends all of it', async () => {
    const plan = changedPlan('slow.yaml', (text) => text.replaceAll(/soak: \d+s/g, 'soak: 10m'));
    const releasing = rollout('release', 'staging', '--plan', plan, '--reason', 'release 2.4', '--json');
    const wished = ({ percentage }: ShownStatus): boolean => percentage === 10;
    const seen = await untilStatus(sandbox, 'staging', { wished, withinMs: 150_000 });
    expect(seen).toMatchObject({ release: { stage: 'rollout' }, standing: { verified: { by: 'alice' } } });
    expect((await rollout('list')).stdout).toContain('A release of staging is at its rollout');
    expect(await rollout('release', 'staging', '--plan', plan)).toMatchObject({ code: 3 });
    const abort = await rollout('abort', 'staging', '--by', 'bob', '--reason', 'enough', '--json');
    expect([abort.code, json(abort)['percentage']]).toEqual([0, 0]);
    const ran = await releasing;
    expect([ran.code, json(ran)]).toMatchObject([1, { released: false, outcome: 'aborted', stage: 'rollout' }]);
    expect(ran.stderr).toMatch(/test-job: .*golden results/);
  });
});

describe('with nothing running', () => {
  it('a verb is refused, the checklist is that of the plan, and the last rollout is named', async () => {
    const never = await rollout('approve', 'prod', '--json');
    expect(never.code).toBe(3);
    expect(json(never)).toMatchObject({ exitCode: 3, running: false });
    const plan = changedPlan('checklist.yaml', (text) =>
      text.replace('name: prod\n', "name: prod\n    checklist: [{ id: team-notified, text: 'Team notified' }]\n"),
    );
    const checklist = await rollout('checklist', 'prod', '--plan', plan);
    expect(checklist.stdout).toMatch(/^prod: 0 of 1 done \(no rollout is running/);
    expect(checklist.stdout).toContain('[ ] team-notified Team notified: open');

    expect((await rollout('rollback', 'prod', '--reason', 'to have had one')).code).toBe(0);
    await untilUnlisted();
    const status = await rollout('status', '--json');
    expect(status.code).toBe(1);
    expect(json(status)).toMatchObject({
      running: false,
      last: { environment: 'prod', outcome: { outcome: 'aborted' } },
    });
    expect(status.stderr).toMatch(
      /No rollout is running .*\nThe last one, pavi prod, ended, aborted \(to have had one\)/,
    );
    expect((await rollout('list', '--all')).stdout).toMatch(/pavi.*prod.*0 %.*aborted/);
  });
});

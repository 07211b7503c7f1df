import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { findTemporalCli } from '../../sandbox/temporal/cli';
import { LISTED, rolloutWorkflowId } from '../../workflows/messages';
import { type Environment, flagInAws, writeFlagInAws } from '../helpers/aws/sandbox-flag';
import type { Ran } from '../helpers/processes/cli';
import { changedPlan } from '../helpers/processes/cli';
import type { RunningSandbox } from '../helpers/processes/running-sandbox';
import { type ShownStatus as Shown, untilStatus } from '../helpers/processes/sandbox-status';
import { WebUi } from '../helpers/processes/web-ui';
import { sharedSandbox } from '../helpers/sandbox/shared-sandbox';

jest.setTimeout(240_000);

const ROOT = resolve(__dirname, '../..');

let sandbox: RunningSandbox;
let slowPlan: string;

beforeAll(async () => {
  sandbox = await sharedSandbox();
  slowPlan = changedPlan('slow.yaml', (text) => text.replaceAll(/soak: \d+s/g, 'soak: 10m'));
});

function exec(command: string, words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const all = { ...sandbox.env, ROLLOUT_ACTOR: 'alice', NO_COLOR: '1', ...env };
  return new Promise((done) =>
    execFile(command, words, { cwd: ROOT, env: all, encoding: 'utf8' }, (error, stdout, stderr) =>
      done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
}

const rollout = (...words: readonly string[]): Promise<Ran> =>
  exec(process.execPath, ['client/bin/rollout.cjs', ...words, '--sandbox']);
const startRollout = (...words: readonly string[]): Promise<Ran> =>
  exec(process.execPath, ['client/bin/start-rollout.cjs', ...words, '--sandbox']);

const json = ({ stdout }: Ran): Shown => JSON.parse(stdout) as Shown;

const until = (environment: Environment, wished: (status: Shown) => boolean): Promise<Shown> =>
  untilStatus(sandbox, environment, { wished });

const started = async (environment: Environment): Promise<Shown> => {
  const ran = await startRollout(environment, '--plan', slowPlan, '--json');
  expect(ran).toMatchObject({ code: 0 });
  await until(environment, ({ phase, percentage }) => phase === 'soaking' && percentage === 10);
  return json(ran);
};

const ended = (environment: Environment): Promise<Shown> => until(environment, ({ running }) => running === false);

const percentageInAws = async (environment: Environment): Promise<number> =>
  (await flagInAws(sandbox, environment)).percentage;

describe('the operator', () => {
  it('starts, is refused a second start, pauses, resumes and aborts', async () => {
    const start = await started('staging');
    const workflowId = rolloutWorkflowId('pavi', 'staging');
    expect(start).toMatchObject({ started: true, workflowId, startedBy: 'alice' });
    expect(start['link']).toBe(
      `${sandbox.temporal.ui}/namespaces/default/workflows/${workflowId}/${String(start['runId'])}/user-metadata`,
    );
    expect(await percentageInAws('staging')).toBe(10);

    const second = await startRollout('staging', '--plan', slowPlan);
    expect(second).toMatchObject({ code: 3, stdout: '' });
    expect(second.stderr).toMatch(
      /pavi staging is already being rolled out: soaking at 10 %, started by alice .*rollout-pavi-staging/,
    );
    expect(second.stderr).toContain(String(start['link']));

    const pause = await rollout('pause', 'staging', '--by', 'bob', '--reason', 'looking at job 17', '--json');
    expect(pause.code).toBe(0);
    expect(json(pause)).toMatchObject({ phase: 'paused', percentage: 10, done: true });
    expect(json(pause).wait).toMatchObject({
      why: expect.stringMatching(/bob.*looking at job 17/),
      verbs: expect.arrayContaining(['resume', 'abort']),
    });
    expect((await rollout('pause', 'staging')).stdout).toContain('pavi staging is paused already.');
    expect((await rollout('status', '--plan', slowPlan)).stdout).toMatch(/^pavi staging: PAUSED at 10 % .*job 17/);
    expect((await rollout('list')).stdout).toMatch(/pavi.*staging.*10 %.*paused.*alice/);

    const resume = await rollout('resume', 'staging', '--json');
    expect(resume.code).toBe(0);
    expect(json(resume)).toMatchObject({ phase: 'soaking', percentage: 10, done: true });

    const abort = await rollout('abort', 'staging', '--reason', 'enough');
    expect(abort.code).toBe(0);
    expect(abort.stdout).toMatch(/^pavi staging: 0 % confirmed at /);
    expect(await percentageInAws('staging')).toBe(0);

    const end = await ended('staging');
    expect(end.outcome).toMatchObject({ outcome: 'aborted', why: expect.stringContaining('enough') });
    expect(end.log).toContainEqual(
      expect.objectContaining({ by: 'bob', what: expect.stringContaining('looking at job 17') }),
    );
    const again = await rollout('abort', 'staging');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Nothing to abort: .*aborted/) });
    expect(await rollout('pause', 'staging')).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/^Nothing to pause/m),
    });
    expect((await rollout('list', '--all')).stdout).toMatch(/pavi.*staging.*0 %.*aborted/);
  });

  it('watches to the end: JSON lines, and the exit code of the end', async () => {
    await started('staging');
    const watching = rollout('watch', 'staging', '--json');
    await sleep(3_000);
    expect((await rollout('abort', 'staging')).code).toBe(0);
    const { code, stdout } = await watching;
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Shown);
    expect(code).toBe(1);
    expect(lines[0]).toMatchObject({ percentage: 10, phase: 'soaking', running: true });
    expect(lines.at(-1)).toMatchObject({
      percentage: 0,
      phase: 'ended',
      running: false,
      outcome: { outcome: 'aborted' },
    });
  });
});

describe('others than the operator', () => {
  it('abort by the temporal command, without an argument', async () => {
    await started('prod');
    const { command } = await findTemporalCli();
    const workflowId = rolloutWorkflowId('pavi', 'prod');
    const words = [
      'workflow',
      'signal',
      '--address',
      sandbox.temporal.address,
      '--workflow-id',
      workflowId,
      '--name',
      'abort',
    ];
    expect((await exec(command, words)).code).toBe(0);
    await until('prod', ({ phase, percentage }) => phase !== 'soaking' && percentage === 0);
    expect(await percentageInAws('prod')).toBe(0);
    expect((await ended('prod')).outcome).toMatchObject({ outcome: 'aborted' });
  });
});

describe("a person in Temporal's Web UI", () => {
  let ui: WebUi;
  beforeAll(async () => (ui = await WebUi.open(sandbox.temporal.ui)));
  afterAll(() => ui?.close());

  it('pauses and aborts the rollout whose page the start has linked to', async () => {
    const page = String((await started('prod'))['link']);
    await ui.signal(page, { name: 'pause' });
    const paused = await until('prod', ({ phase }) => phase === 'paused');
    expect(paused.wait?.verbs).toContain('resume');
    await ui.signal(page, { name: 'resume', data: '{"by":"carol"}' });
    await until('prod', ({ phase }) => phase === 'soaking');
    await ui.signal(page, { name: 'abort', data: '{"by":"carol","reason":"job 17"}' });
    const { outcome, log } = await ended('prod');
    expect(outcome).toMatchObject({ outcome: 'aborted', why: 'job 17' });
    expect(log).toContainEqual(expect.objectContaining({ by: 'carol', what: expect.stringContaining('job 17') }));
    expect(await percentageInAws('prod')).toBe(0);
  });

  it.each(['operator', 'form'])(
    'is not stalled by a payload that cannot be decoded: an abort by the %s ends at 0',
    async (by) => {
      const page = String((await started('prod'))['link']);
      const unreadable = { data: '{"by":"carol"}', encoding: 'json/protobuf' } as const;
      for (const name of ['alarm-changed', 'pause', 'resume']) await ui.signal(page, { name, ...unreadable });
      const { wait } = await until('prod', ({ phase }) => phase === 'paused');
      expect(wait?.why).toContain('Unknown encoding: json/protobuf');
      if (by === 'form') await ui.signal(page, { name: 'abort', ...unreadable });
      else expect((await rollout('abort', 'prod')).code).toBe(0);
      expect((await ended('prod')).outcome).toMatchObject({ outcome: 'aborted' });
      expect(await percentageInAws('prod')).toBe(0);
    },
  );
});

describe('the next test file', () => {
  it('finds the flag at 0 % and no rollout, also where a test left it above 0 % without one', async () => {
    await writeFlagInAws(sandbox, 'prod', 10);
    await sharedSandbox();
    expect(await percentageInAws('prod')).toBe(0);
    await ended('prod');
  });
});

describe('without a worker', () => {
  it('says so instead of waiting, and claims nothing that is not confirmed', async () => {
    const { command } = await findTemporalCli();
    const { address, ui } = sandbox.temporal;
    const nobody = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: 'nobody', TEMPORAL_UI: ui };
    const there = ['--address', address, '--namespace', 'nobody'];
    expect((await exec(command, ['operator', 'namespace', 'create', ...there])).code).toBe(0);
    const bin = (name: string, ...words: readonly string[]): Promise<Ran> =>
      exec(process.execPath, [`client/bin/${name}.cjs`, ...words, '--plan', slowPlan], nobody);
    // A new namespace, and new search attributes, reach all parts of the server after some seconds.
    const ready = async (work: () => Promise<Ran>, wished: (ran: Ran) => boolean): Promise<Ran> => {
      for (let tries = 0; ; tries += 1) {
        const ran = await work();
        if (wished(ran) || tries > 30) return ran;
        await sleep(500);
      }
    };

    const unlisted = await ready(
      () => bin('start-rollout', 'prod'),
      ({ stderr }) => !stderr.includes('has no namespace'),
    );
    expect(unlisted.code).toBe(0);
    expect(unlisted.stderr).toContain('The namespace lacks search attributes (RolloutEnvironment, RolloutPhase');

    for (const { name, type } of LISTED)
      await exec(command, ['operator', 'search-attribute', 'create', ...there, '--name', name, '--type', type]);
    const start = await ready(
      async () => {
        await exec(command, ['workflow', 'terminate', ...there, '--workflow-id', rolloutWorkflowId('pavi', 'prod')]);
        return bin('start-rollout', 'prod');
      },
      ({ code, stderr }) => code === 0 && !stderr.includes('lacks search attributes'),
    );
    expect(start.stderr).toContain('No worker is running.');
    expect(start.stdout).toContain(`Web UI: ${ui}/namespaces/nobody/workflows/rollout-pavi-prod/`);

    const status = await bin('rollout', 'status', 'prod', '--json');
    expect(status.code).toBe(0);
    expect(json(status)).toMatchObject({
      environment: 'prod',
      phase: 'not-known',
      lastKnown: { phase: 'starting' },
      startedBy: 'alice',
      running: true,
    });
    expect(json(status).percentage).toBeUndefined();
    expect(status.stderr).toContain('no worker is running');
    expect(await bin('start-rollout', 'prod')).toMatchObject({ code: 3 });

    const approve = await bin('rollout', 'approve', 'prod');
    expect(approve).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/nothing is changed: no worker is running/),
    });
    expect(await bin('rollout', 'doctor', 'prod')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^No worker/m),
    });

    const abort = await bin('rollout', 'abort', 'prod');
    expect(abort.code).toBe(1);
    expect(abort.stdout).toContain(
      'NOT CONFIRMED: Temporal has the abort, but no worker has confirmed it: no worker is running',
    );
    expect(abort.stderr).toContain(
      `npx rollout flags set prod --percentage 0 --break-glass --reason 'abort was not confirmed' --plan ${slowPlan}`,
    );
  });
});

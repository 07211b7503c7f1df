import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { formatFlags, parseFlags } from '../../../flags';
import { freshAccount } from '../../helpers/aws/accounts';
import type { Ran } from '../../helpers/processes/cli';
import { changedPlan, runWith } from '../../helpers/processes/cli';
import { freePort } from '../../../sandbox/process/free-port';
import { TemporalProcess } from '../../helpers/temporal/temporal-process';
import { PAVI_KEYS } from '../../../pavi/flag';

jest.setTimeout(240_000);

const ROOT = resolve(__dirname, '../../..');
const PARAMETER = '/pavi/prod/step-functions-rollout';
/** A shell has a meaning for each part of it. */
const REASON = `it's "bad" $HOME \`id\` $(id) \\ ! ; job 17`;
const aws = freshAccount();
const plan = changedPlan('next way.yaml', (text) =>
  text.replace(
    "{ account: '333333333333', region: us-east-1, profile: sandbox-prod }",
    `{ account: '${aws.account}', region: us-east-1, profile: ${aws.profile} }`,
  ),
);
const ssm = new SSMClient(aws);

async function flagAt(percentage: number): Promise<void> {
  const document = { schema: 1 as const, generation: 4, writer: 'a-test', reason: 'fine', salt: 'pavi-prod' };
  const Value = formatFlags({ ...document, percentage }, PAVI_KEYS);
  await ssm.send(new PutParameterCommand({ Name: PARAMETER, Value, Type: 'String', Overwrite: true }));
}

async function percentageInAws(): Promise<number> {
  const { Parameter } = await ssm.send(new GetParameterCommand({ Name: PARAMETER }));
  const parsed = parseFlags(Parameter?.Value ?? '', PAVI_KEYS);
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.document.percentage;
}

/** A separate terminal: npm passes its own call in variables to the programs that it starts. */
const terminal = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('npm_')));

beforeAll(() => flagAt(100));

const at = (address: string, ...words: readonly string[]): Promise<Ran> =>
  runWith({ ...process.env, TEMPORAL_ADDRESS: address }, 'rollout', [...words, '--plan', plan, '--reason', REASON]);

const linesIn = ({ stderr }: Ran): readonly string[] =>
  stderr.split('\n').filter((line) => line.startsWith('  npx rollout flags set '));

/** One line to paste, and nothing of gRPC, of the program itself or of an unread percentage. */
function expectNextWay(ran: Ran, told: RegExp): void {
  const said = `${ran.stdout}${ran.stderr}`;
  expect(said).toMatch(told);
  expect(ran.code).toBe(1);
  expect(said).not.toMatch(/DEADLINE_EXCEEDED|UNAVAILABLE|NOT_FOUND|LB pick|\n\s+at .*:\d+:\d+/);
  expect(said).not.toMatch(/ at 0 %|░{20}/);
  // What AWS says in time, or that it did not: never another number.
  expect(said).toMatch(/100 %, read from AWS|NOT KNOWN: .*AWS did not answer within/);
  expect(linesIn(ran)).toEqual([
    expect.stringContaining(` --reason '${REASON.replaceAll("'", "'\\''")}' --plan '${plan}'`),
  ]);
}

const VERBS: readonly (readonly [string])[] = [
  ['abort prod'],
  ['pause prod'],
  ['rollback prod'],
  ['rollback prod --to infra'],
  ['rollback prod --to nextflow'],
  ['promote prod'],
];

describe('a verb that Temporal does not answer', () => {
  // Reads what comes, so that a client that leaves is let go, and never answers.
  const silent = createServer((socket) => socket.resume());
  beforeAll(() => new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening)));
  afterAll(() => new Promise((closed) => silent.close(closed)));

  it.each(VERBS)('names the way that needs none, where the port refuses: %s', async (words) => {
    const ran = await at(`127.0.0.1:${await freePort()}`, ...words.split(' '));
    expectNextWay(ran, /was not sent; the state of the rollout is NOT KNOWN\. .*\(connection refused\)/);
  });

  it.each(VERBS)('names it where the port takes the connection and is silent: %s', async (words) => {
    const { port } = silent.address() as AddressInfo;
    expectNextWay(await at(`127.0.0.1:${port}`, ...words.split(' ')), /NOT KNOWN/);
  });
});

describe('with a real server and no worker', () => {
  let temporal: TemporalProcess;
  beforeAll(async () => {
    temporal = await TemporalProcess.start();
    const started = await runWith({ ...process.env, TEMPORAL_ADDRESS: temporal.address }, 'start-rollout', [
      ...['prod', '--plan', plan],
    ]);
    expect(started).toMatchObject({ code: 0, stderr: expect.stringContaining('No worker is running') });
  });
  afterAll(() => temporal?.stop());

  it('names it where the namespace is missing', async () => {
    const env = { ...process.env, TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: 'nowhere' };
    const ran = await runWith(env, 'rollout', ['abort', 'prod', '--plan', plan, '--reason', REASON]);
    expectNextWay(ran, /has no namespace 'nowhere'/);
  });

  it('tells what is known and the flag as AWS has it, where no worker is', async () => {
    const status = await runWith({ ...process.env, TEMPORAL_ADDRESS: temporal.address }, 'rollout', [
      ...['status', 'prod', '--plan', plan],
    ]);
    expect(status.code).toBe(0);
    expect(status.stdout).toMatch(
      /^pavi prod: the state of the rollout is NOT KNOWN: no worker .*; the flag says 100 %\.\n/,
    );
    expect(status.stdout).toContain('▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓ 100 %');
    expect(status.stdout).not.toMatch(/ 0 %/);
  });

  it.each<[string, RegExp]>([
    ['pause prod', /NOT CONFIRMED: Temporal has the pause, but no worker has confirmed it/],
    ['promote prod', /The promote was not sent and nothing is changed: no worker is running/],
    ['rollback prod --to infra', /No worker is running; .*Nothing is changed/],
    ['rollback prod', /NOT CONFIRMED: Temporal has the abort, but no worker has confirmed it/],
    ['rollback prod --to nextflow', /NOT CONFIRMED: Temporal has the abort, but no worker has confirmed it/],
    ['abort prod', /NOT CONFIRMED: Temporal has the abort, but no worker has confirmed it/],
  ])('names it where no worker is: %s', async (words, told) => {
    expectNextWay(await at(temporal.address, ...words.split(' ')), told);
  });
});

describe('with a worker that was suspended', () => {
  let temporal: TemporalProcess;
  beforeAll(async () => {
    temporal = await TemporalProcess.start();
    await temporal.work(plan);
    await flagAt(100);
    temporal.freezeWorker();
  });
  afterAll(() => temporal?.stop());

  it('names it, and the line, pasted into a shell, writes 0 %', async () => {
    const ran = await at(temporal.address, 'rollback', 'prod');
    expectNextWay(ran, /NOT CONFIRMED: .*worker \S+ polled lately but does not answer \(no answer in time\)/);
    const pasted = await new Promise<Ran>((end) =>
      execFile(
        'sh',
        ['-c', linesIn(ran)[0] ?? ''],
        { cwd: ROOT, env: terminal, encoding: 'utf8' },
        (error, stdout, stderr) => end({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      ),
    );
    expect(`${pasted.stdout}${pasted.stderr}`).toContain('pavi prod: 0 % confirmed');
    expect(pasted.code).toBe(0);
    expect(await percentageInAws()).toBe(0);
    await flagAt(100);
  });
});

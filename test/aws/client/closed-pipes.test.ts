import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetParameterHistoryCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { formatFlags, parseFlags } from '../../../flags';
import { freshAccounts } from '../../helpers/aws/accounts';
import { changedPlan } from '../../helpers/processes/cli';
import { type AwsProxy, relay, startAwsProxy } from '../../helpers/aws/aws-proxy';
import { aPlan } from '../../helpers/samples/plans';
import { TemporalProcess } from '../../helpers/temporal/temporal-process';

jest.setTimeout(300_000);

const ROOT = resolve(__dirname, '../../..');
const nextAccount = freshAccounts(8);
type Aws = ReturnType<typeof nextAccount>;
const flag = { parameter: '/pavi/prod/step-functions-rollout', salt: 'pavi-prod', format: PAVI_KEYS };

const planIn = (aws: Aws): string =>
  changedPlan('pipes.yaml', (text) =>
    text.replace(
      "{ account: '333333333333', region: us-east-1, profile: sandbox-prod }",
      `{ account: '${aws.account}', region: us-east-1, profile: ${aws.profile} }`,
    ),
  );
const write = (aws: Aws, percentage: number) => {
  const document = {
    schema: 1,
    generation: 4,
    writer: 'r',
    reason: '',
    salt: flag.salt,
    percentage,
  } as const;
  const put = {
    Name: flag.parameter,
    Value: formatFlags(document, PAVI_KEYS),
    Type: 'String',
    Overwrite: true,
  } as const;
  return new SSMClient(aws).send(new PutParameterCommand(put));
};
async function percentages(aws: Aws): Promise<readonly number[]> {
  const { Parameters = [] } = await new SSMClient(aws).send(new GetParameterHistoryCommand({ Name: flag.parameter }));
  return Parameters.map(({ Value = '' }) => {
    const parsed = parseFlags(Value, PAVI_KEYS);
    return parsed.ok ? parsed.document.percentage : Number.NaN;
  });
}

type Closed = 'stdout' | 'stderr' | 'both';
interface Left {
  readonly code: number | null;
  readonly signal: string | null;
  readonly said: string;
  readonly lastedMs: number;
}

/** Runs a program whose reader closes a pipe: at once, or after the first thing that is said there. */
async function left(
  closed: Closed,
  words: readonly string[],
  { env = {}, program = 'rollout', onRead }: { env?: object; program?: string; onRead?: () => void } = {},
): Promise<Left> {
  const startedAtMs = Date.now();
  const child = spawn(process.execPath, [`client/bin/${program}.cjs`, ...words], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1', ROLLOUT_ACTOR: 'bob', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const name of ['stdout', 'stderr'] as const) {
    const stream = child[name];
    const isClosed = closed === name || closed === 'both';
    if (isClosed && onRead === undefined) stream.destroy();
    else
      stream.on('data', (part: Buffer) => {
        said += part.toString();
        if (!isClosed) return;
        stream.destroy();
        onRead?.();
      });
  }
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return { code, signal, said, lastedMs: Date.now() - startedAtMs };
}

const ended = (code: number) => ({ code, signal: null, said: expect.not.stringMatching(/EPIPE|\n {4}at /) });
const breakGlass = (plan: string): readonly string[] => [
  ...['flags', 'set', 'prod', '--plan', plan, '--percentage', '0', '--break-glass', '--reason', 'users complain'],
];

describe('a verb whose reader has gone', () => {
  it.each<[readonly string[], number, string]>([
    [['--help'], 0, 'rollout'],
    [['flags', '--help'], 0, 'rollout'],
    [['--help'], 0, 'start-rollout'],
    [['plan', 'prod', '--plan', 'plans/sandbox.yaml'], 0, 'rollout'],
    [['plan', 'nowhere', '--plan', 'plans/sandbox.yaml'], 2, 'rollout'],
    [['plan', 'prod', '--plan', 'no.yaml', '--json'], 2, 'rollout'],
    [['nothing'], 2, 'rollout'],
  ])('%j ends with %d and without a stack', async (words, code, program) => {
    const all = (['stdout', 'stderr', 'both'] as const).map((closed) => left(closed, words, { program }));
    for (const one of await Promise.all(all)) expect(one).toMatchObject(ended(code));
  });
});

/** Breaks off the first requests, as a network that is not there yet. */
function outOfReach(upstream: string, times: number): Promise<AwsProxy> {
  let count = 0;
  return startAwsProxy((passed, answer) => {
    if ((count += 1) <= times) answer.destroy();
    else relay(upstream, passed, answer);
  });
}

// The terminal goes as soon as something was said in it: the kernel sends SIGHUP, and writes fail with EIO from then on.
const IN_A_TERMINAL = `
import json, os, pty, sys, time
words = json.loads(sys.argv[1])
started = time.monotonic()
child, terminal = pty.fork()
if child == 0:
    os.execv(words[0], words)
said = b""
while b"checking again" not in said:
    said += os.read(terminal, 1000)
os.close(terminal)
_, status = os.waitpid(child, 0)
print(json.dumps({"code": os.waitstatus_to_exitcode(status), "seconds": time.monotonic() - started}))
`;
import { PAVI_KEYS } from '../../../pavi/flag';

interface Story {
  readonly ran: unknown;
  readonly written: readonly number[];
}

async function lateRaise(closed: Closed): Promise<Story> {
  const aws = nextAccount();
  await write(aws, 25);
  const running = left(closed, breakGlass(planIn(aws)));
  while ((await percentages(aws)).at(-1) !== 0) await sleep(100);
  await write(aws, 25);
  return { ran: await running, written: await percentages(aws) };
}

async function withoutAws(): Promise<Story> {
  const aws = nextAccount();
  await write(aws, 25);
  const proxy = await outOfReach(process.env['AWS_ENDPOINT_URL'] ?? '', 6);
  const ran = await left('both', breakGlass(planIn(aws)), { env: { AWS_ENDPOINT_URL: proxy.url } });
  await proxy.close();
  return { ran, written: await percentages(aws) };
}

async function withoutTerminal(): Promise<Story> {
  const aws = nextAccount();
  await write(aws, 25);
  const words = [process.execPath, 'client/bin/rollout.cjs', ...breakGlass(planIn(aws))];
  const python = join(ROOT, '.sandbox/venv-aws/bin/python');
  // Jest's own environment, where the helper has put the emulator's profiles.
  const given = { cwd: ROOT, env: { ...process.env, NO_COLOR: '1' }, stdio: 'pipe' } as const;
  const child = spawn(python, ['-c', IN_A_TERMINAL, JSON.stringify(words)], given);
  let told = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (told += part.toString()));
  const exit = once(child, 'exit');
  while (child.exitCode === null && !(await percentages(aws)).includes(0)) await sleep(100);
  await write(aws, 25);
  await exit;
  return { ran: JSON.parse(told) as unknown, written: await percentages(aws) };
}

describe('break-glass', () => {
  // Each waits for as long as a late write may take, in an account of its own: all wait at once.
  let stories: Readonly<Record<Closed | 'aws' | 'terminal', Story>>;
  beforeAll(async () => {
    const [stdout, stderr, both, aws, terminal] = await Promise.all([
      ...([lateRaise('stdout'), lateRaise('stderr'), lateRaise('both')] as const),
      ...([withoutAws(), withoutTerminal()] as const),
    ]);
    stories = { stdout, stderr, both, aws, terminal };
  });

  it.each<Closed>(['stdout', 'stderr', 'both'])(
    'looks again and writes 0 over a late raise, with %s closed',
    (closed) => {
      expect(stories[closed].ran).toMatchObject(ended(0));
      expect(stories[closed].written).toEqual([25, 0, 25, 0]);
    },
  );

  it('keeps trying while AWS is out of reach and its output has no reader', () => {
    expect(stories.aws.ran).toMatchObject(ended(0));
    expect(stories.aws.written).toEqual([25, 0]);
  });

  it('looks again when its terminal has gone', () => {
    expect(stories.terminal.ran).toMatchObject({ code: 0 });
    expect(stories.terminal.written).toEqual([25, 0, 25, 0]);
  });
});

/** A worker whose reader ends as soon as it is ready. */
async function unreadWorker(plan: string, address: string): Promise<ChildProcess> {
  const worker = spawn(process.execPath, ['--require', './register.cjs', 'worker/main.ts'], {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production', TEMPORAL_ADDRESS: address, ROLLOUT_PLAN: plan },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  await new Promise<void>((done, fail) => {
    let said = '';
    for (const stream of [worker.stdout, worker.stderr])
      stream.on('data', (part: Buffer) => {
        said += part.toString();
        if (said.includes('worker is ready')) done();
      });
    worker.once('exit', () => fail(new Error(said)));
  });
  worker.stdout.destroy();
  worker.stderr.destroy();
  return worker;
}

describe('beside a Temporal', () => {
  let temporal: TemporalProcess;
  beforeAll(async () => {
    temporal = await TemporalProcess.start();
  });
  afterAll(() => temporal.stop());

  it('status, watch and an abort end quietly, and the abort is done', async () => {
    const aws = nextAccount();
    await write(aws, 0);
    const plan = planIn(aws);
    const worker = await unreadWorker(plan, temporal.address);
    const client = await temporal.client();
    const input = {
      plan: aPlan({ aws, flag, watch: { alarms: [], guards: [], intervalMs: 1_000 } }),
      startedBy: 'ada',
    };
    const begin = { taskQueue: 'rollouts', workflowId: 'rollout-pavi-prod', args: [input] };
    const handle = await client.workflow.start('rollout', begin);
    const env = { TEMPORAL_ADDRESS: temporal.address };
    for (const closed of ['stdout', 'stderr', 'both'] as const)
      expect(await left(closed, ['status', 'prod', '--plan', plan], { env })).toMatchObject(ended(0));
    let watching: Promise<Left> | undefined;
    const watch = (onRead: () => void) => left('stdout', ['watch', 'prod', '--plan', plan], { env, onRead });
    await new Promise<void>((done) => void (watching = watch(done)));
    await handle.signal('pause', { by: 'ada', reason: 'to be seen' });
    expect(await left('both', ['abort', 'prod', '--plan', plan, '--reason', 'enough'], { env })).toMatchObject({
      signal: null,
    });
    expect(await watching).toMatchObject(ended(0));
    await handle.result();
    await client.connection.close();
    expect([worker.exitCode, worker.signalCode]).toEqual([null, null]);
    worker.kill('SIGKILL');
  });
});

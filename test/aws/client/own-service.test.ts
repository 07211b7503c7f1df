import { execFile } from 'node:child_process';
import { checkedAnswer } from '../../helpers/answers';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { freshAccount } from '../../helpers/aws/accounts';
import { awsFor, putAlarm } from '../../helpers/samples/looks';
import { TemporalProcess } from '../../helpers/temporal/temporal-process';
import { until } from '../../helpers/until';

jest.setTimeout(480_000);

const ROOT = resolve(__dirname, '../../..');
const aws = freshAccount();
const { cloudwatch } = awsFor(aws);
const ALARM = 'checkout-5xx-prod';
/** In MB (10^6 bytes), without CDK and Temporal's worker, which are optional parts. */
const MOST_MB = 150;
const run = promisify(execFile);

let temporal: TemporalProcess;
/** A folder that has nothing but the installed package. */
let folder: string;
let packed: readonly string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rollout-checkout-'));
  [temporal, packed] = await Promise.all([TemporalProcess.start(), installed()]);
}, 480_000);
afterAll(async () => {
  await temporal?.stop();
  rmSync(folder, { recursive: true });
});

/** Packs this checkout and installs the file, as a user does; the paths of its files. */
async function installed(): Promise<readonly string[]> {
  const pack = ['pack', '--json', '--pack-destination', folder, '--loglevel=error'];
  const { stdout } = await run('npm', pack, { cwd: ROOT, maxBuffer: 64 * 2 ** 20 });
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string; files: readonly { path: string }[] }];
  writeFileSync(join(folder, 'package.json'), '{}');
  const install = ['install', `./${filename}`, '--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error'];
  await run('npm', install, { cwd: folder });
  return files.map(({ path }) => path);
}

const environment = () => ({
  ...process.env,
  TEMPORAL_ADDRESS: temporal.address,
  ROLLOUT_ACTOR: 'ada',
  NO_COLOR: '1',
});

const program = (name: string): string => join(folder, 'node_modules/.bin', name);

/** As typed in the service's own repository. */
function typed(name: 'rollout' | 'start-rollout', ...words: readonly string[]) {
  const options = { cwd: folder, env: environment(), encoding: 'utf8' } as const;
  return new Promise<{ readonly code: number; readonly said: Record<string, unknown> }>((done, fail) =>
    execFile(program(name), [...words, '--json'], options, (error, stdout, stderr) => {
      try {
        done({ code: error === null ? 0 : Number(error.code), said: checkedAnswer(stdout) });
      } catch (wrong) {
        fail(new Error(`${name} ${words.join(' ')}: ${String(wrong)}${stdout}${stderr}`));
      }
    }),
  );
}

const state = (StateValue: 'OK' | 'ALARM') =>
  cloudwatch.send(new SetAlarmStateCommand({ AlarmName: ALARM, StateValue, StateReason: 'the test says so' }));

/** Before the parts are there. */
async function missingParts(): Promise<void> {
  const started = (name: string, more: NodeJS.ProcessEnv = {}) =>
    run(program(name), [], { cwd: folder, env: { ...environment(), ...more } }).catch((error: object) => error);
  expect(await started('rollout-worker')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^The package @temporalio\/worker is not installed: run `npm install \S+`\.\n$/,
    ) as string,
  });
  expect(await started('rollout-sandbox')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/^The sandbox needs more packages: run `npm install .*fastify@.*`\.\n$/) as string,
  });
  // As Node before 20.19, which cannot require ES modules.
  expect(await started('rollout-sandbox', { NODE_OPTIONS: '--no-experimental-require-module' })).toMatchObject({
    code: 1,
    stderr: `The sandbox needs a Node that can require ES modules, 20.19 or 22.12 and newer; this is ${process.version}.\n`,
  });
}

/** An optional part, with the packages that the line about the missing ones names, as `npm install` gives them. */
function add(part: 'worker' | 'sandbox'): void {
  const own = readFileSync(join(folder, 'node_modules/rollout-orchestrator/dist/package.json'), 'utf8');
  const { optional } = JSON.parse(own) as { optional: Readonly<Record<string, Readonly<Record<string, string>>>> };
  for (const name of Object.keys(optional[part] ?? {})) {
    const place = join(folder, 'node_modules', name);
    mkdirSync(dirname(place), { recursive: true });
    if (!existsSync(place)) symlinkSync(join(ROOT, 'node_modules', name), place);
  }
}

/** The sandbox in the folder, by what it prints: its set-up, its service, and a rollout by its plan. */
async function sandboxStory(): Promise<void> {
  add('sandbox');
  const { TEMPORAL_ADDRESS: _address, ROLLOUT_SANDBOX_STATE: _state, ...env } = environment() as NodeJS.ProcessEnv;
  const sandbox = execFile(program('rollout-sandbox'), ['--example', 'checkout', '--no-stories'], { cwd: folder, env });
  const ended = new Promise<number | null>((done) => sandbox.once('exit', done));
  let printed = '';
  sandbox.stderr?.on('data', (text: string) => (printed += text));
  try {
    while (!printed.includes('Ctrl-C stops it all.') && sandbox.exitCode === null) await sleep(200);
    const [, options = printed] = /npx rollout status us (.*)/.exec(printed) ?? [];
    const place = ['us', ...options.split(' ')];
    expect(await typed('start-rollout', ...place)).toMatchObject({ code: 0, said: { started: true } });
    expect(await typed('rollout', 'abort', ...place)).toMatchObject({ code: 0, said: { percentage: 0, done: true } });
  } finally {
    sandbox.kill('SIGINT');
  }
  expect(await ended).toBe(130);
}

const SCRIPT = `import { startRollout } from 'rollout-orchestrator/client';

const rollout = await startRollout('prod', { reason: 'release 2.4' });
for await (const { phase, percentage } of rollout.follow()) {
  console.log(phase, percentage);
}
const { outcome, why } = await rollout.result();
console.log(outcome, why);
await rollout.close();
`;

/** Steers the running rollout from other code, and prints what came of it. */
const STEER = `import { findRollout, RolloutError, startRollout } from 'rollout-orchestrator/client';

const failed = async (work) => work.then(() => undefined, (error) => error instanceof RolloutError && error.exitCode);
const second = await failed(startRollout('prod'));
const unknown = await failed(findRollout('nowhere'));
const rollout = await findRollout('prod', { by: 'bob' });
const { phase: paused } = await rollout.pause({ reason: 'a look' });
const { phase: still } = await rollout.pause();
const { phase: resumed } = await rollout.resume();
const wrongStep = await failed(rollout.skip({ percentage: 75 }));
const { changed } = await rollout.skip({ percentage: 25 });
const { next } = await rollout.status();
await rollout.close();
console.log(JSON.stringify({ second, unknown, paused, still, resumed, wrongStep, changed, next }));
`;

/** After its end: only a running rollout can be steered. */
const TOO_LATE = `import { findRollout } from 'rollout-orchestrator/client';

const rollout = await findRollout('prod');
const codes = [];
for (const verb of ['resume', 'pause', 'abort']) await rollout[verb]().catch(({ exitCode }) => codes.push(exitCode));
await rollout.close();
console.log(JSON.stringify(codes));
`;

it('the package holds no test file and no source, and is small without the optional parts', async () => {
  expect(packed).toEqual(expect.arrayContaining(['dist/client/main.js', 'dist/client/index.d.ts', 'package.json']));
  expect(packed.filter((path) => /(^|\/)(test|bench)(_|\/|\.)|golden-vectors|(?<!\.d)\.ts$/.test(path))).toEqual([]);
  const { stdout } = await run(process.execPath, [join(ROOT, 'build/size.mjs'), folder]);
  const megabytes = Number(/([\d.]+) MB\s+\d+ packages/.exec(stdout)?.[1]);
  expect(megabytes).toBeGreaterThan(20);
  expect(megabytes).toBeLessThan(MOST_MB);
});

it('types of the package are those that a strict TypeScript program needs', async () => {
  const text = `${SCRIPT}
import { createFlagReader } from 'rollout-orchestrator/flags';
export const wrong: string = createFlagReader;
export const percentage: number | undefined = (await rollout.status()).percentage;
`;
  writeFileSync(join(folder, 'types.mts'), text);
  const tsc = [join(ROOT, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--skipLibCheck'];
  const settings = [
    '--module',
    'node20',
    '--target',
    'es2023',
    '--types',
    'node',
    '--typeRoots',
    join(ROOT, 'node_modules/@types'),
  ];
  const failed = await run(process.execPath, [...tsc, ...settings, 'types.mts'], { cwd: folder }).catch(
    (error: { readonly stdout: string }) => error,
  );
  const errors = failed.stdout.split('\n').filter((line) => line.includes('error'));
  expect(errors).toEqual([
    expect.stringMatching(/types\.mts\(\d+,14\).*'FlagReader'|types\.mts.*not assignable to type 'string'/),
  ]);
});

// One story in one test: every part builds on the one before.
it('a service with one alarm, one parameter and no infrastructure is written, started from code, raised, and returned to 0 %', async () => {
  await putAlarm(aws, ALARM);
  await state('OK');
  const found = ['--service', 'checkout', '--from-alarms', 'checkout-', '--region', aws.region];
  const written = await typed('rollout', 'init', ...found, '--aws-profile', aws.profile, '--yes');
  expect(written).toMatchObject({ code: 0, said: { aws: { account: aws.account }, alarms: [ALARM], notes: [] } });
  const file = join(folder, 'rollout.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace('interval: 1m', 'interval: 1s'));
  expect(await typed('rollout', 'plan', 'prod')).toMatchObject({ code: 0, said: { environment: 'prod' } });
  expect((await typed('rollout', 'flags', 'init', 'prod')).code).toBe(0);
  await missingParts();
  add('worker');
  temporal.program = [program('rollout-worker')];
  await temporal.work(file);

  expect(await typed('rollout', 'deploy', 'prod')).toMatchObject({ code: 3, said: { rule: 'plan', deployed: false } });
  expect(await typed('rollout', 'setup', 'prod')).toMatchObject({
    code: 1,
    said: { error: expect.stringMatching(/npm install @aws-cdk\/toolkit-lib@\d.*constructs@\d/) as string },
  });

  writeFileSync(join(folder, 'script.mjs'), SCRIPT);
  const script = execFile(process.execPath, ['script.mjs'], { cwd: folder, env: environment() });
  let printed = '';
  for (const stream of [script.stdout, script.stderr]) stream?.on('data', (text: string) => (printed += text));
  const ended = new Promise<number | null>((done) => script.once('close', done));
  await until(async () => printed.includes('soaking 10'), '10 %');
  writeFileSync(join(folder, 'steer.mjs'), STEER);
  const steered = await run(process.execPath, ['steer.mjs'], { cwd: folder, env: environment() });
  expect(JSON.parse(steered.stdout)).toEqual({
    ...{ second: 3, unknown: 2, paused: 'paused', still: 'paused', resumed: 'soaking' },
    ...{ wrongStep: 3, changed: true, next: 50 },
  });
  await state('ALARM');
  expect(await ended).toBe(0);
  expect(printed).toMatch(new RegExp(`ended 0\\n(.*\\n)*rolled-back .*${ALARM}`));

  const status = (await typed('rollout', 'status', 'prod')).said;
  expect(status).toMatchObject({
    percentage: 0,
    phase: 'ended',
    outcome: { outcome: 'rolled-back', why: expect.stringContaining(ALARM) as string },
  });
  writeFileSync(join(folder, 'too-late.mjs'), TOO_LATE);
  const tooLate = await run(process.execPath, ['too-late.mjs'], { cwd: folder, env: environment() });
  expect(JSON.parse(tooLate.stdout)).toEqual([3, 3, 3]);
  await sandboxStory();
});

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DefaultLogger } from '@temporalio/worker';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createStackActivities } from '../../activities/act/stacks/stack';
import { createAwsFor } from '../../activities/aws';
import { ROOT } from '../../client/installed';
import { bootstrapAccount } from '../../sandbox/bootstrap';
import { bench } from '../bench';
import { clear, emptyPlace, emulatorFor, TARGET } from '../live/stage';
import { summary, type Summary } from '../summary';

const STACK = 'BenchStack';
const ROUNDS = 10;
const QUICK = 2;

interface Deployer {
  readonly name: string;
  /** Deploys the app with this value. */
  readonly deploy: (value: string) => Promise<void>;
}

interface DeployResult {
  readonly rows: readonly { readonly name: string; readonly changedMs: Summary; readonly unchangedMs: Summary }[];
}

/** The same app in the same account, in turns: by the activity of a worker that runs already, and by CDK's own command. */
export const deploy = bench<DeployResult>({
  run: async ({ quick, rounds = quick ? QUICK : ROUNDS }) => {
    const place = emptyPlace();
    const emulator = await emulatorFor(place);
    try {
      await bootstrapAccount(TARGET);
      const deployers: readonly Deployer[] = [
        { name: 'activity deployStacks', deploy: byActivity },
        { name: 'cdk deploy', deploy: (value) => byCommand(value, join(place.folder.path, 'cdk.out')) },
      ];
      return { rows: await inTurns(deployers, rounds) };
    } finally {
      await emulator.stop();
      clear(place);
    }
  },
  table: ({ rows }) => ({
    title: 'One small stack from the app to UPDATE_COMPLETE, in ms; the emulator takes no time over resources',
    columns: ['how', 'a change: median', 'p99', 'no change: median', 'p99'],
    rows: rows.map(({ name, changedMs, unchangedMs }) => [
      name,
      ...[changedMs.median, changedMs.p99, unchangedMs.median, unchangedMs.p99].map(Math.round),
    ]),
  }),
});

/** The first round creates the stack, and does not count. */
async function inTurns(deployers: readonly Deployer[], rounds: number): Promise<DeployResult['rows']> {
  const rows = deployers.map(({ name, deploy: by }) => ({
    name,
    by,
    changed: [] as number[],
    unchanged: [] as number[],
  }));
  for (let round = 0; round <= rounds; round += 1)
    for (const { name, by, changed, unchanged } of rows) {
      const value = `${name} ${round}`;
      const tookMs = [await timed(() => by(value)), await timed(() => by(value))] as const;
      if (round === 0) continue;
      changed.push(tookMs[0]);
      unchanged.push(tookMs[1]);
    }
  return rows.map(({ name, changed, unchanged }) => ({
    name,
    changedMs: summary(changed),
    unchangedMs: summary(unchanged),
  }));
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}

const app = (value: string): string => `node --require ./register.cjs bench/deploy/app.ts '${value}'`;

/** What the command would ask of servers other than AWS is not compared. */
const WITHOUT_NETWORK = { CI: '1', CDK_DISABLE_VERSION_CHECK: '1', CDK_DISABLE_CLI_TELEMETRY: 'true' };

const { deployStacks } = createStackActivities(createAwsFor());

async function byActivity(value: string): Promise<void> {
  const activity = new MockActivityEnvironment(
    { startToCloseTimeoutMs: 600_000 },
    { logger: new DefaultLogger('ERROR') },
  );
  const infrastructure = { app: app(value), directory: ROOT, stacks: [STACK] };
  await activity.run(deployStacks, { infrastructure, aws: TARGET, token: randomUUID() });
}

async function byCommand(value: string, output: string): Promise<void> {
  const { account, region, profile } = TARGET;
  const context = [`account=${account}`, `region=${region}`].flatMap((pair) => ['--context', pair]);
  const how = [
    '--app',
    app(value),
    '--output',
    output,
    '--profile',
    profile,
    '--require-approval',
    'never',
    '--no-notices',
  ];
  const words = [require.resolve('aws-cdk/bin/cdk'), 'deploy', STACK, ...how, ...context];
  await promisify(execFile)(process.execPath, words, { cwd: ROOT, env: { ...process.env, ...WITHOUT_NETWORK } });
}

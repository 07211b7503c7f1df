import { join } from 'node:path';
import { temporal } from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from '../../activities';
import { createAwsFor, createAwsForZero } from '../../activities/aws';
import { ROOT } from '../../client/installed';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { keptBundle, type KeptBundle } from '../../worker/bundle';
import { createWorker } from '../../worker/create';
import type { rollout } from '../../workflows';
import { LISTED, rolloutWorkflowId, TASK_QUEUE } from '../../workflows/messages';
import { bench } from '../bench';
import { type History, historiesOf } from '../histories';
import { counts } from '../live/count-calls';
import { clear, emptyPlace, emulatorFor } from '../live/stage';
import { summary, type Summary } from '../summary';
import { planOfEightDays } from './eight-days';

interface ScheduleResult {
  /** Of the server's clock, from the start to the end of the rollout. */
  readonly days: number;
  readonly looks: number;
  readonly wallS: number;
  /** Of the worker, which runs in the bench's own process. */
  readonly cpuS: number;
  /** Of all runs: how often it continued as new, plus one. */
  readonly runs: number;
  readonly events: number;
  readonly historyKb: number;
  /** Of the whole history, as a worker does that takes over. */
  readonly replayMs: Summary;
  readonly awsCalls: Readonly<Record<string, number>>;
}

const DAY_MS = 86_400_000;
const REPLAYS = 20;
const QUICK_REPLAYS = 5;

/** A good rollout of eight days on the time-skipping server, with every look: what it costs when nothing happens. */
export const schedule = bench<ScheduleResult>({
  run: async ({ quick, rounds = quick ? QUICK_REPLAYS : REPLAYS }) => {
    Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { forward: {} } } });
    const place = emptyPlace();
    const [emulator, env, bundle] = await Promise.all([emulatorFor(place), timeSkipping(), keptBundle()]);
    try {
      const plan = await planOfEightDays(quick ? '1h' : '5m');
      const worker = await workersFor(env);
      return await worker.runUntil(() => measured(env, bundle, { plan, rounds }));
    } finally {
      await env.teardown();
      await emulator.stop();
      clear(place);
    }
  },
  table: (result) => ({
    title: 'Eight days of a good rollout on the time-skipping server',
    columns: ['days', 'looks', 'wall s', 'CPU s', 'runs', 'events', 'history KB', 'replay ms', 'p99'],
    rows: [
      [
        result.days.toFixed(1),
        result.looks,
        result.wallS.toFixed(1),
        result.cpuS.toFixed(1),
        result.runs,
        result.events,
        result.historyKb,
        result.replayMs.median.toFixed(1),
        result.replayMs.p99.toFixed(1),
      ],
    ],
    notes: [
      'The time-skipping server takes about a tenth of a second for each look; a worker does not.',
      `Calls to AWS: ${Object.entries(result.awsCalls)
        .map(([api, count]) => `${api} ${count}`)
        .join(', ')}`,
    ],
  }),
});

async function timeSkipping(): Promise<TestWorkflowEnvironment> {
  const path = join(ROOT, '.sandbox/venv-temporal/bin/temporal-test-server');
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path } },
  });
  const searchAttributes = Object.fromEntries(
    LISTED.map(({ name, type }) => [name, temporal.api.enums.v1.IndexedValueType[`INDEXED_VALUE_TYPE_${type}`]]),
  );
  await env.connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes });
  return env;
}

/** As in production. The bundle is kept already. */
const workersFor = ({ nativeConnection: connection }: TestWorkflowEnvironment) =>
  createWorker({
    ...{ connection, namespace: 'default' },
    activities: createActivities(createAwsFor()),
    zeroActivities: createActivities(createAwsForZero()),
  });

async function measured(
  env: TestWorkflowEnvironment,
  bundle: KeptBundle,
  { plan, rounds }: { readonly plan: EnvironmentPlan; readonly rounds: number },
): Promise<ScheduleResult> {
  const before = { ...counts };
  const [startedMs, cpu] = [performance.now(), process.cpuUsage()];
  const workflowId = rolloutWorkflowId(plan.service, plan.environment);
  const handle = await env.client.workflow.start<typeof rollout>('rollout', {
    ...{ taskQueue: TASK_QUEUE, workflowId, args: [{ plan, startedBy: 'bench' }] },
  });
  const { outcome } = await handle.result();
  if (outcome !== 'completed') throw new Error(`the rollout has ended as ${outcome}`);
  const used = process.cpuUsage(cpu);
  const wallS = (performance.now() - startedMs) / 1_000;
  const histories = await historiesOf(env.client.workflow, workflowId);
  const times = histories.flatMap(({ events }) => events ?? []).map(({ eventTime }) => Number(eventTime?.seconds ?? 0));
  const days = (1_000 * (Math.max(...times) - Math.min(...times))) / DAY_MS;
  const bytes = histories.map((history) => temporal.api.history.v1.History.encode(history).finish().length);
  const calls = Object.entries(counts).map(([api, count]) => [api, count - (before[api] ?? 0)] as const);
  return {
    ...{ days, wallS, cpuS: (used.user + used.system) / 1e6, runs: histories.length },
    looks: calls.find(([api]) => api === 'DescribeAlarms')?.[1] ?? 0,
    events: histories.reduce((sum, { events }) => sum + (events?.length ?? 0), 0),
    historyKb: Math.round(bytes.reduce((sum, one) => sum + one, 0) / 1_024),
    replayMs: summary(await replays(histories.at(-1) ?? {}, bundle, { workflowId, rounds })),
    awsCalls: Object.fromEntries(calls.filter(([, count]) => count > 0)),
  };
}

/** The first one loads the code, and does not count. */
async function replays(
  history: History,
  workflowBundle: KeptBundle,
  { workflowId, rounds }: { readonly workflowId: string; readonly rounds: number },
): Promise<readonly number[]> {
  const all = Array.from({ length: rounds + 1 }, () => ({ workflowId, history }));
  const took: number[] = [];
  let beganMs = performance.now();
  for await (const { error } of Worker.runReplayHistories({ workflowBundle }, all)) {
    if (error !== undefined) throw error;
    took.push(performance.now() - beganMs);
    beganMs = performance.now();
  }
  return took.slice(1);
}

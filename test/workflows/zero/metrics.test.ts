import { DefaultLogger, Runtime } from '@temporalio/worker';
import { createAwsFor } from '../../../activities/aws';
import { QueueMetrics, serveMetrics, SupervisedMetrics } from '../../../worker/metrics';
import { PHASES } from '../../../rules/rollout/status/status';
import { superviseRollouts } from '../../../worker/supervise';
import type { rollout } from '../../../workflows';
import { abortSignal, IS_LISTED, rolloutWorkflowId, TASK_QUEUE } from '../../../workflows/messages';
import { freePort } from '../../../sandbox/process/free-port';
import { aPlan, FAILED_ALARM, HOUR_MS } from '../../helpers/samples/plans';
import { Rig } from '../../helpers/temporal/rig';

let rig: Rig;
let address = '';
beforeAll(async () => {
  address = `127.0.0.1:${await freePort()}`;
  // The runtime of the SDK takes it once, before the first server.
  serveMetrics({ ROLLOUT_METRICS: address }, new DefaultLogger('ERROR', () => undefined));
  rig = await Rig.startReal();
});
afterAll(() => rig.stop());

const plan = aPlan({
  steps: [50, 100].map((percentage) => ({ percentage, soakMs: HOUR_MS })),
  watch: { ...aPlan().watch, intervalMs: 200 },
});

/** What Prometheus would read, by the name with its labels; of labels only those that a test names. */
async function scraped(): Promise<readonly string[]> {
  const answer = await fetch(`http://${address}/metrics`);
  return (await answer.text()).split('\n').filter((line) => !line.startsWith('#'));
}
const of = (lines: readonly string[], name: string, ...labels: readonly string[]): readonly string[] =>
  lines.filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)));
const valueOf = (line: string | undefined): number => Number(line?.split(' ').at(-1));

it('a rollback is in the metrics of the worker: decisions, checks and the time from the breach to zero', async () => {
  const aws = rig.aws();
  await rig.runWith(aws.activities(), async () => {
    const handle = await rig.rollout(plan);
    while (aws.flag.percentage !== 50) await rig.env.sleep(50);
    let failures = 0;
    aws.beforeWrite = () => {
      failures += 1;
      if (failures === 1) throw aws.hopeless('AccessDenied');
    };
    await handle.signal('alarm-changed', { alarm: FAILED_ALARM, state: 'ALARM', atMs: Date.now(), reason: 'x' });
    await expect(handle.result()).resolves.toMatchObject({ outcome: 'rolled-back' });
    const lines = await scraped();
    const here = ['service="pavi"', 'environment="prod"'];
    expect(of(lines, 'rollout_decisions_total', 'decision="set-traffic"', ...here).map(valueOf)).toEqual([1]);
    expect(of(lines, 'rollout_checks_total', 'outcome="healthy"', ...here).map(valueOf)[0]).toBeGreaterThan(0);
    expect(
      of(lines, 'rollout_guard_findings_total', `guard="${FAILED_ALARM}"`, 'outcome="healthy"', ...here),
    ).toHaveLength(1);
    expect(of(lines, 'rollout_zero_failures_total', ...here).map(valueOf)).toEqual([1]);
    expect(of(lines, 'rollout_breach_to_zero_seconds_count', ...here).map(valueOf)).toEqual([1]);
    expect(of(lines, 'rollout_breach_to_zero_seconds_bucket', 'le="60"', ...here).map(valueOf)).toEqual([1]);
    expect(lines.some((line) => line.startsWith('temporal_'))).toBe(true);
  });
});

it('the supervision shows phase and percentage of a rollout as Temporal lists them', async () => {
  const aws = rig.aws();
  await rig.runWith({ ...aws.activities(), missingAttributes: async () => [] }, async () => {
    const environment = 'supervised';
    const handle = rig.remember(
      await rig.env.client.workflow.start<typeof rollout>('rollout', {
        ...{ workflowId: rolloutWorkflowId('pavi', environment), taskQueue: TASK_QUEUE, memo: IS_LISTED },
        args: [{ plan: { ...plan, environment }, startedBy: 'ada' }],
      }),
    );
    const stop = new AbortController();
    const parts = { client: rig.env.client, awsFor: createAwsFor(), logger: new DefaultLogger('ERROR'), everyMs: 200 };
    const supervising = superviseRollouts(parts, [{ ...plan, environment }], stop.signal);
    const values = async (name: string, ...labels: readonly string[]) =>
      of(await scraped(), name, `environment="${environment}"`, ...labels).map(valueOf);
    while ((await values('rollout_phase', 'phase="soaking"'))[0] !== 1) await rig.env.sleep(100);
    expect(await values('rollout_percentage')).toEqual([50]);
    expect(await values('rollout_running')).toEqual([1]);
    expect((await values('rollout_unchecked_seconds'))[0]).toBeLessThan(60);
    await handle.signal(abortSignal, { by: 'bob', reason: 'enough' });
    await handle.result();
    while ((await values('rollout_running'))[0] !== 0) await rig.env.sleep(100);
    expect(await values('rollout_percentage')).toEqual([0]);
    stop.abort();
    await supervising;
  });
});

it('an environment is in them as Temporal shows it from outside', async () => {
  const metrics = new SupervisedMetrics(plan);
  metrics.show({ running: true, phase: 'paused', percentage: 25, checkedAtMs: 1_000 }, 61_000);
  metrics.show({ running: true, phase: 'paused', percentage: 25, checkedAtMs: 1_000 }, 91_000);
  const lines = await scraped();
  const values = (name: string, ...labels: readonly string[]) =>
    of(lines, name, 'environment="prod"', ...labels).map(valueOf);
  expect(values('rollout_running')).toEqual([1]);
  expect(values('rollout_percentage')).toEqual([25]);
  expect(values('rollout_unchecked_seconds')).toEqual([90]);
  expect(values('rollout_phase', 'phase="paused"')).toEqual([1]);
  expect(values('rollout_phase', 'phase="soaking"')).toEqual([0]);
  expect(values('rollout_phase_seconds_total', 'phase="paused"')).toEqual([30]);
});

it('every phase, and whatever may block a raise, begins at 0 with the first look: Prometheus counts no increase from nothing', async () => {
  const metrics = new SupervisedMetrics({ ...plan, environment: 'first-look' });
  metrics.show({ running: false }, 61_000);
  const lines = await scraped();
  const here = (name: string): readonly string[] => of(lines, name, 'environment="first-look"');
  const phases = here('rollout_phase_seconds_total');
  for (const phase of PHASES) expect(phases.filter((line) => line.includes(`phase="${phase}"`))).toHaveLength(1);
  const blocked = here('rollout_window_blocked_seconds_total');
  for (const by of ['window', 'freeze']) expect(blocked.filter((line) => line.includes(`by="${by}"`))).toHaveLength(1);
  expect([...phases, ...blocked].map(valueOf)).toEqual([...PHASES, 'window', 'freeze'].map(() => 0));
});

it('the time that a window or a freeze keeps a rollout from its next raise is counted, and no other hold', async () => {
  const midnightMs = Date.UTC(2026, 10, 24);
  const windows = [{ zone: 'UTC', days: [2], from: '02:00', to: '04:00' }];
  const freezes = [{ fromMs: midnightMs + 3 * HOUR_MS, toMs: midnightMs + 4 * HOUR_MS, reason: 'a sale' }];
  const minute = (hour: number, phase: string): void => {
    const metrics = new SupervisedMetrics({ ...plan, environment: 'blocked', windows, freezes });
    metrics.show({ running: true, phase }, midnightMs + hour * HOUR_MS);
    metrics.show({ running: true, phase }, midnightMs + hour * HOUR_MS + 60_000);
  };
  minute(1, 'holding');
  minute(1.5, 'soaking');
  minute(2.5, 'holding');
  minute(3.5, 'holding');
  const lines = await scraped();
  const blocked = (by: string) =>
    of(lines, 'rollout_window_blocked_seconds_total', 'environment="blocked"', `by="${by}"`).map(valueOf);
  expect([blocked('window'), blocked('freeze')]).toEqual([[60], [60]]);
});

it('an alarm queue is in them with the oldest message of the last minute, and when it was read', async () => {
  const metrics = new QueueMetrics(Runtime.instance().metricMeter, 'changes', {
    account: '111111111111',
    region: 'us-east-1',
  });
  const values = async () => {
    const lines = await scraped();
    const value = (name: string) => of(lines, name, 'queue="changes"', 'account="111111111111"').map(valueOf);
    return [...value('rollout_push_queue_age_seconds'), ...value('rollout_push_queue_read_timestamp_seconds')];
  };
  metrics.read([], 1_000_000);
  expect(await values()).toEqual([0, 1_000]);
  metrics.read([995_000, 970_000], 1_000_000);
  metrics.read([], 1_020_000);
  expect(await values()).toEqual([30, 1_020]);
  metrics.read([], 1_090_000);
  expect(await values()).toEqual([0, 1_090]);
});

it('an address that cannot be used is refused with what to write', () => {
  expect(() => serveMetrics({ ROLLOUT_METRICS: '9464' })).toThrow('write a host and a port, such as 127.0.0.1:9464');
});

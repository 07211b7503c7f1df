import { readFollows } from '../../../../activities/observe/guards/follows';
import { readResultsOfJobs } from '../../../../activities/observe/guards/results';
import { createWatch, type WatchResult, type WatchOrder } from '../../../../activities/observe/watch';
import type { FollowsGuard, ResultsGuard } from '../../../../rules/guards/guard';
import type { RunningApi } from '../../../../sandbox/api/start-api';
import { minimalJob, variantJob } from '../../../../sandbox/pipeline/sample-jobs';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { awsFor, lookAt } from '../../../helpers/samples/looks';
import { names, PipelineApi } from '../../../helpers/samples/pipeline-api';
import { type ResultsProxy, startResultsProxy } from '../../../helpers/aws/results-proxy';
import { PAVI_KEYS, PAVI_SIDES } from '../../../../pavi/flag';
import { PAVI_JOBS, PAVI_KIND } from '../../../../pavi/jobs';

let world: PipelineApi;
let proxy: ResultsProxy;
let without: RunningApi;
let sinceMs: number;
const JOBS = 6;

beforeAll(async () => {
  world = await PipelineApi.start();
  sinceMs = Date.now();
  await world.setPercentage(100);
  proxy = await startResultsProxy(world.api.url);
  without = await world.another({ resultsBucket: 'written-nowhere' });
  const jobs = await Promise.all(
    Array.from({ length: JOBS }, (_, i) => world.submit(i % 2 === 0 ? minimalJob : variantJob)),
  );
  await Promise.all(jobs.map(({ view }) => world.ended(view.uuid)));
});
beforeEach(() => {
  proxy.fault = () => undefined;
  proxy.reads = 0;
});
afterAll(async () => {
  await Promise.all([proxy.close(), without.close()]);
  await world.stop();
});

const guard = (changes: Partial<ResultsGuard> = {}): ResultsGuard => ({
  ...{ name: 'results', kind: 'results', onBreach: 'rollback', stateMachine: names.stateMachine },
  ...{ jobs: PAVI_JOBS, places: [proxy.url], sample: 20, settleMs: 0, breach: { successRateBelow: 95 }, minSamples: 5 },
  ...changes,
});
const read = (changes: Partial<ResultsGuard> = {}, look = {}) =>
  readResultsOfJobs(
    guard(changes),
    lookAt(world.aws, { sinceMs, nowMs: Date.now() + 5_000, jobKinds: [PAVI_KIND], ...look }),
  );

describe('the results of jobs that succeeded in the step', () => {
  it('are read from the API, each kind of each job once', async () => {
    expect(await read()).toMatchObject({ succeeded: JOBS, good: JOBS, bad: 0, unanswered: 0, early: 0 });
    expect(proxy.reads).toBe(2 * JOBS);
  });

  it('are read of the same bounded sample at every check, and not again soon', async () => {
    const first = await read({ sample: 3 });
    const jobs = Object.keys(first.goodAtMs).sort();
    expect([first.succeeded, first.good, proxy.reads]).toEqual([JOBS, 3, 6]);
    expect(Object.keys((await read({ sample: 3 })).goodAtMs).sort()).toEqual(jobs);
    proxy.reads = 0;
    expect(await read({ sample: 3 }, { goodAtMs: first.goodAtMs })).toMatchObject({
      good: 3,
      goodAtMs: first.goodAtMs,
    });
    expect(proxy.reads).toBe(0);
  });

  it.each<[string, Parameters<typeof startResultsProxy>[1] & {}, object]>([
    ['404', () => ({ status: 404 }), { good: 0, bad: JOBS }],
    ['a page with 200', () => ({ text: '<html></html>' }), { good: 0, bad: JOBS }],
    [
      "another job's",
      ({ name }) => ({ text: name === 'alignment' ? 'CLUSTAL\n\nx  MFC\n' : '{"x":{}}' }),
      { bad: JOBS },
    ],
    ['503', () => ({ status: 503 }), { good: 0, bad: 0, unanswered: JOBS }],
  ])('that answer %s are counted as such', async (_what, fault, counts) => {
    proxy.fault = fault;
    expect(await read()).toMatchObject(counts);
  });

  it('are missing when one of several instances does not serve them', async () => {
    proxy.fault = () => ({ status: 404 });
    expect(await read({ places: [world.api.url, proxy.url, world.api.url] })).toMatchObject({ good: 0, bad: JOBS });
  });

  it('may come late while their job has just ended', async () => {
    proxy.fault = () => ({ status: 404 });
    expect(await read({ settleMs: 3_600_000 })).toMatchObject({ bad: 0, early: JOBS });
  });

  it('an API that hangs is not known, within the time of a check', async () => {
    proxy.fault = () => ({ delayMs: 60_000 });
    const startedMs = Date.now();
    expect(await read()).toMatchObject({ good: 0, bad: 0, unanswered: JOBS });
    expect(Date.now() - startedMs).toBeLessThan(60_000);
  });
});

describe('the watch', () => {
  const order = (changes: Partial<WatchOrder> = {}): WatchOrder => ({
    ...{ aws: world.aws, alarms: [], guards: [guard()], percentage: 100, intervalMs: 1_000 },
    ...{ sinceMs, holdsSinceMs: sinceMs },
    ...changes,
  });
  const watch = (asked: WatchOrder, memory?: object): Promise<WatchResult> =>
    activityEnvironment({ heartbeatDetails: memory }).run(createWatch(awsFor, [PAVI_KIND]).watchAlarms, asked);

  it('puts results that are missing to 0 %, and remembers good ones', async () => {
    expect(await watch(order())).toMatchObject({ outcome: 'healthy' });
    proxy.fault = () => ({ status: 404 });
    expect(await watch(order())).toMatchObject({ outcome: 'breach', guard: 'results', asks: 'rollback' });
  });

  it('takes an API that does not answer for an error after three looks, and asks for no rollback', async () => {
    proxy.fault = () => ({ status: 503 });
    const verdict = await watch(order(), { errorsInARow: { results: 2 } });
    expect(verdict).toMatchObject({ outcome: 'error', guard: 'results' });
    expect(verdict.asks).toBeUndefined();
  });
});

describe('whether each instance follows the flag', () => {
  const follows = (addresses: readonly string[], withinMs = 1): FollowsGuard => ({
    ...{ name: 'follows', kind: 'follows', onBreach: 'hold', environment: 'prod', addresses, withinMs, breach: {} },
    flag: { parameter: names.flagParameter, salt: names.flagSalt, format: PAVI_KEYS, sides: PAVI_SIDES },
  });
  const health = (url: string): string => `${url}/api/health`;
  const asked = (...addresses: readonly string[]) => readFollows(follows(addresses), lookAt(world.aws));

  it('follows by mode, percentage and generation, and the one that does not is named', async () => {
    expect((await asked(health(world.api.url))).told).toEqual([
      { where: health(world.api.url), says: 'follows', why: expect.any(String) },
    ]);
    const stale = await world.another({ flagParameter: '/pavi/none' });
    const { told } = await asked(health(world.api.url), health(stale.url));
    await stale.close();
    expect(told).toEqual([
      expect.objectContaining({ says: 'follows' }),
      { where: health(stale.url), says: 'otherwise', why: expect.stringContaining('execution_mode is "nextflow"') },
    ]);
  });

  it('is not known of one that does not answer', async () => {
    const { told } = await asked(health(world.api.url), 'http://127.0.0.1:9/api/health');
    expect(told[1]).toMatchObject({ says: 'nothing', why: expect.stringContaining('does not answer') });
  });

  it('is not known while the document cannot be read', async () => {
    const unread = { ...follows([health(world.api.url)]), flag: { parameter: '/none', salt: 's' } };
    await expect(readFollows(unread, lookAt(world.aws))).rejects.toThrow('not known');
  });

  it('holds the rollout by the watch', async () => {
    const stale = await world.another({ flagParameter: '/pavi/none' });
    const order: WatchOrder = {
      ...{ aws: world.aws, alarms: [], guards: [follows([health(stale.url)])], percentage: 100, intervalMs: 1_000 },
      ...{ sinceMs, holdsSinceMs: sinceMs },
    };
    const verdict = await activityEnvironment({
      heartbeatDetails: { errorsInARow: {}, otherwiseSinceMs: { follows: sinceMs } },
    }).run(createWatch(awsFor, [PAVI_KIND]).watchAlarms, order);
    await stale.close();
    expect(verdict).toMatchObject({ outcome: 'breach', guard: 'follows', asks: 'hold' });
  });
});

import { createWatch } from '../../../../activities/observe/watch';
import type { Guard } from '../../../../rules/guards/guard';
import type { Verdict } from '../../../../rules/guards/verdict';
import { type RunningApi, startApi } from '../../../../sandbox/api/start-api';
import { mustFailJob, variantJob } from '../../../../sandbox/pipeline/sample-jobs';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { awsFor } from '../../../helpers/samples/looks';
import { names, PipelineApi, until } from '../../../helpers/samples/pipeline-api';

/** Jobs of the sample API on both backends, and what a rollout's guards make of the traces they leave. */
let world: PipelineApi;
/** The same API with a Nextflow that is done at once: beside it Step Functions is slow. */
let besideQuick: RunningApi;

beforeAll(async () => {
  world = await PipelineApi.start();
  besideQuick = await startApi({ environment: 'prod', aws: world.aws, nextflowMs: 1, flagRefreshMs: 50 });
});
afterAll(async () => {
  await besideQuick.close();
  await world.stop();
});

const JOBS = 32;
const { watchAlarms } = createWatch(awsFor);

async function run(job: readonly object[], percentage: number, url = world.api.url): Promise<void> {
  const generation = await world.setPercentage(percentage);
  const ask = async <T>(path: string, init?: RequestInit): Promise<T> =>
    (await (await fetch(url + path, init)).json()) as T;
  await until(
    async () => (await ask<{ flags: { generation?: number } }>('/api/health')).flags.generation === generation,
  );
  const headers = { 'content-type': 'application/json' };
  const post = { method: 'POST', headers, body: JSON.stringify(job) };
  const jobs = await Promise.all(Array.from({ length: JOBS }, () => ask<{ uuid: string }>('/api/pipeline-job/', post)));
  for (const { uuid } of jobs)
    await until(async () =>
      ['completed', 'failed'].includes((await ask<{ status: string }>(`/api/pipeline-job/${uuid}`)).status),
    );
}

const judged = (guard: Guard, sinceMs: number): Promise<Verdict> =>
  activityEnvironment().run(watchAlarms, {
    aws: world.aws,
    alarms: [],
    guards: [guard],
    percentage: 50,
    ...{ sinceMs, holdsSinceMs: sinceMs, intervalMs: 1_000 },
  });

/** Until all lines of the jobs have arrived: the API writes them in batches. */
async function untilJudged(guard: Guard, sinceMs: number, outcome: Verdict['outcome']): Promise<Verdict> {
  let verdict: Verdict | undefined;
  await until(async () => (verdict = await judged(guard, sinceMs)).outcome === outcome);
  return verdict!;
}

const compared = {
  kind: 'comparison',
  group: names.apiLogGroup,
  pattern: '"job-finished"',
  side: { field: 'backend', fresh: 'step-functions', baseline: 'nextflow' },
} as const;
const slower: Guard = {
  ...compared,
  name: 'slower-than-nextflow',
  onBreach: 'hold',
  durationField: 'durationMs',
  breach: { slowerByPercent: 20 },
};
const worse: Guard = {
  ...compared,
  name: 'worse-than-nextflow',
  onBreach: 'rollback',
  failure: { field: 'fault', values: ['pipeline'] },
  breach: { failuresHigherByPoints: 5 },
};
const failures: Guard = {
  name: 'failed-jobs',
  kind: 'logs',
  onBreach: 'rollback',
  group: names.apiLogGroup,
  pattern: '"job-finished" "failed" -"user-input"',
  periodMs: 1_000,
  breach: { above: 0 },
};
const executions: Guard = {
  name: 'success-rate',
  kind: 'executions',
  onBreach: 'rollback',
  stateMachine: names.stateMachine,
  userErrors: ['InvalidInput'],
  breach: { successRateBelow: 95 },
};

it('holds when the new side is slower than the old one, and not beside one that takes its time', async () => {
  const sinceMs = Date.now();
  await run(variantJob, 0, besideQuick.url);
  await run(variantJob, 100, besideQuick.url);
  expect(await untilJudged(slower, sinceMs, 'breach')).toMatchObject({ asks: 'hold', guard: 'slower-than-nextflow' });
  const laterMs = Date.now();
  await run(variantJob, 0);
  await run(variantJob, 100);
  expect(await untilJudged(slower, laterMs, 'healthy')).toMatchObject({
    why: expect.stringContaining('within bounds') as string,
  });
});

it('rolls back for a regression that only the new side has, by its log, its executions and the comparison', async () => {
  const sinceMs = Date.now();
  await run(variantJob, 0);
  await world.post('/sandbox/regression', '{"on":true}');
  await run(variantJob, 100);
  await world.post('/sandbox/regression', '{"on":false}');
  for (const guard of [failures, worse, executions]) {
    const verdict = await untilJudged(guard, sinceMs, 'breach');
    expect([guard.name, verdict.asks]).toEqual([guard.name, 'rollback']);
  }
});

it("counts the users' mistakes on both sides as no failure", async () => {
  const sinceMs = Date.now();
  await run(mustFailJob, 0);
  await run(mustFailJob, 100);
  await run(variantJob, 100);
  // The log last: by then every line of the jobs has arrived.
  for (const guard of [worse, executions, failures]) {
    const verdict = await untilJudged(guard, sinceMs, 'healthy');
    expect([guard.name, verdict.outcome]).toEqual([guard.name, 'healthy']);
  }
});

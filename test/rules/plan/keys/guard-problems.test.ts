import type { Path } from '../../../../rules/plan/problems/problems';
import { problemAt, problemsAfter } from '../broken-plan';
import { first, stateMachine, jobs, query, metric, logs, compare, withGuards, without } from './sample-guards';

type Row = readonly [what: string, guard: object, at: Path, problem: RegExp, remedy: RegExp];

const rows: readonly Row[] = [
  [
    'one that looks at nothing',
    without(jobs, 'executions'),
    [],
    /measures nothing/,
    /metric, logs, executions, compare/,
  ],
  ['one that looks at two things', { ...jobs, logs: logs.logs }, ['executions'], /second .* beside logs/, /another/],
  ['one without limits', { ...jobs, breachWhen: {} }, ['breachWhen'], /no limit/, /successRateBelow or average/],
  ['one without breachWhen', without(jobs, 'breachWhen'), ['breachWhen'], /missing/, /above: 5/],
  [
    'a limit of another kind',
    { ...jobs, breachWhen: { above: 5 } },
    ['breachWhen', 'above'],
    /no meaning for exec/,
    /success/,
  ],
  [
    'a misspelt limit',
    { ...jobs, breachWhen: { ...jobs.breachWhen, abov: 5 } },
    ['breachWhen', 'abov'],
    /unknown/,
    /above/,
  ],
  [
    'a success rate over 100',
    { ...jobs, breachWhen: { successRateBelow: 101 } },
    ['breachWhen', 'successRateBelow'],
    /100/,
    /95/,
  ],
  [
    'limits that leave nothing good',
    { ...logs, breachWhen: { above: 1, below: 2 } },
    ['breachWhen', 'below'],
    /every/,
    /1 or less/,
  ],
  ['a name with spaces', { ...jobs, name: 'Jobs succeed' }, ['name'], /joined by hyphens/, /jobs-succeed/],
  ['no samples', { ...jobs, minSamples: 0 }, ['minSamples'], /1 or more/, /from 1/],
  ['half a sample', { ...jobs, minSamples: 1.5 }, ['minSamples'], /whole number/, /whole number/],
  [
    'too few of nothing',
    { ...logs, tooFew: { within: '1d', then: 'hold' } },
    ['tooFew'],
    /without minSamples/,
    /minSamples/,
  ],
  ['too few without an end', { ...jobs, tooFew: { then: 'hold' } }, ['tooFew', 'within'], /missing/, /3d/],
  [
    'a percentage of no step',
    { ...jobs, percentages: [10, 30] },
    ['percentages', 1],
    /not a percentage/,
    /10, 25, 50, 75, 100/,
  ],
  ['a tolerance below zero', { ...logs, failureLimit: -1 }, ['failureLimit'], /negative/, /from 0/],
  ['a tolerance of jobs', { ...jobs, failureLimit: 1 }, ['failureLimit'], /no meaning for executions/, /remove it/],
  [
    'freshness of a comparison',
    { ...compare, staleAfter: '1h' },
    ['staleAfter'],
    /no meaning for compare/,
    /remove it/,
  ],
  ['a delay as long as a soak', { ...jobs, initialDelay: '1d' }, ['initialDelay'], /soak of 10 %, 1d/, /shorter/],
  [
    'a period that the delay leaves no room for',
    { ...logs, initialDelay: '23h', logs: { ...logs.logs, period: '2h' } },
    ['logs', 'period'],
    /soak of 10 %, 1d, after an initialDelay of 23h/,
    /shorter/,
  ],
  ['an unknown reaction to no data', { ...jobs, onNoData: 'holdd' }, ['onNoData'], /one of hold/, /^write hold$/],
  ['a dry run in words', { ...jobs, dryRun: 'yes' }, ['dryRun'], /true or false/, /true or false/],
  [
    'a state machine of all environments',
    { ...jobs, executions: { stateMachine: 'sfn' } },
    ['executions', 'stateMachine'],
    /\{env\}/,
    /orders-\{env\}/,
  ],
  [
    'certainty of 100 %',
    { ...jobs, executions: { stateMachine, confidence: 100 } },
    ['executions', 'confidence'],
    /from 50/,
    /95/,
  ],
  [
    'no metrics',
    { ...metric, metric: { metrics: {}, period: '1h' } },
    ['metric', 'metrics'],
    /at least one metric/,
    /one under it/,
  ],
  [
    'metrics without math',
    { ...metric, metric: without(metric.metric, 'expression') },
    ['metric', 'expression'],
    /2 metrics/,
    /failed and started/,
  ],
  [
    'math over what is not there',
    { ...metric, metric: { ...metric.metric, expression: 'failed / started + stopped' } },
    ['metric', 'expression'],
    /uses stopped/,
    /failed, started/,
  ],
  [
    'math that forgets a metric',
    { ...metric, metric: { ...metric.metric, expression: 'failed * 2' } },
    ['metric', 'expression'],
    /not use started/,
    /all metrics/,
  ],
  [
    'a metric of all environments',
    { ...metric, metric: { ...metric.metric, metrics: { failed: without(query, 'dimensions'), started: query } } },
    ['metric', 'metrics', 'failed'],
    /\{env\}/,
    /dimension/,
  ],
  [
    'a metric under a bad name',
    { ...metric, metric: { metrics: { Failed: query }, period: '1h' } },
    ['metric', 'metrics', 'Failed'],
    /lower-case letter/,
    /failed: \{/,
  ],
  [
    'a statistic that is none',
    { ...metric, metric: { metrics: { m: { ...query, statistic: 'Mean' } }, period: '1h' } },
    ['metric', 'metrics', 'm', 'statistic'],
    /statistic of CloudWatch/,
    /Average/,
  ],
  [
    'a period that CloudWatch does not have',
    { ...metric, metric: { ...metric.metric, period: '90s' } },
    ['metric', 'period'],
    /whole minutes/,
    /5m/,
  ],
  [
    'a log group with spaces',
    { ...logs, logs: { ...logs.logs, group: '/pavi api/{env}' } },
    ['logs', 'group'],
    /letters, digits/,
    /\/shop\/api\/\{env\}/,
  ],
  [
    'durations that no field has',
    { ...compare, compare: without(compare.compare, 'duration') },
    ['compare', 'duration'],
    /slowerByPercent needs it/,
    /durationMs/,
  ],
  [
    'failures that no field has',
    { ...compare, breachWhen: { failuresHigherByPoints: 1 } },
    ['compare', 'failure'],
    /failuresHigherByPoints needs it/,
    /outcome/,
  ],
  [
    'a side against itself',
    { ...compare, compare: { ...compare.compare, sides: { field: 'backend', new: 'a', old: 'a' } } },
    ['compare', 'sides', 'old'],
    /same as the new side/,
    /old side/,
  ],
];

describe('checkPlan, guards', () => {
  it.each(rows)('refuses %s and says what to write', (_what, guard, ...[at, problem, remedy]) => {
    expect(problemsAfter(withGuards(guard))).toEqual([problemAt([...first, ...at], problem, remedy)]);
  });
});

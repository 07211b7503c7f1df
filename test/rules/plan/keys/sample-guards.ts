import type { Edit } from '../broken-plan';

export const GUARDS = ['watch', 'guards'] as const;
export const first = [...GUARDS, 0] as const;

export const stateMachine = 'pavi-pipeline-sfn-{env}';
export const jobs = {
  name: 'jobs-succeed',
  executions: { stateMachine },
  breachWhen: { successRateBelow: 95 },
  minSamples: 20,
  onBreach: 'rollback',
};
export const query = {
  namespace: 'AWS/States',
  metric: 'ExecutionsFailed',
  statistic: 'Sum',
  dimensions: { Name: '{env}' },
};
export const metric = {
  name: 'failures',
  metric: { metrics: { failed: query, started: query }, expression: 'FILL(failed, 0) / started * 100', period: '1h' },
  breachWhen: { above: 5 },
  onBreach: 'rollback',
};
export const logs = {
  name: 'errors',
  logs: { group: '/pavi/api/{env}', pattern: 'ERROR', period: '30m' },
  breachWhen: { above: 0 },
  onBreach: 'hold',
};
export const compare = {
  name: 'not-slower',
  compare: {
    group: '/pavi/api/{env}',
    pattern: '{ $.event = "job-finished" }',
    sides: { field: 'backend', new: 'step-functions', old: 'nextflow' },
    duration: 'durationMs',
  },
  breachWhen: { slowerByPercent: 20 },
  onBreach: 'hold',
};
export const results = {
  name: 'results-are-served',
  results: { stateMachine },
  breachWhen: { successRateBelow: 95 },
  onBreach: 'rollback',
};
export const all = [jobs, metric, logs, compare, results];

export const withGuards = (...guards: readonly object[]): Edit => ({ at: GUARDS, to: guards });
export const without = <T extends object>(value: T, key: keyof T): object =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== key));

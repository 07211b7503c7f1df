import { PAVI_KEYS } from '../../../pavi/flag';
import { checkOf } from '../../../rules/checks/check';
import type { Delivery } from '../../../rules/delivery/delivery';
import type { DeployablePlan } from '../../../rules/deployment/deployable';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export const FAILED_ALARM = 'pavi-sfn-executions-failed-prod';
export const SLOW_ALARM = 'pavi-sfn-execution-time-high-prod';
export const THROTTLED_ALARM = 'pavi-sfn-executions-throttled-prod';

const patient = { atMostMs: 30 * DAY_MS, then: 'continue' } as const;

/** A perfect plan, the runbook's schedule with open windows; each test breaks one thing. */
export function aPlan(changes: Partial<EnvironmentPlan> = {}): DeployablePlan {
  const plan = {
    service: 'pavi',
    environment: 'prod',
    aws: { account: '333333333333', region: 'us-east-1' },
    flag: {
      parameter: '/pavi/prod/step-functions-rollout',
      salt: 'pavi-prod',
      sides: { new: 'Step Functions', old: 'Nextflow' },
    },
    steps: [
      { percentage: 10, soakMs: DAY_MS },
      { percentage: 25, soakMs: 2 * DAY_MS },
      { percentage: 50, soakMs: 2 * DAY_MS },
      { percentage: 75, soakMs: 2 * DAY_MS },
      { percentage: 100, soakMs: DAY_MS },
    ],
    watch: {
      // Divides no soak: under time skipping a check would end in the very moment its wait is over, and the test server
      // refuses to cancel an activity that has just ended (ACTIVITY_UNKNOWN), which a real server takes.
      intervalMs: 13 * MINUTE_MS,
      alarms: [
        { name: FAILED_ALARM, onBreach: 'rollback' },
        { name: SLOW_ALARM, onBreach: 'hold' },
        { name: THROTTLED_ALARM, onBreach: 'notify' },
      ],
      guards: [],
    },
    infrastructure: { app: 'node app.js', directory: '.', stacks: ['PaviStepFunctionsStack-prod'] },
    windows: [],
    freezes: [],
    approvals: { required: 0, starterMayApprove: true, before: 'first-raise', validForMs: 7 * DAY_MS },
    checklist: [],
    verification: { monitorMs: 0 },
    limits: { paused: patient, held: patient, evidence: patient, approval: patient, checklist: patient },
    ...changes,
  } satisfies EnvironmentPlan;
  return plan as DeployablePlan;
}

/** The fallback of PAVI's plan, with its checks. */
export const theFallback = {
  checks: [
    checkOf('instances', { kind: 'instances-on-old-side' }),
    checkOf('in-flight', { kind: 'none-in-flight' }),
    checkOf('jobs', { kind: 'jobs-on-old-side' }),
  ],
  fallback: { name: 'nextflow', checks: ['instances', 'in-flight', 'jobs'] },
} satisfies Partial<EnvironmentPlan>;

/** Over in two hours. */
export const soon = aPlan({
  steps: [
    { percentage: 50, soakMs: HOUR_MS },
    { percentage: 100, soakMs: HOUR_MS },
  ],
  watch: { ...aPlan().watch, intervalMs: 7 * MINUTE_MS },
});

/** To an API that knows only environment variables. */
export const theDelivery: Delivery = {
  to: { kind: 'ecs', cluster: 'pavi', service: 'pavi-api-prod', container: 'api' },
  variables: PAVI_KEYS,
  report: { address: 'http://127.0.0.1:9/api/health', instanceField: 'instance' },
  withinMs: 15 * MINUTE_MS,
};

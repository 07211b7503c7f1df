import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { checkPlan } from '../../../rules/plan/plan';
import { environmentPlan } from '../../../rules/plan/resolve';
import { PLANS, problemsOf } from './broken-plan';
import { PAVI_KEYS } from '../../../pavi/flag';
import { PAVI_JOBS } from '../../../pavi/jobs';

const ENVIRONMENTS = ['dev', 'staging', 'prod'];
const DAY_MS = 86_400_000;

function plan(file: string, environment: string): EnvironmentPlan {
  const checked = checkPlan(readFileSync(join(PLANS, file), 'utf8'));
  const resolved = checked.ok ? environmentPlan(checked.plan, environment) : checked;
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return resolved.plan;
}

describe.each(['pavi.yaml', 'sandbox.yaml'])('plans/%s', (file) => {
  it('has no problems', () => {
    expect(problemsOf(readFileSync(join(PLANS, file), 'utf8'))).toEqual([]);
  });

  it.each(ENVIRONMENTS)('resolves for %s, with no placeholder left', (environment) => {
    const resolved = plan(file, environment);
    expect(JSON.stringify(resolved)).not.toMatch(/[{]env[}]/);
    expect(JSON.parse(JSON.stringify(resolved))).toEqual(resolved);
    expect(resolved.flag).toEqual({
      parameter: `/pavi/${environment}/step-functions-rollout`,
      salt: `pavi-${environment}`,
      format: PAVI_KEYS,
      sides: { new: 'Step Functions', old: 'Nextflow' },
    });
    expect(resolved.watch).toMatchObject({
      alarms: [
        { name: `pavi-sfn-executions-failed-${environment}`, onBreach: 'rollback' },
        { name: `pavi-sfn-executions-timeout-${environment}`, onBreach: 'rollback' },
        { name: `pavi-sfn-execution-time-high-${environment}`, onBreach: 'hold' },
        { name: `pavi-sfn-executions-throttled-${environment}`, onBreach: 'hold' },
      ],
      pushQueue: `pavi-rollout-alarms-${environment}`,
      dashboard: `PAVI-StepFunctions-Pipeline-${environment}`,
    });
    expect(resolved.steps.map(({ percentage }) => percentage)).toEqual([10, 25, 50, 75, 100]);
  });

  it('names files that exist', () => {
    const { infrastructure, verification } = plan(file, 'prod');
    const { app = '', directory = '' } = infrastructure ?? {};
    const command = app.split(' ').at(-1) ?? '';
    expect(existsSync(resolve(PLANS, directory, command))).toBe(true);
    const read = (path = ''): string => readFileSync(join(PLANS, path), 'utf8');
    // Two sequences: an alignment program refuses a single one.
    expect(JSON.parse(read(verification.testJob))).toHaveLength(2);
    expect(JSON.parse(read(verification.failingJob?.job))).toHaveLength(1);
    expect(JSON.parse(read(verification.badJob))).toHaveLength(1);
    expect(Object.keys(JSON.parse(read(verification.golden?.seqInfo)) as object)).toEqual(['test-001', 'test-002']);
    expect(read(verification.golden?.alignment)).toMatch(/^CLUSTAL/);
  });

  it('tells editors its schema in the first line', () => {
    const [first] = readFileSync(join(PLANS, file), 'utf8').split('\n');
    expect(first).toBe('# yaml-language-server: $schema=plan.schema.json');
  });
});

describe('plans/pavi.yaml, the runbook', () => {
  const runbook = plan('pavi.yaml', 'prod');

  it('raises on days 1, 2, 4, 6 and 8', () => {
    expect(runbook.steps.map(({ soakMs }) => soakMs / DAY_MS)).toEqual([1, 2, 2, 2, 1]);
  });

  it('opens prod from Tuesday to Thursday, 10 AM to 2 PM ET, staging in business hours, dev always', () => {
    expect(runbook.windows).toEqual([{ zone: 'America/New_York', days: [2, 3, 4], from: '10:00', to: '14:00' }]);
    const staging = { zone: 'America/New_York', days: [1, 2, 3, 4, 5], from: '09:00', to: '17:00' };
    expect(plan('pavi.yaml', 'staging').windows).toEqual([staging]);
    expect(plan('pavi.yaml', 'dev').windows).toEqual([]);
  });

  it('asks for two people besides the starter in prod only', () => {
    expect(runbook.approvals).toMatchObject({ required: 2, starterMayApprove: false, before: 'first-raise' });
    expect(plan('pavi.yaml', 'staging').approvals.required).toBe(0);
  });

  it('has the checklists of staging and prod word for word', () => {
    const texts = (environment: string) => plan('pavi.yaml', environment).checklist.map(({ text }) => text);
    expect(texts('dev')).toEqual([]);
    expect(texts('staging')).toEqual([
      'Run E2E tests against staging API',
      'Verify CloudWatch dashboard shows metrics',
      'Confirm alarms are not firing',
      'Test with sample pipeline jobs',
    ]);
    expect(texts('prod')).toEqual([
      'Staging validation complete',
      'No active incidents',
      'Team notified of deployment',
      'Rollback plan reviewed',
    ]);
  });

  it('guards by the numbers of PAVI: failures over 5 %, success under 95 %, 10 minutes, 20 % slower, errors of the API', () => {
    const guards = runbook.watch.guards.map((guard) => [guard.name, guard.kind, guard.breach, guard.onBreach]);
    expect(guards).toEqual([
      ['first-jobs-succeed', 'executions', { successRateBelow: 95 }, 'rollback'],
      ['jobs-succeed', 'executions', { successRateBelow: 95 }, 'rollback'],
      ['results-are-served', 'results', { successRateBelow: 95 }, 'rollback'],
      ['failures-in-an-hour', 'metric', { above: 5 }, 'rollback'],
      ['jobs-take-minutes', 'executions', { averageDurationAboveMs: 600_000 }, 'hold'],
      ['not-slower-than-nextflow', 'comparison', { slowerByPercent: 20 }, 'rollback'],
      ['api-errors-against-nextflow', 'comparison', { failuresHigherByPoints: 1 }, 'rollback'],
      ['api-errors', 'logs', { above: 0 }, 'hold'],
    ]);
    expect(plan('pavi.yaml', 'dev').watch.guards).toEqual([]);
  });

  it('wants no more jobs than 50 a day bring in the soak, but for the first step, and never five for a proof', () => {
    for (const { percentage, soakMs } of runbook.steps) {
      const ofJobs = runbook.watch.guards.filter(
        ({ kind, name, percentages }) =>
          (kind === 'executions' || name === 'not-slower-than-nextflow') && percentages?.includes(percentage) !== false,
      );
      const days = Math.max(2, soakMs / DAY_MS);
      for (const { kind, minSamples = 30 } of ofJobs) {
        const share = kind === 'comparison' ? Math.min(percentage, 100 - percentage) : percentage;
        expect(minSamples).toBeLessThanOrEqual((50 * days * share) / 100);
        expect(minSamples).toBeGreaterThan(5);
      }
    }
  });

  it('proves what can be proved and leaves the rest to people', () => {
    const proofs = (environment: string) =>
      plan('pavi.yaml', environment).checklist.map(({ id, proof }) => [id, proof?.by ?? 'a person']);
    expect(proofs('staging')).toEqual([
      ['e2e-tests-run', 'end-to-end'],
      ['dashboard-shows-metrics', 'dashboard-has-data'],
      ['alarms-not-firing', 'alarms-quiet'],
      ['sample-jobs-tested', 'sample-jobs'],
    ]);
    expect(proofs('prod')).toEqual([
      ['staging-validation-complete', 'rollout-completed'],
      ['no-active-incidents', 'a person'],
      ['team-notified', 'team-notified'],
      ['rollback-plan-reviewed', 'a person'],
    ]);
  });

  it('deploys the compute stack before the pipeline stack, in the one account', () => {
    expect(runbook.infrastructure?.stacks).toEqual(['PaviComputeStack-prod', 'PaviStepFunctionsStack-prod']);
    expect(runbook.aws).toEqual({ account: '100225593120', region: 'us-east-1' });
  });

  it('deploys staging after dev, prod after what staging has verified, with two people and the checklist', () => {
    const deployment = (environment: string) => plan('pavi.yaml', environment).deployment;
    expect(deployment('dev')).toMatchObject({
      nextEnvironments: [{ environment: 'staging' }],
      approvals: { required: 0 },
    });
    expect(deployment('dev')?.after).toBeUndefined();
    expect(deployment('staging')).toMatchObject({
      after: { environment: 'dev', needs: 'deployed' },
      rolloutNeeds: 'verified',
      nextEnvironments: [{ environment: 'prod', infrastructure: { stacks: runbook.infrastructure?.stacks } }],
      approvals: { required: 0 },
      checklist: [],
    });
    expect(deployment('prod')).toEqual({
      after: { environment: 'staging', aws: runbook.aws, needs: 'verified' },
      rolloutNeeds: 'verified',
      nextEnvironments: [],
      approvals: { required: 2, starterMayApprove: false, validForMs: 7 * DAY_MS },
      checklist: runbook.checklist.slice(1),
    });
  });

  it('verifies health, a test job and 30 minutes of monitoring, and probes before the first raise', () => {
    expect(runbook.verification).toEqual({
      healthUrl: 'https://api.pavi.alliancegenome.org/api/health',
      apiUrl: 'https://api.pavi.alliancegenome.org',
      jobs: PAVI_JOBS,
      deploymentStatus: false,
      testJob: 'pavi-test-job.json',
      golden: { alignment: 'pavi-test-job-golden.aln', seqInfo: 'pavi-test-job-golden.json' },
      failingJob: { job: 'pavi-failing-job.json', says: 'FAILURE_TEST_SEQ_ID' },
      badJob: 'pavi-bad-job.json',
      stateMachine: 'pavi-pipeline-sfn-prod',
      limits: { answersMs: 120_000, jobsMs: 35 * 60_000 },
      probeJobs: 4,
      monitorMs: 30 * 60_000,
    });
  });

  it('requires everything of prod, and of environments without an API what can be looked at without one', () => {
    const required = (environment: string) => plan('pavi.yaml', environment).verification.require;
    expect(required('prod')).toBeUndefined();
    for (const environment of ['dev', 'staging'])
      expect(required(environment)).toEqual(['step-functions', 'alarms', 'dashboard']);
  });
});

describe('plans/sandbox.yaml', () => {
  it('has seconds in place of days, open windows and an account for each environment', () => {
    const plans = ENVIRONMENTS.map((environment) => plan('sandbox.yaml', environment));
    expect(plans.every(({ steps }) => steps.every(({ soakMs }) => soakMs >= 2000 && soakMs <= 10_000))).toBe(true);
    expect(plans.flatMap(({ windows, freezes, checklist }) => [...windows, ...freezes, ...checklist])).toEqual([]);
    expect(plans.every(({ approvals }) => approvals.required === 0)).toBe(true);
    expect(plans.map(({ deployment }) => deployment?.after?.needs)).toEqual([undefined, undefined, 'verified']);
    expect(plans.map(({ deployment }) => deployment?.rolloutNeeds)).toEqual([undefined, 'verified', 'verified']);
    expect(plans.map(({ aws }) => [aws.account, aws.profile])).toEqual([
      ['111111111111', 'sandbox-dev'],
      ['222222222222', 'sandbox-staging'],
      ['333333333333', 'sandbox-prod'],
    ]);
  });
});

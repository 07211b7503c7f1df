import type { ExecutionOrder, FollowOrder, FoundJob, SubmitOrder } from '../../../activities/act/jobs/verify-jobs';
import { PAVI_JOBS } from '../../../pavi/jobs';
import type { EnvironmentPlan, Verification as Asked } from '../../../rules/plan/environment-plan';
import type { DeploymentRecord, Verified } from '../../../rules/stacks/deployment-record';
import type { FakeAws } from '../aws/fake-aws';
import { aPlan, MINUTE_MS } from './plans';

/** Everything but the status of the deployment. */
export const asked: Asked = {
  ...{ monitorMs: 30 * MINUTE_MS, jobs: PAVI_JOBS, apiUrl: 'https://api.example.org', stateMachine: 'machine' },
  ...{ testJob: 'job.json', badJob: 'bad.json', failingJob: { job: 'failing.json', says: 'not present' } },
};
// Divides no half an hour: see aPlan.
const watch = { ...aPlan().watch, intervalMs: 7 * MINUTE_MS, dashboard: 'PAVI-prod' };
export const planOf = (verification: Asked): EnvironmentPlan => aPlan({ verification, watch });

const deployed = {
  ...{ atMs: 1, by: 'ada', workflowId: 'deployment-pavi-prod', runId: 'run', template: 'abc123', nextTemplates: {} },
};

/** Activities of a verification in which everything is as it must be; each test changes one thing. */
export class VerificationHands {
  readonly submitted: SubmitOrder[] = [];
  readonly followed: FollowOrder[] = [];
  readonly executed: ExecutionOrder[] = [];
  readonly verified: Verified[] = [];
  record: DeploymentRecord = { schema: 1, deployed };
  dashboards = 0;
  /** Whether the API puts a job where the header asks for it. */
  takesProbes = true;

  constructor(readonly aws: FakeAws) {}

  activities(changes: object = {}) {
    const fine = (why: string) => async () => ({ ok: true, why });
    return {
      ...this.aws.activities(),
      checkHealth: fine('up, nextflow'),
      checkDeploymentStatus: fine('healthy'),
      refuseBadInput: fine('refused with 422'),
      checkDashboard: async () => {
        this.dashboards += 1;
        return { ok: true, why: '5 of the 9 metrics had data' };
      },
      submitVerificationJob: async (order: SubmitOrder) => {
        this.submitted.push(order);
        const went = order.side === undefined ? undefined : this.takesProbes ? order.side : ('old' as const);
        return { uuid: `job-${this.submitted.length}`, side: went };
      },
      followVerificationJob: async (order: FollowOrder): Promise<FoundJob> => {
        this.followed.push(order);
        const side = order.side ?? (this.aws.flag.percentage === 100 ? 'new' : 'old');
        const backend = PAVI_JOBS.sides[side];
        return { ok: true, why: 'completed', job: order.uuid, backend };
      },
      runVerificationExecution: async (order: ExecutionOrder): Promise<FoundJob> => {
        this.executed.push(order);
        return { ok: true, why: 'succeeded', execution: order.name, way: 'direct', backend: 'step-functions' };
      },
      readDeployed: async () => this.record,
      recordVerified: async ({ verified }: { readonly verified: Verified }) => {
        this.verified.push(verified);
        return this.record;
      },
      ...changes,
    };
  }
}

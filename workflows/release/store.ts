import { setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { ReleaseState, Stage } from '../../rules/release/release';
import { abortRelease, beginRelease } from '../../rules/release/release';
import type { ReleaseStatus } from '../../rules/release/status';
import { releaseStatus } from '../../rules/release/status';
import { describeRelease } from '../../rules/report/release';
import type { ReleaseInput } from '../messages';
import { keyword } from '../../rules/listed';
import { Listing } from '../listing';
import {
  abortSignal,
  deploymentWorkflowId,
  environmentAttribute,
  phaseAttribute,
  serviceAttribute,
  startedByAttribute,
  releaseQuery,
  rolloutWorkflowId,
  verificationWorkflowId,
} from '../messages';
import { stopWordsOf } from '../boundary/read-arguments';

const IDS = { deployment: deploymentWorkflowId, verification: verificationWorkflowId, rollout: rolloutWorkflowId };

/** Under the ids that every verb knows. */
export const idOf = ({ service, environment }: EnvironmentPlan, stage: Stage): string =>
  IDS[stage](service, environment);

/** The state of a release, with all that reads or changes it from outside: signal, query, details, attributes. */
export class ReleaseStore {
  state: ReleaseState;
  readonly plan: EnvironmentPlan;
  private readonly listing = new Listing();

  constructor(readonly input: ReleaseInput) {
    const { plan, startedBy, reason } = input;
    this.plan = plan;
    this.state = beginRelease({ startedBy, reason, nowMs: Date.now(), idOf: (stage) => idOf(plan, stage) });
    setHandler(releaseQuery, () => this.status());
    setHandler(abortSignal, (...sent: unknown[]) => this.abort(...sent));
    this.publish();
  }

  update(change: (state: ReleaseState) => ReleaseState): void {
    this.state = change(this.state);
    this.publish();
  }

  abort(...sent: readonly unknown[]): void {
    const stop = { ...stopWordsOf(sent, 'an unnamed person'), sinceMs: Date.now() };
    this.update((state) => abortRelease(state, stop));
  }

  private status(): ReleaseStatus {
    const { service, environment } = this.plan;
    const { workflowId } = workflowInfo();
    return releaseStatus({ service, environment, workflowId }, this.state, Date.now());
  }

  private publish(): void {
    const status = this.status();
    setCurrentDetails(describeRelease(status, Date.now(), this.plan.windows[0]?.zone, 'still'));
    this.listing.show([
      { key: environmentAttribute, value: this.plan.environment },
      { key: serviceAttribute, value: keyword(this.plan.service) },
      { key: startedByAttribute, value: keyword(this.state.startedBy) },
      { key: phaseAttribute, value: status.stage },
    ]);
  }
}

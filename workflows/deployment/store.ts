import { setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { describeWithChanges } from '../../rules/report/deployment';
import type { DeploymentDecision } from '../../rules/deployment/decide';
import type { DeploymentPhase, DeploymentState } from '../../rules/deployment/state';
import { abortDeployment, awaiting, beginDeployment } from '../../rules/deployment/state';
import type { DeploymentOutcome, DeploymentStatus } from '../../rules/deployment/status';
import { deploymentStatus } from '../../rules/deployment/status';
import { approveDeployment, rejectDeployment, tickDeployment } from '../../rules/deployment/verbs';
import type { NoticeResult } from '../../rules/notify/notice';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { DeploymentInput } from '../messages';
import { keyword } from '../../rules/listed';
import { Listing } from '../listing';
import {
  abortSignal,
  approveUpdate,
  deploymentQuery,
  environmentAttribute,
  freezesChangedSignal,
  phaseAttribute,
  serviceAttribute,
  startedByAttribute,
  rejectUpdate,
  tickUpdate,
} from '../messages';
import { stopWordsOf, textOf } from '../boundary/read-arguments';
import { withOffsets } from '../../rules/time/zone-offsets';
import { handleVerb } from '../update-verbs';

/** The state of a deployment, with all that reads or changes it from outside: verbs, signals, query, details. */
export class DeploymentStore {
  state: DeploymentState;
  /** Grows with every change, so that a wait notices it. */
  changes = 0;
  readonly plan: EnvironmentPlan;
  /** The notice that opens the threads of the channels, while it is under way. */
  opening?: Promise<NoticeResult> | undefined;
  private decision: DeploymentDecision | undefined;
  private outcome: DeploymentOutcome | undefined;
  private readonly listing = new Listing();

  constructor({ startedBy, reason, ...input }: DeploymentInput) {
    const plan = withOffsets(input.plan, input.zones);
    this.plan = plan;
    this.state = beginDeployment(startedBy, reason, Date.now());
    setHandler(deploymentQuery, () => this.status());
    setHandler(abortSignal, (...sent: unknown[]) => {
      const stop = { ...stopWordsOf(sent, 'an unnamed person'), sinceMs: Date.now() };
      this.update((state) => abortDeployment(state, stop));
    });
    setHandler(freezesChangedSignal, () => this.update(withoutFreezes));
    handleVerb(this, approveUpdate, (state, asker, { template }) =>
      approveDeployment(plan, state, { ...asker, template: textOf(template) }),
    );
    handleVerb(this, rejectUpdate, (state, asker) => rejectDeployment(state, asker));
    handleVerb(this, tickUpdate, (state, asker, { item }) =>
      tickDeployment(plan, state, { ...asker, item: textOf(item) }),
    );
    this.publish();
  }

  update(change: (state: DeploymentState) => DeploymentState): void {
    const next = change(this.state);
    if (next === this.state) return;
    this.state = next;
    this.changes += 1;
  }

  /** A change that decides nothing and ends no wait. */
  updateQuietly(change: (state: DeploymentState) => DeploymentState): void {
    this.state = change(this.state);
  }

  /** What runs now, when it is not a wait for a decision. */
  enter(phase: DeploymentPhase): void {
    this.decision = undefined;
    this.state = awaiting({ ...this.state, phase }, undefined, Date.now());
    this.publish();
  }

  show(decision: DeploymentDecision): void {
    this.decision = decision;
    // A read between two waits ends neither.
    if (decision.do === 'read-freezes') return;
    const phases = { checklist: 'checking', approval: 'approving', window: 'waiting' } as const;
    const kind = decision.do === 'wait' ? decision.for : undefined;
    const phase = kind === undefined ? (decision.do === 'prove' ? 'checking' : this.state.phase) : phases[kind];
    // While a proof runs, the deployment still waits for the checklist.
    const waits = kind ?? (decision.do === 'prove' ? 'checklist' : undefined);
    this.state = awaiting({ ...this.state, phase }, waits, Date.now());
    this.publish();
  }

  end(outcome: DeploymentOutcome['outcome'], why: string): void {
    this.outcome = { outcome, why, atMs: Date.now() };
    this.enter('ended');
  }

  status(): DeploymentStatus {
    const { workflowId } = workflowInfo();
    const { decision, outcome } = this;
    return deploymentStatus(this.plan, this.state, {
      ...{ workflowId, nowMs: Date.now() },
      decision,
      outcome,
    });
  }

  /** Details cost no event; attributes are sent only when they changed. */
  private publish(): void {
    setCurrentDetails(describeWithChanges(this.status(), Date.now(), this.plan.windows[0]?.zone));
    this.listing.show([
      { key: environmentAttribute, value: this.plan.environment },
      { key: serviceAttribute, value: keyword(this.plan.service) },
      { key: startedByAttribute, value: keyword(this.state.startedBy) },
      { key: phaseAttribute, value: this.state.phase },
    ]);
  }
}

export function withoutFreezes(state: DeploymentState): DeploymentState {
  return { ...state, gates: { ...state.gates, freezes: undefined } };
}

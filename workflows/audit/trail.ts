import { ActivityCancellationType, condition, log, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { AuditHead, AuditOrder, AuditSource } from '../../rules/audit/entry';
import { auditDue, withAudit } from '../../rules/audit/rollout';
import { NOTHING_WRITTEN, written } from '../../rules/audit/waiting';
import { backoffMs } from '../../rules/backoff';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { RolloutState } from '../../rules/rollout/state/state';
import type { RolloutStore } from '../rollout/store';
import { causeOf } from '../cancellable';
import { handOver } from './hand-over';

/** A failure is soon in the status; the next try is the workflow's. */
const { writeAudit } = proxyActivities<Pick<Activities, 'writeAudit'>>({
  startToCloseTimeout: '30s',
  heartbeatTimeout: '10s',
  scheduleToCloseTimeout: '1m',
  cancellationType: ActivityCancellationType.ABANDON,
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '10s', maximumAttempts: 4 },
});

const AGAIN_MS = 10_000;
const LONGEST_AGAIN_MS = 10 * 60_000;

/**
 * Writes what a rollout does to the audit record, beside everything else: nothing waits for it. What was not written crosses
 * continue-as-new, and after the end another workflow writes it. Without `audit` in the plan it does nothing at all.
 */
export class AuditTrail {
  private isFollowing = false;
  private handedSeq = 0;

  constructor(private readonly store: RolloutStore) {}

  /** Called before each decision. Never throws. */
  follow(): void {
    if (this.store.plan.audit === undefined || this.isFollowing) return;
    this.isFollowing = true;
    void this.write(this.store.plan.audit);
  }

  /** True when something was handed over that will be written after the end; then decide again. Never throws. */
  async handOverEnd(ended: RolloutState): Promise<boolean> {
    const { plan, state } = this.store;
    const { audit: left = NOTHING_WRITTEN } = withAudit(plan, state, ended);
    if (plan.audit === undefined || left.waiting.length === 0 || left.seq === this.handedSeq) return false;
    this.handedSeq = left.seq;
    const { aws, audit } = plan;
    await handOver({ aws, audit, source: sourceOf(this.store), head: left.head, events: left.waiting });
    return true;
  }

  private async write(audit: NonNullable<EnvironmentPlan['audit']>): Promise<void> {
    const { store } = this;
    const { aws } = store.plan;
    for (let failures = 0; ;) {
      await condition(() => auditDue(store.state).length > 0);
      const events = auditDue(store.state);
      const { head } = store.state.audit ?? {};
      const order: AuditOrder = { aws, audit, source: sourceOf(store), head, events };
      try {
        const newest = await writeAudit.executeWithOptions({ summary: `${events.length} entries` }, [order]);
        this.record(events.at(-1)?.seq ?? 0, newest);
        failures = 0;
      } catch (error) {
        failures += 1;
        const problem = causeOf(error);
        log.warn(`the audit record is behind: ${problem}`);
        store.updateQuietly((state) => ({ ...state, audit: { ...(state.audit ?? NOTHING_WRITTEN), problem } }));
        await sleep(backoffMs(failures, AGAIN_MS, LONGEST_AGAIN_MS));
      }
    }
  }

  private record(upTo: number, head: AuditHead): void {
    this.store.updateQuietly((state) => ({ ...state, audit: written(state.audit ?? NOTHING_WRITTEN, upTo, head) }));
  }
}

/** The first run: the same after continue-as-new. */
function sourceOf({ plan: { service, environment }, planHash }: Pick<RolloutStore, 'plan' | 'planHash'>): AuditSource {
  const { workflowId, firstExecutionRunId: run } = workflowInfo();
  return { service, environment, workflowId, run, planHash };
}

import { createFlagActions, type TrafficOrder, type TrafficWritten } from '../../../../activities/act/flag/flags';
import { createOwnerActions, type OwnerClaim, type OwnershipResult } from '../../../../activities/act/flag/owner';
import { createFlagObservations } from '../../../../activities/observe/flag/flags';
import { lookAtFlag } from '../../../../activities/observe/flag/flag-look';
import type { EnvironmentPlan } from '../../../../rules/plan/environment-plan';
import { knownFlags, recordDrift, recordFlagSeen } from '../../../../rules/rollout/drift';
import { recordFlag, refuse } from '../../../../rules/rollout/reconcile';
import type { FlagReading } from '../../../../rules/rollout/state/flag';
import { RESTORE_ABOVE, RAISE_ABOVE, ZERO_ABOVE } from '../../../../rules/rollout/state/flag';
import * as halt from '../../../../rules/rollout/pause-hold';
import { ownerParameterOf, recordDisowned, recordOwned } from '../../../../rules/rollout/owner';
import type { Decision } from '../../../../rules/rollout/decision';
import { decide } from '../../../../rules/rollout/decide';
import * as record from '../../../../rules/rollout/state/state';
import { recordZero, recordZeroCheck, recordZeroProblem } from '../../../../rules/rollout/zero';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { HEALTHY } from '../reference/world';
import type { MemorySsm } from './memory-ssm';

const WORKFLOW = 'rollout-pavi-prod';
const ATTEMPTS = 3;
const BETWEEN_ATTEMPTS_MS = 1_000;
const BETWEEN_ZEROS_MS = 3_000;
const TURNS = 200;

type Restore = Extract<Decision, { do: 'restore-traffic' }>;

/**
 * A rollout without Temporal: the real rules decide, the real activities write and read, against SSM in memory. Attempts are
 * repeated as by the policies of `workflows/proxies.ts`; `between` may stop the rollout between any two of them, or write.
 */
export class FencedRollout {
  state: record.RolloutState;
  between: () => void = () => undefined;
  private readonly setTraffic;
  private readonly readFlag;
  private readonly takeOwner;

  constructor(
    readonly plan: EnvironmentPlan,
    readonly ssm: MemorySsm,
    readonly run: string,
  ) {
    this.state = record.begin('alice', undefined, ssm.nowMs);
    const { awsFor } = ssm;
    this.setTraffic = createFlagActions(awsFor, 'here').setTraffic;
    this.readFlag = createFlagObservations(awsFor).readFlag;
    this.takeOwner = createOwnerActions(awsFor, { cluster: 'here' }).takeOwner;
  }

  get over(): boolean {
    return this.state.outcome !== undefined;
  }

  /** Goes on until it waits, or is over. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn += 1) {
      const decision = decide(this.plan, this.state, this.ssm.nowMs);
      if (decision.do === 'finish') {
        if (!this.over) this.state = record.end(this.state, decision.outcome);
        return;
      }
      if (decision.do !== 'wait') await this.carryOut(decision);
      else if (!(await this.lookTellsMore())) return;
    }
    throw new Error('it does not come to rest');
  }

  wakesAtMs(): number {
    const decision = decide(this.plan, this.state, this.ssm.nowMs);
    return decision.do === 'wait' && decision.untilMs !== undefined ? decision.untilMs : Infinity;
  }

  private async carryOut(decision: Exclude<Decision, { do: 'wait' | 'finish' }>): Promise<void> {
    const { nowMs } = this.ssm;
    switch (decision.do) {
      case 'read-flag':
        this.state = recordFlag(this.plan, this.state, await this.reading(), nowMs);
        return;
      case 'take-owner':
        return this.own();
      case 'look':
        this.state = halt.recordVerdict(this.state, { ...HEALTHY, atMs: nowMs });
        await this.lookTellsMore();
        return;
      case 'set-traffic': {
        const {
          flag: { generation, percentage, version: flagVersion },
        } = this.state;
        const expected = { generation, percentage, version: flagVersion };
        this.state = record.raising(this.state, decision.percentage);
        return this.raise({ ...decision, above: RAISE_ABOVE }, { expected });
      }
      case 'restore-traffic':
        return this.raise({ ...decision, above: RESTORE_ABOVE }, over(decision));
      case 'roll-back':
        return this.toZero();
      case 'check-zero':
        this.state = recordZeroCheck(this.state, await this.reading(), nowMs);
        return;
      default:
        throw new Error(`no ${decision.do} in these stories`);
    }
  }

  private claim(): OwnerClaim {
    const { aws, flag, service, environment } = this.plan;
    const { startedBy: by, startedAtMs: sinceMs } = this.state;
    const who = { workflowId: WORKFLOW, firstRunId: this.run, by, sinceMs };
    return { aws, parameter: ownerParameterOf(flag), service, environment, ...who };
  }

  private async own(): Promise<void> {
    const taken: OwnershipResult = await activityEnvironment().run(this.takeOwner, this.claim());
    this.state = taken.taken ? recordOwned(this.state) : refuse(this.state, taken.why, this.ssm.nowMs);
  }

  private async reading(): Promise<FlagReading> {
    const { aws, flag } = this.plan;
    try {
      return await activityEnvironment().run(this.readFlag, { aws, flag });
    } catch (error) {
      return { found: false, why: String(error) };
    }
  }

  private order(percentage: number, above: number): TrafficOrder {
    const { aws, flag } = this.plan;
    const generation = this.state.flag.highestGeneration + above;
    return { aws, flag, percentage, generation, reason: 'story', writer: `${WORKFLOW}/${this.run}` };
  }

  /** A stop, pause or hold between two attempts ends it. An attempt whose acknowledgement is lost is repeated as it was. */
  private async raise(
    {
      percentage,
      stepIndex,
      above,
    }: { readonly percentage: number; readonly stepIndex: number; readonly above: number },
    over: Partial<TrafficOrder>,
  ): Promise<void> {
    const order = { ...this.order(percentage, above), ...over, owner: this.claim() };
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      try {
        const written: TrafficWritten = await activityEnvironment().run(this.setTraffic, order);
        this.state =
          written.status === 'drift'
            ? recordDrift(this.plan, this.state, { found: true, ...written }, this.ssm.nowMs)
            : record.recordRaise(this.state, written, stepIndex, this.ssm.nowMs);
        return;
      } catch (error) {
        if ((error as { type?: string }).type === 'NotOwner') {
          this.state = recordDisowned(this.state, String(error), this.ssm.nowMs);
          return;
        }
        this.pass(BETWEEN_ATTEMPTS_MS);
        if ((this.state.stop ?? this.state.paused ?? this.state.held) !== undefined) {
          this.state = record.recordRaiseCancelled(this.state);
          return;
        }
      }
    }
    const unconfirmed = { why: 'unconfirmed', sinceMs: this.ssm.nowMs, because: 'unconfirmed' } as const;
    this.state = halt.hold(this.state, unconfirmed);
  }

  private async toZero(): Promise<void> {
    try {
      const zero = this.order(0, ZERO_ABOVE);
      const written: TrafficWritten = await activityEnvironment().run(this.setTraffic, zero);
      this.state = recordZero(this.state, written.generation, this.ssm.nowMs);
    } catch (error) {
      this.state = recordZeroProblem(this.state, String(error), this.ssm.nowMs);
      this.pass(BETWEEN_ZEROS_MS);
    }
  }

  private pass(ms: number): void {
    this.ssm.go(this.ssm.nowMs + ms);
    this.between();
  }

  private async lookTellsMore(): Promise<boolean> {
    const { plan, state, ssm } = this;
    const known = knownFlags(state);
    if (state.stop !== undefined || known === undefined) return false;
    const watch = { flag: plan.flag, known };
    const seen = await lookAtFlag(ssm.awsFor, { aws: plan.aws, watch }, AbortSignal.timeout(60_000));
    if (seen === undefined) return false;
    this.state = recordFlagSeen(plan, this.state, seen, ssm.nowMs);
    return true;
  }
}

function over({ over: found }: Restore): Partial<TrafficOrder> {
  const version = { version: found.version };
  if (!found.found) return { overUnreadable: version };
  return { expected: { generation: found.generation, percentage: found.percentage, ...version } };
}

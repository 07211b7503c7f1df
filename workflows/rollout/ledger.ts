import { setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { readAlarmChange, recordAlarmChange } from '../../rules/rollout/outside/alarm-change';
import { describeStatus } from '../../rules/report/rollout';
import type { Notice } from '../../rules/notify/notice';
import { underWay } from '../../rules/notify/sent-notices';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { Decision } from '../../rules/rollout/decision';
import type { Cause } from '../../rules/rollout/state/cause';
import { note } from '../../rules/rollout/state/log';
import type { RolloutState } from '../../rules/rollout/state/state';
import * as halt from '../../rules/rollout/pause-hold';
import * as record from '../../rules/rollout/state/state';
import { planHash } from '../../rules/plan/plan-hash';
import { statusOf } from '../../rules/rollout/status/build-status';
import type { RolloutStatus } from '../../rules/rollout/status/status';
import { readUnwatched, recordUnwatched, unwatchedAlarmOf } from '../../rules/rollout/outside/unwatched';
import { Listing } from '../listing';
import type { RolloutInput } from '../messages';
import {
  abortSignal,
  alarmChangedSignal,
  environmentAttribute,
  freezesChangedSignal,
  pauseSignal,
  percentageAttribute,
  phaseAttribute,
  resumeSignal,
  statusQuery,
  unwatchedSignal,
} from '../messages';
import { readArguments, stopWordsOf, type Typed } from '../boundary/read-arguments';
import { handleVerbs } from './verbs';

const UNNAMED = 'somebody without a name (Web UI or temporal CLI)';

/** The state of a rollout with everything that reads or changes it from outside: signals, query, details, attributes. */
export class Ledger {
  state: RolloutState;
  /** Rises with every change, so that a wait can tell that something happened. */
  changes = 0;
  readonly plan: EnvironmentPlan;
  readonly planHash: string;
  /** What the run before was telling when it ended. */
  readonly leftUnderWay: Notice[];
  private decision: { readonly made: Decision; readonly atMs: number } | undefined;
  /** The stop with which it ended, if any; undefined while it goes on. */
  private ended: { readonly stop: RolloutState['stop'] } | undefined;
  /** Nothing is sent between a stop and the confirmed 0 %: also when the stop comes in while it ends. */
  private readonly listing = new Listing(() => {
    const { stop, zero } = this.state;
    return stop === undefined || zero.written !== undefined || this.ended?.stop === stop;
  });

  constructor(input: RolloutInput, carried?: RolloutState) {
    this.plan = input.plan;
    this.planHash = planHash(input.plan);
    this.state = carried ?? beginning(input);
    this.leftUnderWay = [...underWay(this.state)];
    setHandler(statusQuery, () => this.status());
    setHandler(pauseSignal, (...sent: unknown[]) => this.update((state) => halt.pause(state, haltOf(sent))));
    setHandler(resumeSignal, (...sent: unknown[]) => this.resume(sent));
    setHandler(abortSignal, (...sent: unknown[]) => this.abort(...sent));
    setHandler(alarmChangedSignal, (change) => this.alarmChanged(change));
    setHandler(unwatchedSignal, (sent) => this.unwatched(sent));
    setHandler(freezesChangedSignal, () => this.update((state) => record.forgetFreezes(state, Date.now())));
    handleVerbs(this);
  }

  update(change: (state: RolloutState) => RolloutState): void {
    const next = change(this.state);
    if (next === this.state) return;
    this.state = next;
    this.changes += 1;
  }

  /** For what decides nothing: it must not end a look or a wait. */
  aside(change: (state: RolloutState) => RolloutState): void {
    this.state = change(this.state);
  }

  abort(...sent: readonly unknown[]): void {
    this.update((state) => halt.stop(state, { kind: 'abort', ...haltOf(sent) }));
  }

  /** One that cannot be read may have wanted anything, and raises nothing. */
  private resume(sent: readonly unknown[]): void {
    const { typed, unreadable } = readArguments(sent);
    const what = `a resume was ignored, its argument cannot be read (${unreadable}): send it again, as {"by":"…"}`;
    if (unreadable !== undefined) this.update((state) => note(state, { atMs: Date.now(), what }));
    else this.update((state) => halt.resume(state, haltOf(sent), flagOf(typed)));
  }

  /** Never throws, whatever was sent: an error in a handler would stop the workflow, and with it the way to zero. */
  private alarmChanged(sent: unknown): void {
    const nowMs = Date.now();
    const change = readAlarmChange(sent, nowMs);
    // The dead man's alarm is no guard of the plan: it says that no look has come to CloudWatch.
    if (change !== undefined && change.alarm === unwatchedAlarmOf(this.plan)) {
      const isOfThisStep = record.exposed(this.state) && change.atMs >= this.state.watch.sinceMs;
      if (change.state === 'ALARM' && isOfThisStep)
        this.unwatched({ sinceMs: change.atMs, why: `${change.alarm} rang` });
      return;
    }
    const unreadable = { atMs: nowMs, what: 'a signal alarm-changed that cannot be read was ignored' };
    if (change === undefined) this.update((state) => note(state, unreadable));
    else this.update((state) => recordAlarmChange(state, this.plan.watch.alarms, change, nowMs));
  }

  private unwatched(sent: unknown): void {
    const nowMs = Date.now();
    const unwatched = readUnwatched(sent, nowMs);
    if (unwatched !== undefined) this.update((state) => recordUnwatched(state, unwatched, nowMs));
  }

  /** What every write of this rollout has in common. */
  order(percentage: number, reason: string) {
    const { workflowId, firstExecutionRunId } = workflowInfo();
    const { aws, flag } = this.plan;
    return { aws, flag, percentage, reason, writer: `${workflowId}/${firstExecutionRunId}` };
  }

  show(decision: Decision): void {
    this.decision = { made: decision, atMs: Date.now() };
    if (decision.do !== 'finish') this.ended = undefined;
    this.publish();
  }

  /** True when lists did not show yet that it has ended; then it has to be decided anew, as after everything that is awaited. */
  async listEnd(): Promise<boolean> {
    if (this.ended !== undefined) return false;
    this.ended = { stop: this.state.stop };
    this.list({ ...this.status(), phase: 'ended' });
    await this.listing.settled();
    return true;
  }

  mayHandOn(): boolean {
    return this.listing.mayHandOn();
  }

  showEnd(): void {
    this.publish();
  }

  /** Of a state that may only be meant: what is told of an end comes before it. */
  status(state = this.state): RolloutStatus {
    const { made, atMs } = this.decision ?? {
      made: { do: 'read-flag', why: 'starting' } as const,
      atMs: state.startedAtMs,
    };
    return statusOf(this.plan, state, made, { ...this.identity(), nowMs: atMs });
  }

  private identity(): { readonly workflowId: string; readonly planHash: string } {
    return { workflowId: workflowInfo().workflowId, planHash: this.planHash };
  }

  /** Details cost no event; attributes are sent only when they changed. */
  private publish(): void {
    const status = this.status();
    setCurrentDetails(describeStatus(status, Date.now(), this.plan.windows[0]?.zone, 'still'));
    if (this.ended === undefined) this.list(status);
  }

  private list({ phase, percentage }: Pick<RolloutStatus, 'phase' | 'percentage'>): void {
    this.listing.show([
      { key: environmentAttribute, value: this.plan.environment },
      { key: phaseAttribute, value: phase },
      // One that is not known leaves what was told last.
      ...(percentage === undefined ? [] : [{ key: percentageAttribute, value: percentage }]),
    ]);
  }
}

function beginning({ startedBy, reason, backToZero }: RolloutInput): RolloutState {
  const state = record.begin(startedBy, reason, Date.now());
  return backToZero === true
    ? halt.stop(state, { kind: 'abort', ...haltOf([{ by: startedBy, reason: reason ?? 'put back to 0 by hand' }]) })
    : state;
}

function haltOf(sent: readonly unknown[]): Cause {
  return { ...stopWordsOf(sent, UNNAMED), sinceMs: Date.now() };
}

/** What the one who resumes wants of somebody else's percentage; any other word writes nothing. */
const flagOf = ({ flag }: Typed): 'adopt' | 'restore' | undefined =>
  flag === 'restore' || flag === 'adopt' ? flag : undefined;

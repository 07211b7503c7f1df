import { patched, setCurrentDetails, setHandler, workflowInfo } from '@temporalio/workflow';
import { type Caller, raises, unaskedMark } from '../../rules/identity/permissions';
import { withAudit } from '../../rules/audit/rollout';
import { readAlarmChange, recordAlarmChange } from '../../rules/rollout/outside/alarm-change';
import { describeStatus } from '../../rules/report/rollout';
import type { Notice, NoticeResult } from '../../rules/notify/notice';
import { underWay } from '../../rules/notify/sent-notices';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { Decision } from '../../rules/rollout/decision';
import type { Cause } from '../../rules/rollout/state/cause';
import { note } from '../../rules/rollout/state/log';
import type { RolloutState } from '../../rules/rollout/state/state';
import {
  type Arrival,
  arrivalOf,
  changedSince,
  haltedSince,
  marked,
  notResumed,
  resumedBy,
  startDenied,
  unlessStartRefused,
  untilStartProved,
} from '../../rules/rollout/identity';
import * as halt from '../../rules/rollout/pause-hold';
import { upgraded } from '../../rules/rollout/state/schema';
import * as record from '../../rules/rollout/state/state';
import type { Refusal } from '../../rules/refusal';
import { planHash } from '../../rules/plan/plan-hash';
import { statusOf } from '../../rules/rollout/status/build-status';
import type { Outcome, RolloutStatus } from '../../rules/rollout/status/status';
import { askLook, readLookAsked } from '../../rules/rollout/outside/event-looks';
import { readUnwatched, recordUnwatched, unwatchedAlarmOf } from '../../rules/rollout/outside/unwatched';
import { keyword } from '../../rules/listed';
import { Listing } from '../listing';
import { withOffsets } from '../../rules/time/zone-offsets';
import type { Command, RolloutInput } from '../messages';
import {
  abortSignal,
  alarmChangedSignal,
  environmentAttribute,
  freezesChangedSignal,
  lookNowSignal,
  pauseSignal,
  outcomeAttribute,
  percentageAttribute,
  phaseAttribute,
  resumeSignal,
  serviceAttribute,
  startedByAttribute,
  statusQuery,
  stepAttribute,
  unwatchedSignal,
} from '../messages';
import { Callers, type Known } from '../identity/callers';
import { personIn, readArguments, stopWordsOf, type Typed } from '../boundary/read-arguments';
import { RolloutMetrics } from './metrics';
import { handleVerbs } from './verbs';

interface Resume {
  readonly verb: 'start' | 'resume';
  readonly typed: Typed;
  readonly by: string | undefined;
  readonly atMs: number;
}

const UNNAMED = 'an unnamed person (Web UI or temporal CLI)';

/** The state of a rollout, with all that reads or changes it from outside: signals, query, details, attributes. */
export class RolloutStore {
  state: RolloutState;
  /** Grows with every change, so that a wait notices it. */
  changes = 0;
  private readonly metrics: RolloutMetrics;
  readonly plan: EnvironmentPlan;
  readonly planHash: string;
  readonly callers: Callers;
  /** Pauses that arrived, also while it was paused. */
  private pauses = 0;
  /** Rejections and extensions that were carried out. */
  private lowered = 0;
  /** The notice that opens the threads of the channels, while it is under way. */
  opening?: Promise<NoticeResult> | undefined;
  /** The notices that the run before was sending when it ended. */
  readonly leftUnderWay: Notice[];
  private decision: { readonly made: Decision; readonly atMs: number } | undefined;
  /** The stop that ended it, if any; undefined while it continues. */
  private ended: { readonly stop: RolloutState['stop'] } | undefined;
  /** Nothing is sent between a stop and the confirmed 0 %, also when the stop arrives during the end. */
  private readonly listing = new Listing(() => {
    const { stop, zero } = this.state;
    return stop === undefined || zero.written !== undefined || this.ended?.stop === stop;
  });

  constructor(input: RolloutInput, carried?: RolloutState) {
    this.plan = withOffsets(input.plan, input.zones);
    this.metrics = new RolloutMetrics(input.plan);
    this.planHash = planHash(input.plan);
    const fresh = withAudit(input.plan, undefined, beginning(input));
    this.callers = new Callers(this);
    this.state = carried === undefined ? fresh : upgraded(carried, fresh, Date.now(), input.plan);
    this.leftUnderWay = [...underWay(this.state)];
    setHandler(statusQuery, () => this.status());
    setHandler(pauseSignal, (...sent: unknown[]) => this.pause(sent));
    setHandler(resumeSignal, (...sent: unknown[]) => this.resume(sent));
    setHandler(abortSignal, (...sent: unknown[]) => this.abortBy(sent));
    setHandler(alarmChangedSignal, (change) => this.alarmChanged(change));
    setHandler(lookNowSignal, (sent) => this.lookNow(sent));
    setHandler(unwatchedSignal, (sent) => this.unwatched(sent));
    setHandler(freezesChangedSignal, () => this.update((state) => record.forgetFreezes(state, Date.now())));
    handleVerbs(this);
  }

  update(change: (state: RolloutState) => RolloutState, caller?: Omit<Caller, 'by'>): void {
    const before = this.state;
    const changed = change(before);
    const next = caller === undefined ? changed : marked(before, changed, caller);
    if (next === before) return;
    this.state = withAudit(this.plan, before, next, this.decision?.made);
    this.metrics.changed(before, next);
    this.changes += 1;
  }

  /** A change that decides nothing: it must not end a check or a wait. */
  updateQuietly(change: (state: RolloutState) => RolloutState): void {
    this.state = withAudit(this.plan, this.state, change(this.state), this.decision?.made);
  }

  /** By the rollout itself: a limit, or the cancellation of the workflow. */
  abort(cause: Command): void {
    this.update((state) => halt.stop(state, { kind: 'abort', ...causeOfSignal([cause]) }));
  }

  /** With a proof or without: nothing that lowers traffic waits for one. */
  private abortBy(sent: readonly unknown[]): void {
    this.update((state) => halt.stop(state, { kind: 'abort', ...causeOfSignal(sent) }), this.unasked());
  }

  private pause(sent: readonly unknown[]): void {
    this.pauses += 1;
    this.update((state) => halt.pause(state, causeOfSignal(sent)), this.unasked());
  }

  obeyed(verb: string): void {
    if (!raises(verb)) this.lowered += 1;
  }

  arrived(): (verb: string) => Refusal | undefined {
    const before = this.arrival();
    return (verb) => changedSince(before, this.arrival(), verb);
  }

  private arrival = (): Arrival => arrivalOf(this.state, { pauses: this.pauses, lowered: this.lowered });

  private unasked = (): Omit<Caller, 'by'> => ({ mark: unaskedMark(this.plan.permissions) });

  /** An unreadable resume may have wanted anything, so it raises nothing. */
  private resume(sent: readonly unknown[]): void {
    const { typed, unreadable } = readArguments(sent);
    const what = `a resume was ignored because its argument cannot be read (${unreadable}): send it again as {"by":"…"}`;
    if (unreadable !== undefined) return this.update((state) => note(state, { atMs: Date.now(), what }));
    const verb = typed['starts'] === true ? ('start' as const) : ('resume' as const);
    const asked = { verb, typed, by: personIn(typed['by']), atMs: Date.now() };
    const judged = this.callers.judge(asked);
    if (!('ask' in judged)) return this.resumeBy(asked, judged);
    const before = this.arrival();
    void this.callers.prove(asked, judged.ask, (known) => {
      // A start ends nothing but the hold that waits for it.
      const refusal = verb === 'start' ? undefined : haltedSince(before, this.arrival());
      this.resumeBy(asked, refusal === undefined || 'refusal' in known ? known : { refusal });
    });
  }

  private resumeBy({ verb, typed, by, atMs }: Resume, known: Known): void {
    const nowMs = Date.now();
    if ('caller' in known) {
      const { caller } = known;
      const cause = causeOfSignal([{ ...typed, by: caller.by }]);
      return this.update((state) => resumedBy(state, cause, { verb, flag: flagOf(typed), atMs }, caller), caller);
    }
    const { refusal } = known;
    this.update((state) => notResumed(state, refusal, by, nowMs), this.unasked());
    if (verb === 'start' && refusal.rule === 'permission') this.update((state) => startDenied(state, refusal, nowMs));
  }

  /** Never throws, for any input: an error in a handler would stop the workflow, and with it the way to zero. */
  private alarmChanged(sent: unknown): void {
    const nowMs = Date.now();
    const change = readAlarmChange(sent, nowMs);
    // The dead man's alarm is no guard of the plan: it reports that no check has reached CloudWatch.
    if (change !== undefined && change.alarm === unwatchedAlarmOf(this.plan)) {
      const isOfThisStep = record.mayHaveTraffic(this.state) && change.atMs >= this.state.watch.sinceMs;
      if (change.state === 'ALARM' && isOfThisStep)
        this.unwatched({ sinceMs: change.atMs, why: `${change.alarm} fired` });
      return;
    }
    const unreadable = { atMs: nowMs, what: 'an unreadable signal alarm-changed was ignored' };
    if (change === undefined) this.update((state) => note(state, unreadable));
    else this.update((state) => recordAlarmChange(state, this.plan.watch.alarms, change, nowMs));
  }

  /** Quietly: an event ends no wait, the check that it asks for may. */
  private lookNow(sent: unknown): void {
    const nowMs = Date.now();
    this.updateQuietly((state) => askLook(state, this.plan.watch, readLookAsked(sent, nowMs), nowMs));
  }

  private unwatched(sent: unknown): void {
    const nowMs = Date.now();
    const unwatched = readUnwatched(sent, nowMs);
    if (unwatched !== undefined) this.update((state) => recordUnwatched(state, unwatched, nowMs));
  }

  /** Common to every write of this rollout. */
  order(percentage: number, reason: string) {
    const { workflowId, firstExecutionRunId } = workflowInfo();
    const { aws, flag } = this.plan;
    return { aws, flag, percentage, reason, writer: `${workflowId}/${firstExecutionRunId}` };
  }

  show(decision: Decision): void {
    this.decision = { made: decision, atMs: Date.now() };
    this.metrics.decided(decision);
    if (decision.do !== 'finish') this.ended = undefined;
    this.publish();
  }

  /** True when lists did not show the end yet; then decide again, as after every await. */
  async listEnd({ outcome }: Pick<Outcome, 'outcome'>): Promise<boolean> {
    if (this.ended !== undefined) return false;
    this.ended = { stop: this.state.stop };
    this.list({ ...this.status(), phase: 'ended' }, outcome);
    await this.listing.settled();
    return true;
  }

  mayHandOn(): boolean {
    return this.listing.mayHandOn();
  }

  showEnd(): void {
    this.publish();
  }

  /** Of a state that may only be intended: the notice of an end comes before the end. */
  status(state = this.state): RolloutStatus {
    const { made, atMs } = this.decision ?? {
      made: { do: 'read-flag', why: 'starting' } as const,
      atMs: state.startedAtMs,
    };
    return statusOf(this.plan, state, made, { ...this.identity(), nowMs: atMs });
  }

  private identity(): { readonly workflowId: string; readonly planHash: string; readonly run: string } {
    const { workflowId, firstExecutionRunId: run } = workflowInfo();
    return { workflowId, run, planHash: this.planHash };
  }

  /** Details cost no event; attributes are sent only when they changed. */
  private publish(): void {
    const status = this.status();
    setCurrentDetails(describeStatus(status, Date.now(), this.plan.windows[0]?.zone, 'still'));
    if (this.ended === undefined) this.list(status);
  }

  private list({ phase, percentage, step, startedBy }: RolloutStatus, outcome?: Outcome['outcome']): void {
    this.listing.show([
      { key: environmentAttribute, value: this.plan.environment },
      { key: phaseAttribute, value: phase },
      { key: serviceAttribute, value: keyword(this.plan.service) },
      { key: startedByAttribute, value: keyword(startedBy) },
      { key: stepAttribute, value: step },
      ...(outcome === undefined ? [] : [{ key: outcomeAttribute, value: outcome }]),
      // An unknown percentage leaves the last reported one.
      ...(percentage === undefined ? [] : [{ key: percentageAttribute, value: percentage }]),
    ]);
  }
}

function beginning({ plan, startedBy, reason, backToZero, adopts }: RolloutInput): RolloutState {
  const begun = record.begin(startedBy, reason, Date.now(), adopts);
  const log = begun.log.entries.map((entry) => ({ ...entry, proof: unaskedMark(plan.permissions) }));
  const state = { ...begun, log: { ...begun.log, entries: log } };
  if (backToZero === true) {
    const back = { by: startedBy, reason: reason ?? 'returned to 0 by hand' };
    return halt.stop(state, { kind: 'abort', ...causeOfSignal([back]) });
  }
  const nowMs = Date.now();
  const allowed = unlessStartRefused(plan, state, nowMs);
  // A rollout that an older worker began goes on as it did.
  if (allowed !== state && patched('claimed-start')) return allowed;
  return untilStartProved(plan, state, nowMs);
}

function causeOfSignal(sent: readonly unknown[]): Cause {
  return { ...stopWordsOf(sent, UNNAMED), sinceMs: Date.now() };
}

/** The answer of a resume to an outside change; any other word writes nothing. */
const flagOf = ({ flag }: Typed): 'adopt' | 'restore' | undefined =>
  flag === 'restore' || flag === 'adopt' ? flag : undefined;

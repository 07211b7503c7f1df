import { TemporalFailure } from '@temporalio/common';
import {
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  log,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { verdictKey } from '../../rules/guards/verdict-of';
import type { Decision } from '../../rules/rollout/decision';
import type { WaitDecision } from '../../rules/rollout/wait';
import { decide } from '../../rules/rollout/decide';
import { diagnosisAtEnd, diagnosisOpen } from '../../rules/rollout/diagnosed';
import { recordDrift } from '../../rules/rollout/drift';
import { RAISE_ABOVE, RESTORE_ABOVE, ZERO_ABOVE } from '../../rules/rollout/state/flag';
import { hooksAtWork, nextStepHookMs } from '../../rules/rollout/gates/hooks';
import { hold } from '../../rules/rollout/pause-hold';
import { recordDisowned } from '../../rules/rollout/owner';
import { note } from '../../rules/rollout/state/log';
import type { RolloutState } from '../../rules/rollout/state/state';
import type { Outcome } from '../../rules/rollout/status/status';
import * as record from '../../rules/rollout/state/state';
import { recordZero, recordZeroProblem } from '../../rules/rollout/zero';
import type { TrafficOrder } from '../../activities/act/flag/flags';
import type { RolloutInput, RolloutResult } from '../messages';
import { raise, zero } from '../proxies';
import { AuditTrail } from '../audit/trail';
import { BackgroundDelivery } from './delivery';
import { startDiagnosis } from './diagnosis';
import { askHooks } from './hooks';
import { RolloutStore } from './store';
import { claimOf, releaseOwner, takeOwner } from './owner';
import {
  checkZero,
  look,
  lookAtDeployment,
  probeReads,
  proveItems,
  readFlag,
  readFreezes,
  recordLook,
  startCountingUnreadable,
  watch,
} from './looks';
import { lookWhenAsked } from './event-looks';
import { sendNotices, sendFinalNotices } from './notices';
import { causeOf, everythingSent, settled, typeOf, untilEither } from '../cancellable';

const BETWEEN_ZEROS_MS = 3_000;
const BETWEEN_TRIES_MS = 3_000;

type Raise = Extract<Decision, { do: 'set-traffic' }>;
type Restore = Extract<Decision, { do: 'restore-traffic' }>;

/**
 * One environment's rollout: decide, do, record, until it has ended. It takes hours or days, survives every crash, and ends
 * completed, rolled back, aborted or refused, each of them a result. A cancellation request is an abort.
 */
export async function rollout(input: RolloutInput, carried?: RolloutState): Promise<RolloutResult> {
  const store = new RolloutStore(input, carried);
  const beside = new BackgroundDelivery(store);
  const trail = new AuditTrail(store);
  const mayLeave = (): boolean =>
    workflowInfo().continueAsNewSuggested && !atWorkBeside(store, beside) && store.mayHandOn();
  const asked = CancellationScope.current().cancelRequested.catch(() =>
    store.abort({ by: 'Temporal', reason: 'the workflow was cancelled' }),
  );
  return CancellationScope.nonCancellable(async () => {
    void asked;
    await everythingSent();
    for (;;) {
      startDiagnosis(store);
      startCountingUnreadable(store);
      beside.follow();
      trail.follow();
      const decision = decide(store.plan, store.state, Date.now());
      store.show(decision);
      if (decision.do === 'finish') {
        if (await releaseOwner(store)) continue;
        const end = ended(store.state, decision.outcome, Date.now());
        if (await sendFinalNotices(store, end)) continue;
        if (input.plan.audit !== undefined && (await trail.handOverEnd(end))) continue;
        if (await store.listEnd(decision.outcome)) continue;
        return finish(store, decision);
      }
      if (mayLeave() && mayGoOnInNewRun(store, decision)) await continueAsNew<typeof rollout>(input, store.state);
      // A notice must not share a task with a try for zero: if it cannot be started, neither could the zero.
      if (decision.do !== 'roll-back') sendNotices(store);
      await survived(store, () => carryOut(store, decision, mayLeave));
    }
  });
}

/**
 * No failure in Temporal ends the rollout: after an activity that was failed or cancelled by hand, or ran out of time, it
 * decides again. A defect of the code is not caught: it fails the task, which the next version retries.
 */
async function survived(store: RolloutStore, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    log.error(`a step of the rollout failed and is retried: ${causeOf(error)}`);
    store.updateQuietly((state) => note(state, { atMs: Date.now(), what: `retried: ${causeOf(error)}` }));
    await sleep(BETWEEN_TRIES_MS);
  }
}

/** A new run would lose an activity that runs beside the rollout. */
const atWorkBeside = ({ state, callers }: RolloutStore, { atWork }: BackgroundDelivery): boolean =>
  atWork ||
  callers.atWork ||
  hooksAtWork(state) ||
  diagnosisOpen(state, Date.now()) ||
  (state.watch.countingUnreadable === true && state.watch.unreadable === undefined);

/** In a wait, and between two tries for zero; it does not delay the first try. */
function mayGoOnInNewRun({ state }: RolloutStore, decision: Decision): boolean {
  return decision.do === 'wait' || (decision.do === 'roll-back' && state.zero.problem !== undefined);
}

/** Nothing is awaited here: verbs that arrive before it are obeyed, and after it there is no rollout. */
function finish(store: RolloutStore, { outcome }: Extract<Decision, { do: 'finish' }>): RolloutResult {
  store.update((state) => ended(state, outcome, Date.now()));
  store.showEnd();
  const { flag, watch, gates } = store.state;
  const { diagnosis, unreadable } = watch;
  const { probe } = gates;
  return {
    ...outcome,
    percentages: flag.written,
    unreadable,
    diagnosis,
    probe: probe === undefined ? undefined : { verdict: probe.verdict, why: probe.why },
  };
}

function ended(state: RolloutState, outcome: Outcome, nowMs: number): RolloutState {
  const diagnosis = diagnosisAtEnd(state, nowMs);
  const known = state.outcome === undefined ? record.end(state, outcome) : state;
  return diagnosis === undefined ? known : { ...known, watch: { ...known.watch, diagnosis } };
}

async function carryOut(
  store: RolloutStore,
  decision: Exclude<Decision, { do: 'finish' }>,
  mayLeave: () => boolean,
): Promise<void> {
  switch (decision.do) {
    case 'read-flag':
      return readFlag(store);
    case 'take-owner':
      return takeOwner(store);
    case 'look-at-deployment':
      return lookAtDeployment(store);
    case 'read-freezes':
      return readFreezes(store);
    case 'look':
      return look(store);
    case 'prove':
      return proveItems(store, decision.items);
    case 'probe':
      return probeReads(store);
    case 'ask-hooks':
      return askHooks(store, decision.hooks);
    case 'time-out':
      return store.abort({ by: 'the plan', reason: decision.why });
    case 'set-traffic':
      return raiseTraffic(store, decision);
    case 'restore-traffic':
      return restoreTraffic(store, decision);
    case 'wait':
      return waitAndWatch(store, decision, mayLeave);
    case 'roll-back':
      return toZero(store, decision.why);
    case 'check-zero':
      return checkZero(store);
  }
}

async function raiseTraffic(store: RolloutStore, { percentage, stepIndex, why }: Raise): Promise<void> {
  const { generation, percentage: before, version } = store.state.flag;
  const expected = { generation, percentage: before, version };
  store.update((state) => record.raising(state, percentage));
  const order = {
    ...store.order(percentage, why),
    generation: store.state.flag.highestGeneration + RAISE_ABOVE,
    expected,
  };
  await setTraffic(store, order, stepIndex);
}

/** Over the outside change, as it was found and reported, and above the generation of a raise that may be under way. */
async function restoreTraffic(store: RolloutStore, { percentage, stepIndex, over, why }: Restore): Promise<void> {
  const version = { version: over.version };
  const known = over.found
    ? { expected: { generation: over.generation, percentage: over.percentage, ...version } }
    : { overUnreadable: version };
  const order = {
    ...store.order(percentage, why),
    generation: store.state.flag.highestGeneration + RESTORE_ABOVE,
    ...known,
  };
  await setTraffic(store, order, stepIndex);
}

/** A write superseded by a stop, pause or hold is cancelled, and its end awaited: the next write comes after it. */
async function setTraffic(store: RolloutStore, order: TrafficOrder, stepIndex: number): Promise<void> {
  const { percentage } = order;
  const superseded = (): boolean => (store.state.stop ?? store.state.paused ?? store.state.held) !== undefined;
  const scope = new CancellationScope();
  const owned = { ...order, owner: claimOf(store) };
  const writing = scope.run(() => raise.setTraffic.executeWithOptions({ summary: `${percentage} %` }, [owned]));
  await untilEither(writing, superseded);
  if (superseded()) scope.cancel();
  try {
    const result = await writing;
    if (result.status === 'drift')
      store.update((state) => recordDrift(store.plan, state, { found: true, ...result }, Date.now()));
    else store.update((state) => record.recordRaise(state, result, stepIndex, Date.now()));
  } catch (error) {
    if (isCancellation(error)) return store.update(record.recordRaiseCancelled);
    if (typeOf(error) === 'NotOwner') return store.update((state) => recordDisowned(state, causeOf(error), Date.now()));
    const said = `${percentage} % could not be confirmed: ${causeOf(error)}`;
    const unconfirmed = { why: said, sinceMs: Date.now(), because: 'unconfirmed' } as const;
    store.update((state) => hold(state, unconfirmed));
  }
}

/** Retries an unconfirmed zero for ever, in the loop, and reports each failure. */
async function toZero(store: RolloutStore, why: string): Promise<void> {
  // Above the generation of writes that may still be under way.
  const order = { ...store.order(0, why), generation: store.state.flag.highestGeneration + ZERO_ABOVE };
  try {
    const { generation } = await zero.setTraffic.executeWithOptions({ summary: '0 %' }, [order]);
    store.update((state) => recordZero(state, generation, Date.now()));
  } catch (error) {
    log.error(`0 % is NOT confirmed yet, trying again: ${causeOf(error)}`);
    store.update((state) => recordZeroProblem(state, causeOf(error), Date.now()));
    const pause = sleep(BETWEEN_ZEROS_MS);
    sendNotices(store);
    await pause;
  }
}

/** Waits for the time, for a verb, or for news from the watch, whichever comes first. */
async function waitAndWatch(store: RolloutStore, wait: WaitDecision, mayLeave: () => boolean): Promise<void> {
  const seen = store.changes;
  const scope = new CancellationScope();
  const changed = (): boolean => store.changes !== seen || mayLeave();
  const { watch: watched, stop } = store.state;
  const known = watched.health === undefined ? undefined : verdictKey(watched.health);
  const watching = stop === undefined ? scope.run(() => watch(store, known)) : new Promise<never>(() => undefined);
  const untilMs = wakesAtMs(wait, nextStepHookMs(store.plan, store.state), Date.now());
  const waiting = scope.run<unknown>(async () =>
    untilMs === undefined ? condition(changed) : condition(changed, untilMs - Date.now()),
  );
  const asked = stop === undefined ? scope.run(() => lookWhenAsked(store)) : undefined;
  await Promise.race([settled(watching), waiting]);
  scope.cancel();
  await settled(waiting);
  if (asked !== undefined) await settled(asked);
  if (stop !== undefined) return;
  const verdict = await settled(watching);
  // Also when the time was up at the same moment: a breach must not be lost.
  if (verdict !== undefined) recordLook(store, { ...verdict, atMs: Math.min(verdict.atMs, Date.now()) });
}

/** The time that ends the wait, or its deadline or the next try of a hook if that comes first and is still ahead. */
function wakesAtMs({ untilMs, deadline }: WaitDecision, hookMs: number | undefined, nowMs: number): number | undefined {
  const times = [untilMs, deadline?.atMs, hookMs].filter((atMs): atMs is number => atMs !== undefined && atMs > nowMs);
  return times.length === 0 ? untilMs : Math.min(...times);
}

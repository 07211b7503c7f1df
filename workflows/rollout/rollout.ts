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
import { verdictKey } from '../../rules/guards/health';
import type { Decision } from '../../rules/rollout/decision';
import type { Waiting } from '../../rules/rollout/wait';
import { decide } from '../../rules/rollout/decide';
import { diagnosisAtEnd, diagnosisOpen } from '../../rules/rollout/diagnosed';
import { recordDrift } from '../../rules/rollout/drift';
import { RAISE_ABOVE, RESTORE_ABOVE, ZERO_ABOVE } from '../../rules/rollout/state/flag';
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
import { BackgroundDelivery } from './delivery';
import { startDiagnosis } from './diagnosis';
import { startCountingUnreadable } from './unreadable';
import { Ledger } from './ledger';
import { claimOf, releaseOwner, takeOwner } from './owner';
import { checkZero, look, probeReads, proveItems, readFlag, readFreezes, recordLook, watch } from './looks';
import { lookAtDeployment } from './deployed';
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
  const ledger = new Ledger(input, carried);
  const beside = new BackgroundDelivery(ledger);
  const mayLeave = (): boolean =>
    workflowInfo().continueAsNewSuggested && !atWorkBeside(ledger, beside) && ledger.mayHandOn();
  const asked = CancellationScope.current().cancelRequested.catch(() =>
    ledger.abort({ by: 'Temporal', reason: 'the workflow was cancelled' }),
  );
  return CancellationScope.nonCancellable(async () => {
    void asked;
    await everythingSent();
    for (;;) {
      startDiagnosis(ledger);
      startCountingUnreadable(ledger);
      beside.follow();
      const decision = decide(input.plan, ledger.state, Date.now());
      ledger.show(decision);
      if (decision.do === 'finish') {
        if (await releaseOwner(ledger)) continue;
        if (await sendFinalNotices(ledger, ended(ledger.state, decision.outcome, Date.now()))) continue;
        if (await ledger.listEnd()) continue;
        return finish(ledger, decision);
      }
      if (mayLeave() && mayGoOnInNewRun(ledger, decision)) await continueAsNew<typeof rollout>(input, ledger.state);
      // A notice must not share a task with a try for zero: if it cannot be started, neither could the zero.
      if (decision.do !== 'roll-back') sendNotices(ledger);
      await survived(ledger, () => carryOut(ledger, decision, mayLeave));
    }
  });
}

/**
 * No failure in Temporal ends the rollout: after an activity that was failed or cancelled by hand, or ran out of time, it
 * decides again. A defect of the code is not caught: it fails the task, which the next version retries.
 */
async function survived(ledger: Ledger, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    log.error(`a step of the rollout failed and is retried: ${causeOf(error)}`);
    ledger.aside((state) => note(state, { atMs: Date.now(), what: `retried: ${causeOf(error)}` }));
    await sleep(BETWEEN_TRIES_MS);
  }
}

/** A new run would lose an activity that runs beside the rollout. */
const atWorkBeside = ({ state }: Ledger, { atWork }: BackgroundDelivery): boolean =>
  atWork ||
  diagnosisOpen(state, Date.now()) ||
  (state.watch.countingUnreadable === true && state.watch.unreadable === undefined);

/** In a wait, and between two tries for zero; it does not delay the first try. */
function mayGoOnInNewRun({ state }: Ledger, decision: Decision): boolean {
  return decision.do === 'wait' || (decision.do === 'roll-back' && state.zero.problem !== undefined);
}

/** Nothing is awaited here: verbs that arrive before it are obeyed, and after it there is no rollout. */
function finish(ledger: Ledger, { outcome }: Extract<Decision, { do: 'finish' }>): RolloutResult {
  ledger.update((state) => ended(state, outcome, Date.now()));
  ledger.showEnd();
  const { flag, watch, gates } = ledger.state;
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
  ledger: Ledger,
  decision: Exclude<Decision, { do: 'finish' }>,
  mayLeave: () => boolean,
): Promise<void> {
  switch (decision.do) {
    case 'read-flag':
      return readFlag(ledger);
    case 'take-owner':
      return takeOwner(ledger);
    case 'look-at-deployment':
      return lookAtDeployment(ledger);
    case 'read-freezes':
      return readFreezes(ledger);
    case 'look':
      return look(ledger);
    case 'prove':
      return proveItems(ledger, decision.items);
    case 'probe':
      return probeReads(ledger);
    case 'give-up':
      return ledger.abort({ by: 'the plan', reason: decision.why });
    case 'set-traffic':
      return raiseTraffic(ledger, decision);
    case 'restore-traffic':
      return restoreTraffic(ledger, decision);
    case 'wait':
      return waitAndWatch(ledger, decision, mayLeave);
    case 'roll-back':
      return toZero(ledger, decision.why);
    case 'check-zero':
      return checkZero(ledger);
  }
}

async function raiseTraffic(ledger: Ledger, { percentage, stepIndex, why }: Raise): Promise<void> {
  const { generation, percentage: before, version } = ledger.state.flag;
  const expected = { generation, percentage: before, version };
  ledger.update((state) => record.raising(state, percentage));
  const order = {
    ...ledger.order(percentage, why),
    generation: ledger.state.flag.highestGeneration + RAISE_ABOVE,
    expected,
  };
  await setTraffic(ledger, order, stepIndex);
}

/** Over the outside change, as it was found and reported, and above the generation of a raise that may be under way. */
async function restoreTraffic(ledger: Ledger, { percentage, stepIndex, over, why }: Restore): Promise<void> {
  const version = { version: over.version };
  const known = over.found
    ? { expected: { generation: over.generation, percentage: over.percentage, ...version } }
    : { overUnreadable: version };
  const order = {
    ...ledger.order(percentage, why),
    generation: ledger.state.flag.highestGeneration + RESTORE_ABOVE,
    ...known,
  };
  await setTraffic(ledger, order, stepIndex);
}

/** A write superseded by a stop, pause or hold is cancelled, and its end awaited: the next write comes after it. */
async function setTraffic(ledger: Ledger, order: TrafficOrder, stepIndex: number): Promise<void> {
  const { percentage } = order;
  const overtaken = (): boolean => (ledger.state.stop ?? ledger.state.paused ?? ledger.state.held) !== undefined;
  const scope = new CancellationScope();
  const owned = { ...order, owner: claimOf(ledger) };
  const writing = scope.run(() => raise.setTraffic.executeWithOptions({ summary: `${percentage} %` }, [owned]));
  await untilEither(writing, overtaken);
  if (overtaken()) scope.cancel();
  try {
    const result = await writing;
    if (result.status === 'drift')
      ledger.update((state) => recordDrift(ledger.plan, state, { found: true, ...result }, Date.now()));
    else ledger.update((state) => record.recordRaise(state, result, stepIndex, Date.now()));
  } catch (error) {
    if (isCancellation(error)) return ledger.update(record.recordRaiseCancelled);
    if (typeOf(error) === 'NotOwner')
      return ledger.update((state) => recordDisowned(state, causeOf(error), Date.now()));
    const said = `${percentage} % could not be confirmed: ${causeOf(error)}`;
    const unconfirmed = { why: said, sinceMs: Date.now(), because: 'unconfirmed' } as const;
    ledger.update((state) => hold(state, unconfirmed));
  }
}

/** Retries an unconfirmed zero for ever, in the loop, and reports each failure. */
async function toZero(ledger: Ledger, why: string): Promise<void> {
  // Above the generation of writes that may still be under way.
  const order = { ...ledger.order(0, why), generation: ledger.state.flag.highestGeneration + ZERO_ABOVE };
  try {
    const { generation } = await zero.setTraffic.executeWithOptions({ summary: '0 %' }, [order]);
    ledger.update((state) => recordZero(state, generation, Date.now()));
  } catch (error) {
    log.error(`0 % is NOT confirmed yet, trying again: ${causeOf(error)}`);
    ledger.update((state) => recordZeroProblem(state, causeOf(error), Date.now()));
    const pause = sleep(BETWEEN_ZEROS_MS);
    sendNotices(ledger);
    await pause;
  }
}

/** Waits for the time, for a verb, or for news from the watch, whichever comes first. */
async function waitAndWatch(ledger: Ledger, wait: Waiting, mayLeave: () => boolean): Promise<void> {
  const seen = ledger.changes;
  const scope = new CancellationScope();
  const changed = (): boolean => ledger.changes !== seen || mayLeave();
  const { watch: watched, stop } = ledger.state;
  const known = watched.health === undefined ? undefined : verdictKey(watched.health);
  const watching = stop === undefined ? scope.run(() => watch(ledger, known)) : new Promise<never>(() => undefined);
  const untilMs = wakesAtMs(wait, Date.now());
  const waiting = scope.run<unknown>(async () =>
    untilMs === undefined ? condition(changed) : condition(changed, untilMs - Date.now()),
  );
  await Promise.race([settled(watching), waiting]);
  scope.cancel();
  await settled(waiting);
  if (stop !== undefined) return;
  const verdict = await settled(watching);
  // Also when the time was up at the same moment: a breach must not be lost.
  if (verdict !== undefined) recordLook(ledger, { ...verdict, atMs: Math.min(verdict.atMs, Date.now()) });
}

/** The time that ends the wait, or its deadline if that comes first and is still ahead. */
function wakesAtMs({ untilMs, deadline }: Waiting, nowMs: number): number | undefined {
  const times = [untilMs, deadline?.atMs].filter((atMs): atMs is number => atMs !== undefined && atMs > nowMs);
  return times.length === 0 ? untilMs : Math.min(...times);
}

import { ActivityFailure, TimeoutFailure } from '@temporalio/common';
import { CancellationScope, isCancellation, log, sleep } from '@temporalio/workflow';
import { namedCheck } from '../../rules/checks/check';
import { openItems, recordProof } from '../../rules/rollout/checklist';
import { findingsParameterOf } from '../../rules/fallback/findings-document';
import { recordVariables, variablesWatched } from '../../rules/rollout/delivering';
import { knownFlags, recordFlagSeen } from '../../rules/rollout/drift';
import { probedBy, recordProbe } from '../../rules/rollout/gates/probe';
import type { Probed } from '../../rules/rollout/state/gates';
import { nextStep, samplesDueMs } from '../../rules/rollout/raise';
import { recordFlag } from '../../rules/rollout/reconcile';
import type { FlagReading } from '../../rules/rollout/state/flag';
import * as halt from '../../rules/rollout/pause-hold';
import * as record from '../../rules/rollout/state/state';
import { notLooked } from '../../rules/rollout/outside/unwatched';
import { followsGuard, addressesOf } from '../../rules/verification/parts';
import { recordZeroCheck } from '../../rules/rollout/zero';
import type { ProbeOrder } from '../../activities/act/jobs/probe';
import type { WatchResult, WatchOrder } from '../../activities/observe/watch';
import { askNamed } from '../checks';
import { proofOf } from '../checklist-proof';
import { counting, observe, probing, read } from '../proxies';
import type { RolloutStore } from './store';
import { causeOf, typeOf, unlessSuperseded, untilChanged } from '../cancellable';
import { recordDeploymentLook, recordNoDeploymentLook } from '../../rules/rollout/gates/deployment';
import { recordUnreadable, unreadableAt, unreadableDue } from '../../rules/rollout/unreadable';

const WATCHED_AT_MOST_MS = 6 * 3_600_000;
const LONGEST_AFTER_FAILURE_MS = 5 * 60_000;

export async function readFlag(store: RolloutStore): Promise<void> {
  const { plan } = store;
  const place = { aws: plan.aws, flag: plan.flag };
  const owed = { parameter: findingsParameterOf(plan), environment: plan.environment };
  const asked = record.mayHaveTraffic(store.state) ? place : { ...place, owed };
  const reading = await untilChanged(store, () => readable(read.readFlag(asked)));
  if (reading !== undefined) store.update((state) => recordFlag(store.plan, state, reading, Date.now()));
}

/** An unreadable one is reported and read again later: meanwhile nothing is raised. */
export async function readFreezes(store: RolloutStore): Promise<void> {
  const { aws, freezeParameter: parameter } = store.plan;
  if (parameter === undefined) return;
  const readAtMs = Date.now();
  const seen = store.changes;
  const reading = await untilChanged(store, async () => {
    try {
      return { list: await read.readFreezes({ aws, parameter }), readAtMs };
    } catch (error) {
      if (isCancellation(error)) throw error;
      return { list: store.state.gates.freezes?.list ?? [], readAtMs: Date.now(), problem: causeOf(error) };
    }
  });
  if (reading !== undefined && store.changes === seen) store.update((state) => record.recordFreezes(state, reading));
}

/**
 * All at once: a long one must not delay the others. A proof may run jobs for half an hour, so only a stop of the rollout,
 * or a tick of the item, ends it; a superseded one is tried again later.
 */
export async function proveItems(store: RolloutStore, ids: readonly string[]): Promise<void> {
  const { plan } = store;
  const items = plan.checklist.filter(({ id }) => ids.includes(id));
  const superseded = (): boolean => {
    const { stop, paused, held } = store.state;
    const isOpen = openItems(plan, store.state).some(({ id }) => ids.includes(id));
    return (stop ?? paused ?? held) !== undefined || !isOpen;
  };
  const proofs = await unlessSuperseded(superseded, () => Promise.all(items.map((item) => proofOf(store, item))));
  for (const proof of proofs ?? []) store.update((state) => recordProof(state, proof));
}

/** The probe's checks, then probe jobs. Takes as long as these; only a stop of the rollout ends it, as with a proof. */
export async function probeReads(store: RolloutStore): Promise<void> {
  const { plan } = store;
  const percentage = nextStep(plan, store.state)?.percentage ?? 0;
  const superseded = (): boolean => {
    const { stop, paused, held } = store.state;
    return (stop ?? paused ?? held) !== undefined;
  };
  const probed = await unlessSuperseded(superseded, async () => {
    const asked = plan.probe === undefined ? undefined : await checksOf(store, plan.probe.checks);
    if (asked !== undefined && (asked.verdict !== 'passed' || (plan.verification.probeJobs ?? 0) === 0)) return asked;
    return probeOf({ aws: plan.aws, verification: plan.verification, percentage });
  });
  if (probed !== undefined) store.update((state) => recordProbe(state, probed, Date.now()));
}

/** All at once, before any probe job: they cost less. */
async function checksOf(store: RolloutStore, names: readonly string[]): Promise<Probed> {
  const { plan } = store;
  const around = { plan, sinceMs: store.state.startedAtMs, notices: () => store.state };
  return probedBy(await Promise.all(names.map((name) => askNamed(name, namedCheck(plan.checks, name), around))));
}

async function probeOf(order: ProbeOrder): Promise<Probed> {
  try {
    return await probing.probeReads(order);
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { verdict: 'not-known', why: `could not be tried: ${causeOf(error)}` };
  }
}

/** As old as the question: between answer and raise there may have been no worker for hours. */
export async function look(store: RolloutStore): Promise<void> {
  const askedAtMs = Date.now();
  const seen = store.changes;
  const verdict = await untilChanged(store, () => watch(store));
  // A push that arrived meanwhile is newer than a check without news.
  const outdated = store.changes !== seen && verdict?.outcome !== 'breach';
  if (verdict !== undefined && !outdated) recordLook(store, { ...verdict, atMs: askedAtMs });
}

/** A breach first: an outside change is no reason to delay it. */
export function recordLook(store: RolloutStore, { flag, variables, ...verdict }: WatchResult): void {
  store.update((state) => halt.recordVerdict(state, verdict));
  if (flag !== undefined) store.update((state) => recordFlagSeen(store.plan, state, flag, Date.now()));
  if (variables !== undefined) store.update((state) => recordVariables(store.plan, state, variables, Date.now()));
}

export async function checkZero(store: RolloutStore): Promise<void> {
  const { aws, flag } = store.plan;
  const reading = await readable(read.readFlag({ aws, flag }));
  store.update((state) => recordZeroCheck(state, reading, Date.now()));
}

/** A read that is refused for good is an answer too: it must not end the rollout. */
async function readable(reading: Promise<FlagReading>): Promise<FlagReading> {
  try {
    return await reading;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return { found: false, why: `the flag cannot be read: ${causeOf(error)}` };
  }
}

/**
 * The result of a check. A failed or missed check is a result too: nothing is known, so nothing is raised by it. Only its
 * own cancellation is thrown.
 */
export async function watch(store: RolloutStore, known?: string): Promise<WatchResult> {
  const { intervalMs } = store.plan.watch;
  for (;;) {
    const begunAtMs = Date.now();
    try {
      const options = { scheduleToCloseTimeout: watchedAtMostMs(intervalMs) };
      return await observe.watchAlarms.executeWithOptions(options, [orderOf(store, known)]);
    } catch (error) {
      if (CancellationScope.current().consideredCancelled) throw error;
      // Its time was up after a check without news: start it again.
      if (typeOf(error) === 'NothingNew') continue;
      log.warn(`the check failed: ${causeOf(error)}`);
      // An immediate failure must not repeat thousands of times.
      await sleep(Math.min(intervalMs, LONGEST_AFTER_FAILURE_MS));
      const sinceMs = lastLookOf(error) ?? begunAtMs;
      return notLooked({ sinceMs, why: causeOf(error) }, Date.now());
    }
  }
}

/** `activities/observe/watch.ts` puts it into its heartbeats. */
function lastLookOf(error: unknown): number | undefined {
  const cause = error instanceof ActivityFailure ? error.cause : undefined;
  const details: unknown = cause instanceof TimeoutFailure ? cause.lastHeartbeatDetails : undefined;
  const lookedAtMs = (details as { readonly lookedAtMs?: unknown } | null | undefined)?.lookedAtMs;
  return typeof lookedAtMs === 'number' ? lookedAtMs : undefined;
}

/** Each end costs six events, so minutes do not bound it: the worker handles those (`worker/supervise.ts`). */
const watchedAtMostMs = (intervalMs: number): number => Math.max(WATCHED_AT_MOST_MS, 10 * intervalMs);

export function orderOf({ plan, state }: RolloutStore, known: string | undefined): WatchOrder {
  const { alarms, intervalMs } = plan.watch;
  const follows = followsGuard(plan);
  const guards = follows === undefined ? plan.watch.guards : [...plan.watch.guards, follows];
  // Before the first raise only the present counts: a past alarm did not concern this rollout.
  const [sinceMs, holdsSinceMs] = record.mayHaveTraffic(state)
    ? [state.watch.sinceMs, state.watch.holdsSinceMs]
    : [Date.now(), Date.now()];
  // An unconfirmed raise may be in effect.
  const percentage = Math.max(state.flag.percentage, state.flag.raisingTo ?? 0);
  const dueMs = samplesDueMs(plan, state);
  const step = { percentage, dueMs };
  const mayStand = knownFlags(state);
  const { delivery } = plan;
  const watched = delivery !== undefined && variablesWatched(plan, state);
  const variables = watched ? { variables: { delivery, percentage: state.flag.percentage } } : {};
  const order = {
    aws: plan.aws,
    alarms,
    guards,
    ...step,
    intervalMs,
    sinceMs,
    holdsSinceMs,
    flag: mayStand === undefined ? undefined : { flag: plan.flag, known: mayStand },
    ...variables,
  };
  return { ...order, known, watched: { service: plan.service, environment: plan.environment } };
}

/** Before the first raise only. A failed check is reported and repeated later: meanwhile nothing is raised. */
export async function lookAtDeployment(store: RolloutStore): Promise<void> {
  const { aws, service, environment, infrastructure } = store.plan;
  const look = await untilChanged(store, async () => {
    try {
      return await read.lookAtDeployment({ aws, service, environment, stacks: infrastructure?.stacks ?? [] });
    } catch (error) {
      if (isCancellation(error)) throw error;
      return { problem: causeOf(error) };
    }
  });
  if (look === undefined) return;
  if ('problem' in look) store.update((state) => recordNoDeploymentLook(state, look.problem, Date.now()));
  else store.update((state) => recordDeploymentLook(store.plan, state, look, Date.now()));
}

/**
 * Counts the finished jobs that become unreadable when a person returned traffic to 0 %, beside the second check of that
 * zero. Never throws and nothing waits for it: the status shows the result when it is there.
 */
export function startCountingUnreadable(store: RolloutStore): void {
  const { plan, state } = store;
  const stateMachine = unreadableAt(plan);
  if (stateMachine === undefined || !unreadableDue(plan, state)) return;
  store.update((now) => ({ ...now, watch: { ...now.watch, countingUnreadable: true } }));
  const order = { aws: plan.aws, stateMachine, addresses: addressesOf(plan.verification) };
  void counting
    .countUnreadable(order)
    .catch((error: unknown) => ({ count: 0, notKnown: causeOf(error) }))
    .then((found) => store.update((now) => recordUnreadable(plan, now, found, Date.now())));
}

import { ApplicationFailure } from '@temporalio/common';
import { CancellationScope, condition, isCancellation, log } from '@temporalio/workflow';

/**
 * Resolves when everything sent before the first task has reached its handler, in the order of arrival (`boundary.ts`).
 * Await it once, after the handlers are set and before the first decision.
 */
export const everythingSent = (): Promise<void> => Promise.resolve();

/** Runs a read until a verb or an alarm supersedes it; undefined when that happened. */
export function untilChanged<T>(store: { readonly changes: number }, work: () => Promise<T>): Promise<T | undefined> {
  const seen = store.changes;
  return unlessSuperseded(() => store.changes !== seen, work);
}

/** Runs work until it is superseded; undefined when that happened. */
export async function unlessSuperseded<T>(superseded: () => boolean, work: () => Promise<T>): Promise<T | undefined> {
  const scope = new CancellationScope();
  const working = scope.run(work);
  await untilEither(working, superseded);
  if (!superseded()) return working;
  scope.cancel();
  return settled(working);
}

/**
 * Runs work and cancels it at a stop; waits for its end in any case and returns its value or throws its error. Also waits
 * for the end when the workflow is cancelled.
 */
export async function untilStopped<T>(stop: () => boolean, work: () => Promise<T>): Promise<T> {
  const scope = new CancellationScope();
  const working = scope.run(work);
  await CancellationScope.nonCancellable(() => untilEither(working, stop));
  if (stop()) scope.cancel();
  return working;
}

/**
 * Until the work has ended or the condition holds, whichever comes first. Never throws. A condition left without a waiter
 * would stay and be evaluated after each task for as long as the workflow runs.
 */
export async function untilEither(work: Promise<unknown>, holds: () => boolean): Promise<void> {
  const scope = new CancellationScope();
  const held = scope.run(() => condition(holds)).catch(() => undefined);
  await Promise.race([settled(work), held]);
  scope.cancel();
}

/** The value, or undefined when it was cancelled; never throws. */
export async function settled<T>(promise: Promise<T>): Promise<T | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (!isCancellation(error)) log.warn(`gave up: ${causeOf(error)}`);
    return undefined;
  }
}

/** The failure type that an activity gave its error. */
export function typeOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof ApplicationFailure ? (cause.type ?? undefined) : undefined;
}

export function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

import { ApplicationFailure } from '@temporalio/common';
import { CancellationScope, condition, isCancellation, log } from '@temporalio/workflow';

/**
 * What was sent before the first task is handed to the handlers while this is awaited, in the order of its arrival
 * (`boundary.ts`): called once, after they are set and before anything is decided.
 */
export const everythingSent = (): Promise<void> => Promise.resolve();

/** Runs a look that a verb or an alarm makes worthless; undefined when that happened. */
export function untilChanged<T>(ledger: { readonly changes: number }, work: () => Promise<T>): Promise<T | undefined> {
  const seen = ledger.changes;
  return unlessOvertaken(() => ledger.changes !== seen, work);
}

/** Runs what is worthless once it is overtaken; undefined when that happened. */
export async function unlessOvertaken<T>(overtaken: () => boolean, work: () => Promise<T>): Promise<T | undefined> {
  const scope = new CancellationScope();
  const working = scope.run(work);
  await untilEither(working, overtaken);
  if (!overtaken()) return working;
  scope.cancel();
  return settled(working);
}

/**
 * Runs what is cancelled once somebody says stop, and waits for what comes of that: its value, or what it throws. A cancelled
 * workflow waits for its end too.
 */
export async function untilStopped<T>(stop: () => boolean, work: () => Promise<T>): Promise<T> {
  const scope = new CancellationScope();
  const working = scope.run(work);
  await CancellationScope.nonCancellable(() => untilEither(working, stop));
  if (stop()) scope.cancel();
  return working;
}

/**
 * Until the work has ended or it holds, whatever comes first. Never throws. A condition that nobody waits for any more would
 * stay, and be asked after each task for as long as the workflow runs.
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

/** The type an activity gave its failure. */
export function typeOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof ApplicationFailure ? (cause.type ?? undefined) : undefined;
}

export function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  return cause instanceof Error ? cause.message : String(cause);
}

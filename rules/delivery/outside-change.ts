import type { DeliveryProgress } from './progress';
import type { Variables } from './delivery';

type Found = Readonly<Record<string, string | undefined>>;

/** Variables that differ from those of this raise. */
export interface Others {
  readonly found: Found;
  /** The percentage they amount to; undefined when they give none. */
  readonly means: number | undefined;
  readonly percentage: number;
  readonly wanted: Variables;
  /** Whether AWS itself may have rolled them back after they were set, as it does with a failed ECS deployment. */
  readonly mayBeTakenBack: boolean;
}

/**
 * Whether the variables may be set to those of a raise. `lowered`: a lower percentage was set since, which is the runbook's own
 * rollback; `changed`: they were changed for an unknown reason. 0 % is always set.
 */
export function classifyOutsideChange(
  others: Others,
  { from, before, stood }: DeliveryProgress,
): 'may-be-set' | 'lowered' | 'changed' {
  const { found, means, percentage, wanted, mayBeTakenBack } = others;
  if (percentage === 0) return 'may-be-set';
  const lower = means !== undefined && means < percentage;
  if (before === undefined) return means !== undefined && means < (from ?? 0) ? 'lowered' : 'may-be-set';
  const asBefore = Object.keys(wanted).every((name) => found[name] === before[name]);
  // A failed update is rolled back and retried within its time limit.
  if (asBefore && stood === undefined) return 'may-be-set';
  if (asBefore && mayBeTakenBack) return 'changed';
  return lower ? 'lowered' : 'changed';
}

/** The present values of the rollout's own variables. */
export const oursIn = (wanted: Variables, found: Found): Variables =>
  Object.fromEntries(
    Object.keys(wanted).flatMap((name) => (found[name] === undefined ? [] : [[name, found[name]] as const])),
  );

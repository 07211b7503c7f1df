import type { DeliveryProgress } from './progress';
import type { Variables } from './delivery';

type Found = Readonly<Record<string, string | undefined>>;

/** Variables that are set where the API is served, and are not those of this raise. */
export interface Others {
  readonly found: Found;
  /** What they amount to; undefined when they say nothing. */
  readonly means: number | undefined;
  readonly percentage: number;
  readonly wanted: Variables;
  /** Whether AWS itself may have taken them back after they stood, as a deployment of ECS that fails is. */
  readonly mayBeTakenBack: boolean;
}

/**
 * Whether the variables may be set to those of a raise. `lowered`: somebody set a lower percentage since, which is the runbook's own
 * rollback; `changed`: they are not ours any more, and nobody can know why. 0 % is set whatever it finds.
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
  // An update that fails is taken back, and tried again within its time.
  if (asBefore && stood === undefined) return 'may-be-set';
  if (asBefore && mayBeTakenBack) return 'changed';
  return lower ? 'lowered' : 'changed';
}

/** The values found of the variables that are ours. */
export const oursIn = (wanted: Variables, found: Found): Variables =>
  Object.fromEntries(
    Object.keys(wanted).flatMap((name) => (found[name] === undefined ? [] : [[name, found[name]] as const])),
  );

import type { DeliveryProgress } from '../../../rules/delivery/progress';
import type { Delivery, OtherVariables, Variables } from '../../../rules/delivery/delivery';
import { classifyOutsideChange, oursIn } from '../../../rules/delivery/outside-change';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { asOther } from '../../observe/delivery/variables';

export interface VariablesOrder {
  readonly aws: AwsTarget;
  readonly delivery: Delivery;
  readonly wanted: Variables;
  readonly percentage: number;
  readonly progress: DeliveryProgress;
  /** Runs immediately before each write; throws when the write is no longer allowed. */
  readonly fence: (abortSignal: AbortSignal) => Promise<void>;
}

/** What AWS reports after a step. */
export interface Place {
  /** Whether AWS has finished; if not, why. */
  readonly settled: true | string;
  readonly instances: readonly string[];
  readonly desired: number;
  readonly progress: DeliveryProgress;
  readonly others?: OtherVariables;
  /** Why a raise sets nothing yet. */
  readonly waitsFor?: string;
}

/** What is known of the variables from now on, and whose they are when they do not belong to this raise. */
export function handsOn(
  { delivery, wanted, percentage, progress }: VariablesOrder,
  found: Readonly<Record<string, string | undefined>>,
): Pick<Place, 'progress' | 'others'> {
  const others = asOther({ delivery, percentage }, found);
  if (others === undefined) return { progress: { ...progress, stood: true } };
  const mayBeTakenBack = delivery.to.kind === 'ecs';
  const hand = classifyOutsideChange({ found, means: others.percentage, percentage, wanted, mayBeTakenBack }, progress);
  if (hand === 'may-be-set') return { progress: { before: oursIn(wanted, found), ...progress } };
  const { why, percentage: means } = others;
  if (hand === 'lowered' && means !== undefined) return { progress, others: { why, percentage: means } };
  return { progress, others: { why: mayBeTakenBack ? `${why}, unless ECS itself took them back` : why } };
}

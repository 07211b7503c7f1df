import type { ShapeOf } from '../../plan/shape';

/** A flag above 0 % whose rollout is gone from Temporal, as an operator saw it and wants it to be taken over. Plain JSON. */
export interface Adoption {
  readonly percentage: number;
  readonly generation: number;
  /** SSM's version of that value; undefined when SSM has not reported it. */
  readonly version?: number | undefined;
  /** The highest generation that a reader may have seen. */
  readonly highestGeneration: number;
  /** Since when AWS has the flag at this percentage; alarms count from then on. Undefined when it is not known. */
  readonly sinceMs?: number | undefined;
  /** When this step's soak began, if a whole audit record proves it. */
  readonly soakedSinceMs?: number | undefined;
  /** The text of the owner parameter, which names the lost rollout; undefined without one. */
  readonly owner?: string | undefined;
}

/** Of the input and of the state. */
export const ADOPTION_SHAPE = {
  ...{ percentage: 'number', generation: 'number', 'version?': 'number', highestGeneration: 'number' },
  ...{ 'sinceMs?': 'number', 'soakedSinceMs?': 'number', 'owner?': 'string' },
} as const satisfies ShapeOf<Adoption>;

/** What a rollout knows of the flag that it was asked to take over. */
export interface AdoptionState extends Adoption {
  /** When it owned the flag and found it as the operator had seen it; absent before. */
  readonly adoptedAtMs?: number | undefined;
}

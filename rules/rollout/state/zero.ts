import type { Cause } from './cause';

/** Progress of the way to 0 %. */
export interface ZeroState {
  /** When 0 % was written and read back, and whether the second check confirmed it. */
  readonly written?: { readonly atMs: number; readonly checked: boolean };
  /** Why 0 % is not confirmed yet. */
  readonly problem?: string;
  /** An operator accepted that 0 % is not delivered everywhere, and why (`rules/rollout/verbs/accept-undelivered.ts`). */
  readonly undelivered?: Cause;
}

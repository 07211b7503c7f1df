import type { Cause } from './cause';

/** How far the way to 0 % is. */
export interface ZeroState {
  /** 0 % was written and read back, and whether the second look found it too. */
  readonly written?: { readonly atMs: number; readonly checked: boolean };
  /** Why 0 % is not confirmed, while it is not. */
  readonly problem?: string;
  /** An operator accepted that 0 % is not delivered everywhere, and why (`rules/rollout/verbs/accept-undelivered.ts`). */
  readonly undelivered?: Cause;
}

import type { Delivered } from '../../delivery/delivery';
import type { DeliveryProgress } from '../../delivery/progress';

/** What a rollout knows of the way of its percentage to an API that knows only environment variables. */
export interface DeliveryState {
  /** What is delivered, or was. */
  readonly percentage: number;
  /** Since when, later by pauses. */
  readonly sinceMs: number;
  /** What is known of the variables while a raise is delivered. */
  readonly progress?: DeliveryProgress;
  /** The newest look, and when it was asked for. */
  readonly found?: Delivered;
  readonly askedAtMs?: number;
  /** When every instance was known to report it. */
  readonly doneAtMs?: number;
  /** Why the last try to deliver 0 % failed. */
  readonly problem?: string;
}

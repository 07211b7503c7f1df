import type { Delivered } from '../../delivery/delivery';
import type { Moment } from './clock';
import type { DeliveryProgress } from '../../delivery/progress';

/** What a rollout knows of the delivery to an API that knows only environment variables. */
export interface DeliveryState {
  /** The percentage being delivered or already delivered. */
  readonly percentage: number;
  readonly since: Moment;
  /** Progress of the variables while a raise is delivered. */
  readonly progress?: DeliveryProgress;
  /** The newest check, and when it was requested. */
  readonly found?: Delivered;
  readonly askedAtMs?: number;
  /** When every instance was known to report it. */
  readonly doneAtMs?: number;
  /** Why the last try to deliver 0 % failed. */
  readonly problem?: string;
}

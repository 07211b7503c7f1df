import type { EnvironmentPlan } from '../rules/plan/environment-plan';
import type { Traffic } from './api/traffic';

/** One environment of the running sandbox. */
export interface Served {
  readonly plan: EnvironmentPlan;
  readonly apiUrl: string;
  readonly traffic: Traffic;
}

import type { DeliveryProgress } from './progress';

/**
 * How the flags reach an API that knows only its environment variables: they are set where it is served, which restarts it,
 * and the flags count as delivered when every instance says in its health that it goes by them.
 */
export interface Delivery {
  readonly to: DeliveryTarget;
  readonly variables: VariableNames;
  readonly report: ReportPlace;
  /** Longest time of a raise's delivery; then the rollout holds. That of 0 % is tried without end. */
  readonly withinMs: number;
}

export type DeliveryTarget =
  | { readonly kind: 'elastic-beanstalk'; readonly application?: string; readonly environment: string }
  | { readonly kind: 'ecs'; readonly cluster: string; readonly service: string; readonly container: string };

/** Names of the three variables. */
export interface VariableNames {
  readonly use: string;
  readonly enable: string;
  readonly percentage: string;
}

/** Where the instances say what they go by. */
export interface ReportPlace {
  /** Address of the health; behind a load balancer each answer is of one instance. */
  readonly address: string;
  /** Field of the answer that names the instance, by the id that AWS gives it. */
  readonly instanceField: string;
}

/** PAVI's own (agr_pavi, api/src/config.py). */
export const PAVI_VARIABLES: VariableNames = {
  use: 'USE_STEP_FUNCTIONS',
  enable: 'ENABLE_STEP_FUNCTIONS_ROLLOUT',
  percentage: 'STEP_FUNCTIONS_ROLLOUT_PERCENTAGE',
};

/** What a look found of a delivery. Plain JSON. */
export interface Delivered {
  /** Instances that report the wanted values, of all there are. */
  readonly reporting: number;
  readonly of: number;
  readonly complete: boolean;
  readonly why: string;
  /** What the next look at the same raise has to know. */
  readonly progress?: DeliveryProgress;
  /** Set when somebody else set the variables during a raise: nothing was set over them. */
  readonly others?: OtherVariables;
}

/** Variables that somebody else set. */
export interface OtherVariables {
  /** What they amount to; undefined when they say nothing. */
  readonly percentage?: number;
  readonly why: string;
}

export type Variables = Readonly<Record<string, string>>;

/** Variables that are not as wanted, with what they are. */
export function otherThan(wanted: Variables, found: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(wanted).flatMap(([name, value]) =>
    found[name] === value ? [] : [`${name} is ${found[name] ?? 'not set'}`],
  );
}

export function placeWords(to: DeliveryTarget): string {
  if (to.kind === 'ecs') return `service ${to.service} of ECS cluster ${to.cluster}`;
  return `Elastic Beanstalk environment ${to.environment}`;
}

/** Only what changes here is news: the text alone may tell of another second. */
export const deliveredKey = ({ reporting, of, complete, progress }: Delivered): string =>
  JSON.stringify([reporting, of, complete, progress?.before !== undefined, progress?.stood === true]);

import { fieldsFor, type FlagKeys, percentageIn } from '../../flags/format';
import type { DeliveryProgress } from './progress';

/**
 * How the percentage reaches a service that does not read the flag document. Either as environment variables, where the
 * service runs, which restarts it: delivered when every instance reports in its health that it uses them. Or as the weights
 * between two versions of a Lambda function or two target groups of a load balancer: delivered when AWS reports them.
 */
export interface Delivery {
  readonly to: DeliveryTarget;
  /** The keys of the flag document, by their names as environment variables; of weights, by the name of the weight. */
  readonly variables: FlagKeys;
  /** Absent for weights, which AWS itself reports. */
  readonly report?: ReportPlace;
  /** Longest time of a raise's delivery before the rollout holds. The delivery of 0 % is retried without limit. */
  readonly withinMs: number;
}

export type DeliveryTarget =
  | { readonly kind: 'elastic-beanstalk'; readonly application?: string; readonly environment: string }
  | { readonly kind: 'ecs'; readonly cluster: string; readonly service: string; readonly container: string }
  | {
      readonly kind: 'lambda-alias';
      readonly function: string;
      readonly alias: string;
      /** Published versions: the percentage goes to `new`, the rest to `old`. */
      readonly versions: { readonly new: string; readonly old: string };
    }
  | {
      readonly kind: 'load-balancer';
      /** ARN of a rule with a forward action; not the listener's default rule, which AWS changes by another action. */
      readonly listenerRule: string;
      /** ARNs: the percentage goes to `new`, the rest to `old`. */
      readonly targetGroups: { readonly new: string; readonly old: string };
    };

/** Where the instances report the values they use. */
export interface ReportPlace {
  /** Health address; behind a load balancer each answer comes from one instance. */
  readonly address: string;
  /** Field of the answer with the instance's AWS id. */
  readonly instanceField: string;
}

/** What one check of a delivery found. Plain JSON. */
export interface Delivered {
  /** Number of instances that report the wanted values. */
  readonly reporting: number;
  readonly of: number;
  readonly complete: boolean;
  readonly why: string;
  /** Passed to the next check of the same raise. */
  readonly progress?: DeliveryProgress;
  /** Set after an outside change of the variables during a raise: the rollout overwrote nothing. */
  readonly others?: OtherVariables;
  /** Why a raise sets nothing yet, such as a target group without a healthy target. */
  readonly waitsFor?: string;
}

/** Variables changed from outside. */
export interface OtherVariables {
  /** The percentage they amount to; undefined when they give none. */
  readonly percentage?: number;
  readonly why: string;
}

export type Variables = Readonly<Record<string, string>>;

/** A percentage as environment variables: `true` in lower case, a whole number. */
export function variablesFor(percentage: number, keys: FlagKeys): Variables {
  return Object.fromEntries(Object.entries(fieldsFor(percentage, keys)).map(([name, value]) => [name, String(value)]));
}

/** The percentage that variables amount to. Without the first one it depends on the API's own default. */
export function meaningOf(found: Readonly<Record<string, string | undefined>>, keys: FlagKeys): number | undefined {
  const { percentage: name, switches = [] } = keys;
  const percentage = Number(found[name] ?? 0);
  const first = switches[0]?.name ?? name;
  if (found[first] === undefined || !Number.isFinite(percentage)) return undefined;
  const isAbove = ({ name: key, above }: (typeof switches)[number]): boolean =>
    found[key]?.toLowerCase() === String(above).toLowerCase();
  const values = switches.map((one) => [one.name, isAbove(one) ? one.above : one.atZero]);
  return percentageIn({ ...Object.fromEntries(values), [name]: percentage }, keys);
}

/** Variables that differ from `wanted`, with their present values. */
export function otherThan(wanted: Variables, found: Readonly<Record<string, string | undefined>>): readonly string[] {
  return Object.entries(wanted).flatMap(([name, value]) =>
    found[name] === value ? [] : [`${name} is ${found[name] ?? 'not set'}`],
  );
}

export function placeWords(to: DeliveryTarget): string {
  if (to.kind === 'ecs') return `service ${to.service} of ECS cluster ${to.cluster}`;
  if (to.kind === 'lambda-alias') return `alias ${to.alias} of Lambda function ${to.function}`;
  if (to.kind === 'load-balancer') return `rule ${ruleParts(to).rule} of load balancer ${ruleParts(to).loadBalancer}`;
  return `Elastic Beanstalk environment ${to.environment}`;
}

/** `arn:…:listener-rule/app/{load balancer}/{id}/{listener}/{rule}`: API reference of Elastic Load Balancing v2. */
function ruleParts({ listenerRule }: { readonly listenerRule: string }) {
  const [, , loadBalancer, , , rule] = listenerRule.split('/');
  return { loadBalancer: loadBalancer ?? listenerRule, rule: rule ?? listenerRule };
}

/** `arn:…:targetgroup/{name}/{id}`; a name is unique in its account and region. */
export const targetGroupName = (arn: string): string => arn.split('/')[1] ?? arn;

/** Kinds that split the traffic in AWS itself; of the others the service reads variables. */
export type WeightsKind = 'lambda-alias' | 'load-balancer';

export const isWeights = <T extends { readonly kind: string }>(to: T): to is Extract<T, { kind: WeightsKind }> =>
  to.kind === 'lambda-alias' || to.kind === 'load-balancer';

/** What is set there. */
export const settingsWord = (to: DeliveryTarget): 'variables' | 'weights' => (isWeights(to) ? 'weights' : 'variables');

/** Key of what counts as news: the text alone may differ in the time only. */
export const deliveredKey = ({ reporting, of, complete, progress, waitsFor }: Delivered): string =>
  JSON.stringify([reporting, of, complete, progress?.before !== undefined, progress?.stood === true, waitsFor]);

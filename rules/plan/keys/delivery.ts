import * as names from '../names';
import { z } from 'zod';
import type { FlagKeys } from '../../../flags/format';
import { isObject } from '../../../flags/json';
import { type Delivery, type DeliveryTarget, isWeights } from '../../delivery/delivery';
import { ruleWeightsFor, WEIGHT } from '../../delivery/weights';
import { awsName, duration, key, matching, text } from '../problems/schema-key';
import { keysAt, listAt, valueAt, type Finding } from '../problems/plan-problem';
import { environmentPaths } from '../problems/places';
import type { Path } from '../problems/problems';
import { durationMs } from '../duration';
import { withoutUndefined } from '../without-undefined';

const beanstalk = (shared: boolean) =>
  key(
    z.strictObject({
      application: key(text().max(100, { error: 'must have at most 100 characters' }), {
        is: 'Name of the application; needed only if two applications have an environment of that name.',
        remedy: 'write the name of the application, or remove the key',
      }).optional(),
      environment: key(awsName(names.BEANSTALK, 'may have only letters, digits and - inside', shared), {
        is: 'Name of the Elastic Beanstalk environment that serves the API.',
        remedy: "write the name of the environment, in quotes, such as 'shop-api-{env}'",
      }),
    }),
    {
      is: 'An environment of Elastic Beanstalk with enhanced health reporting; the rollout changes its option settings.',
      remedy: "write `{ environment: 'shop-api-{env}' }`",
    },
  );

const ecs = (shared: boolean) =>
  key(
    z.strictObject({
      cluster: key(awsName(names.ECS, 'may have only letters, digits, - and _', false), {
        is: 'Name of the ECS cluster.',
        remedy: 'write the name of the cluster',
      }),
      service: key(awsName(names.ECS, 'may have only letters, digits, - and _', shared), {
        is: 'Name of the ECS service that serves the API; it gets a new revision of its task definition.',
        remedy: "write the name of the service, in quotes, such as 'shop-api-{env}'",
      }),
      container: key(awsName(names.ECS, 'may have only letters, digits, - and _', false), {
        is: 'Name of the container in the task definition whose environment is set.',
        remedy: 'write the name of the container, such as api',
      }),
    }),
    {
      is: 'An ECS service with rolling deployments.',
      remedy: "write `{ cluster: shop, service: 'shop-api-{env}', container: api }`",
    },
  );

const version = (which: string) =>
  key(matching(/^\d{1,10}$/, 'must be the number of a published version, in quotes'), {
    is: `Number of the ${which} version.`,
    remedy: "write the number in quotes, such as '7'",
  });

const lambdaAlias = (shared: boolean) =>
  key(
    z.strictObject({
      function: key(awsName(names.FUNCTION_NAME, 'may have only letters, digits, - and _', shared), {
        is: 'Name of the Lambda function.',
        remedy: "write the name of the function, in quotes, such as 'checkout-{env}'",
      }),
      alias: key(matching(names.ALIAS, 'may have only letters, digits, - and _, and not only digits'), {
        is: 'Name of the alias that callers use.',
        remedy: 'write the name of the alias, such as live',
      }),
      versions: key(z.strictObject({ new: version('new'), old: version('old') }), {
        is: 'The two published versions between which the alias splits the calls.',
        remedy: "write `{ new: '7', old: '6' }`",
      }),
    }),
    {
      is: 'An alias of a Lambda function: the rollout sets its routing configuration, and the service needs no change.',
      remedy: "write `{ function: 'checkout-{env}', alias: live, versions: { new: '7', old: '6' } }`",
    },
  );

const targetGroup = (which: string) =>
  key(matching(names.TARGET_GROUP, 'must be the ARN of a target group'), {
    is: `ARN of the target group of the ${which} version.`,
    remedy:
      "copy it from AWS, such as 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:targetgroup/shop-v2/0123456789abcdef'",
  });

const loadBalancer = key(
  z.strictObject({
    listenerRule: key(matching(names.LISTENER_RULE, 'must be the ARN of a rule of an Application Load Balancer'), {
      is: "ARN of the listener rule that forwards the service's requests; not the listener's default rule.",
      remedy:
        "copy it from AWS, such as 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener-rule/app/shop/0123456789abcdef/0123456789abcdef/0123456789abcdef'",
    }),
    targetGroups: key(z.strictObject({ new: targetGroup('new'), old: targetGroup('old') }), {
      is: 'The two target groups between which the rule splits the requests.',
      remedy: 'write `{ new: ARN, old: ARN }`',
    }),
  }),
  {
    is: 'A listener rule of an Application Load Balancer: the rollout sets the weights of its two target groups, and the service needs no change.',
    remedy: 'write `{ listenerRule: ARN, targetGroups: { new: ARN, old: ARN } }`',
  },
);

const variables = key(z.record(text(), matching(names.VARIABLE, 'must be the name of an environment variable')), {
  is: 'Names of the environment variables, by key of the document; a variable that is not named here has the name of its key.',
  remedy: 'write only the names that differ, such as `{ percentage: CHECKOUT_V2_PERCENTAGE }`',
});

/** `flag.delivery`, or an environment's own `delivery`, which needs no `{env}`. */
export const deliverySchema = (shared: boolean) =>
  key(
    z.strictObject({
      elasticBeanstalk: beanstalk(shared).optional(),
      ecs: ecs(shared).optional(),
      lambdaAlias: lambdaAlias(shared).optional(),
      loadBalancer: loadBalancer.optional(),
      variables: variables.optional(),
      healthUrl: key(matching(names.ADDRESS, 'must be an http or https address'), {
        is: "Address where the instances report the percentage they use. Default: healthUrl of the environment's verification, or /api/health of its apiUrl.",
        remedy: 'write an address such as https://api.example.org/api/health, or remove the key',
      }).optional(),
      instanceField: key(text(), {
        is: 'Field of that answer with the id of the EC2 instance or ECS task. Default: instance. An API with a single instance needs none.',
        remedy: 'write the name of a field, or remove the key',
      }).optional(),
      within: duration('5s', '1d', {
        is: 'How long the delivery of a raise may take before the rollout holds. Default: 15m.',
        remedy: 'write a duration such as 15m',
      }).optional(),
    }),
    {
      is: 'For a service that does not read the flag document: what the rollout sets after it wrote it. Environment variables, with the address where the instances report them, or the weights of a Lambda alias or of a load balancer.',
      remedy: "write `{ elasticBeanstalk: { environment: 'shop-api-{env}' } }`, or remove the key",
    },
  );

const SHARED: Path = ['flag', 'delivery'];

/** A delivery has one target; an environment that uses it has the API's address and whole percentages. */
export function deliveryFindings(raw: unknown): readonly Finding[] {
  const environments = environmentPaths(raw);
  const written = [SHARED, ...environments.map((path): Path => [...path, 'delivery'])].filter((path) =>
    isObject(valueAt(raw, path)),
  );
  return [
    ...written.flatMap((path) => [...targetFindings(raw, path), ...variableFindings(raw, path)]),
    ...environments.flatMap((environment) => inForce(raw, environment)),
  ];
}

const TARGETS = ['elasticBeanstalk', 'ecs', 'lambdaAlias', 'loadBalancer'];

function targetFindings(raw: unknown, path: Path): readonly Finding[] {
  const named = TARGETS.filter((key) => valueAt(raw, [...path, key]) !== undefined);
  if (named.length !== 1) {
    const problem = named.length === 0 ? `has none of ${TARGETS.join(', ')}` : `has ${named.join(' and ')}`;
    return [{ path, problem, remedy: 'keep the one that serves the API' }];
  }
  return [
    ...twice(raw, [...path, 'lambdaAlias', 'versions'], 'version', 'write two published versions'),
    ...twice(raw, [...path, 'loadBalancer', 'targetGroups'], 'target group', 'write two target groups'),
  ];
}

function twice(raw: unknown, path: Path, what: string, remedy: string): readonly Finding[] {
  const [ofNew, ofOld] = ['new', 'old'].map((side) => valueAt(raw, [...path, side]));
  return ofNew === undefined || ofNew !== ofOld ? [] : [{ path, problem: `names one ${what} twice`, remedy }];
}

/** A name for a key that the document does not have renames nothing. */
function variableFindings(raw: unknown, path: Path): readonly Finding[] {
  const percentage = valueAt(raw, ['flag', 'keys', 'percentage']) ?? 'percentage';
  const known = [String(percentage), ...keysAt(raw, ['flag', 'keys', 'switches'])];
  return keysAt(raw, [...path, 'variables'])
    .filter((name) => !known.includes(name))
    .map((name) => ({
      path: [...path, 'variables', name],
      problem: 'is no key of the flag document',
      remedy: `write one of ${known.join(', ')}`,
    }));
}

function inForce(raw: unknown, environment: Path): readonly Finding[] {
  const own: Path = [...environment, 'delivery'];
  const path = valueAt(raw, own) === undefined ? SHARED : own;
  if (!isObject(valueAt(raw, path)) || valueAt(raw, [...path, 'lambdaAlias']) !== undefined) return [];
  const rule: Path = [...path, 'loadBalancer'];
  if (valueAt(raw, rule) !== undefined)
    return [...elsewhere(raw, environment, rule), ...sharedRule(raw, environment, path), ...inexact(raw, environment)];
  return [...addressFindings(raw, environment, path), ...fractions(raw, environment)];
}

/** A listener rule belongs to one load balancer, which serves one environment. */
function sharedRule(raw: unknown, environment: Path, path: Path): readonly Finding[] {
  const rule = valueAt(raw, [...path, 'loadBalancer', 'listenerRule']);
  const same = environmentPaths(raw).filter((one) => {
    const own: Path = [...one, 'delivery'];
    const used: Path = valueAt(raw, own) === undefined ? SHARED : own;
    return valueAt(raw, [...used, 'loadBalancer', 'listenerRule']) === rule;
  });
  if (rule === undefined || same.length < 2 || same[0]?.join() !== environment.join()) return [];
  const remedy = 'write `delivery: { loadBalancer: … }` with a rule of its own in each environment';
  return [{ path: [...path, 'loadBalancer'], problem: 'is one rule for more than one environment', remedy }];
}

/** The worker asks in the region and account of the environment. */
function elsewhere(raw: unknown, environment: Path, rule: Path): readonly Finding[] {
  const places: readonly Path[] = [['listenerRule'], ['targetGroups', 'new'], ['targetGroups', 'old']];
  const [account, region] = ['account', 'region'].map((one) => valueAt(raw, [...environment, 'aws', one]));
  return places.flatMap((place) => {
    const arn = valueAt(raw, [...rule, ...place]);
    const [, , , itsRegion, itsAccount] = typeof arn === 'string' ? arn.split(':') : [];
    const isHere = (itsRegion ?? region) === region && (itsAccount ?? account) === account;
    if (isHere || typeof account !== 'string' || typeof region !== 'string') return [];
    const problem = `is in ${itsRegion}, account ${itsAccount}, and the environment in ${region}, account ${account}`;
    return [{ path: [...rule, ...place], problem, remedy: 'write one of the region and account of the environment' }];
  });
}

const stepsOf = (raw: unknown, environment: Path): Path => {
  const own: Path = [...environment, 'steps'];
  return valueAt(raw, own) === undefined ? ['steps'] : own;
};

/** Weights of target groups are whole numbers up to 999. */
function inexact(raw: unknown, environment: Path): readonly Finding[] {
  const steps = stepsOf(raw, environment);
  return listAt(raw, steps).flatMap((step, i) => {
    const percentage = valueAt(step, ['percentage']);
    if (typeof percentage !== 'number' || !(percentage > 0 && percentage <= 100)) return [];
    if (ruleWeightsFor(percentage) !== undefined) return [];
    const problem = 'is a share that two weights from 0 to 999 cannot express';
    return [{ path: [...steps, i, 'percentage'], problem, remedy: 'write a percentage with one decimal at most' }];
  });
}

function addressFindings(raw: unknown, environment: Path, path: Path): readonly Finding[] {
  const addresses: readonly Path[] = [
    [...path, 'healthUrl'],
    [...environment, 'verification', 'healthUrl'],
    [...environment, 'verification', 'apiUrl'],
  ];
  if (addresses.some((address) => valueAt(raw, address) !== undefined)) return [];
  const name = String(valueAt(raw, [...environment, 'name']) ?? '');
  const problem = `has no address where the instances of ${name} report the percentage they use`;
  const remedy = 'write healthUrl under it, or `delivery: none` in that environment';
  return [{ path, problem, remedy }];
}

/** An API may read the variable as a whole number, and not start otherwise. */
function fractions(raw: unknown, environment: Path): readonly Finding[] {
  const steps = stepsOf(raw, environment);
  return listAt(raw, steps).flatMap((step, i) => {
    const percentage = valueAt(step, ['percentage']);
    if (typeof percentage !== 'number' || Number.isInteger(percentage)) return [];
    const problem = 'must be a whole number because it is delivered as an environment variable';
    return [{ path: [...steps, i, 'percentage'], problem, remedy: 'write a whole number' }];
  });
}

type Written = z.infer<ReturnType<typeof deliverySchema>>;

interface Own {
  readonly delivery?: Written | 'none';
  readonly verification?: Parameters<typeof healthAddress>[0];
}

const STANDARD_WITHIN_MS = 15 * 60_000;

/** The delivery of one environment, `{env}` already replaced; empty when the API reads the flag document itself. */
export function resolvedDelivery(
  flag: { readonly keys: FlagKeys; readonly delivery?: Written | undefined },
  own: Own,
): { readonly delivery?: Delivery } {
  const written = own.delivery ?? flag.delivery;
  if (written === undefined || written === 'none') return {};
  const to = targetOf(written);
  const address = written.healthUrl ?? healthAddress(own.verification);
  const withinMs = durationMs(written.within ?? '') ?? STANDARD_WITHIN_MS;
  if (to === undefined) return {};
  if (isWeights(to)) return { delivery: { to, variables: WEIGHT, withinMs } };
  if (address === undefined) return {};
  const report = { address, instanceField: written.instanceField ?? 'instance' };
  return { delivery: { to, variables: renamed(flag.keys, written.variables ?? {}), report, withinMs } };
}

/** The keys of the document as environment variables. */
function renamed(keys: FlagKeys, variables: Readonly<Record<string, string>>): FlagKeys {
  const variable = (name: string): string => variables[name] ?? name;
  const switches = keys.switches?.map((one) => ({ ...one, name: variable(one.name) }));
  return withoutUndefined({ percentage: variable(keys.percentage), switches });
}

function targetOf({ elasticBeanstalk, ecs, lambdaAlias, loadBalancer }: Written): DeliveryTarget | undefined {
  if (lambdaAlias !== undefined) return { kind: 'lambda-alias', ...lambdaAlias };
  if (loadBalancer !== undefined) return { kind: 'load-balancer', ...loadBalancer };
  if (elasticBeanstalk !== undefined) return { kind: 'elastic-beanstalk', ...withoutUndefined(elasticBeanstalk) };
  return ecs === undefined ? undefined : { kind: 'ecs', ...ecs };
}

/** The health address when the delivery names none. */
function healthAddress(
  verification: { readonly healthUrl?: string | undefined; readonly apiUrl?: string | undefined } | undefined,
): string | undefined {
  const { healthUrl, apiUrl } = verification ?? {};
  return healthUrl ?? (apiUrl === undefined ? undefined : `${apiUrl.replace(/\/+$/, '')}/api/health`);
}

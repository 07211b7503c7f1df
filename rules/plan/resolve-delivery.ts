import { type Delivery, type DeliveryTarget, PAVI_VARIABLES } from '../delivery/delivery';
import { durationMs } from './duration';
import type { Plan } from './schema';
import { withoutUndefined } from './without-undefined';

type Written = NonNullable<Plan['flag']['delivery']>;
type Environment = Plan['environments'][number];

const STANDARD_WITHIN_MS = 15 * 60_000;

/** How the flags get to the API of one environment, `{env}` already replaced; nothing where it reads the document itself. */
export function resolvedDelivery(
  shared: Written | undefined,
  own: Pick<Environment, 'delivery' | 'verification'>,
): { readonly delivery?: Delivery } {
  const written = own.delivery ?? shared;
  if (written === undefined || written === 'none') return {};
  const to = targetOf(written);
  const address = written.healthUrl ?? healthAddress(own.verification);
  if (to === undefined || address === undefined) return {};
  return {
    delivery: {
      to,
      variables: { ...PAVI_VARIABLES, ...withoutUndefined(written.variables ?? {}) },
      report: { address, instanceField: written.instanceField ?? 'instance' },
      withinMs: durationMs(written.within ?? '') ?? STANDARD_WITHIN_MS,
    },
  };
}

function targetOf({ elasticBeanstalk, ecs }: Written): DeliveryTarget | undefined {
  if (elasticBeanstalk !== undefined) return { kind: 'elastic-beanstalk', ...withoutUndefined(elasticBeanstalk) };
  return ecs === undefined ? undefined : { kind: 'ecs', ...ecs };
}

/** Where an API that names no other address says how it is. */
export function healthAddress(
  verification: { readonly healthUrl?: string | undefined; readonly apiUrl?: string | undefined } | undefined,
): string | undefined {
  const { healthUrl, apiUrl } = verification ?? {};
  return healthUrl ?? (apiUrl === undefined ? undefined : `${apiUrl.replace(/\/+$/, '')}/api/health`);
}

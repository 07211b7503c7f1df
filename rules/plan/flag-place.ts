import { replaced } from './names';
import type { Delivery } from '../delivery/delivery';
import type { AwsTarget, FlagTarget } from './environment-plan';
import { yamlIn } from './plan';
import { planSchema } from './schema';
import { environmentSchema } from './keys/environment';
import { flagFindings, flagSchema, resolvedFlag } from './keys/flag';
import { withoutUndefined } from './without-undefined';

export interface FlagPlace {
  readonly service: string;
  readonly aws: AwsTarget;
  readonly flag: FlagTarget;
  /** Known only when the whole plan is valid. */
  readonly delivery?: Delivery;
  /** The state machine whose finished jobs may become unreadable at 0 %; known only when the whole plan is valid. */
  readonly unreadableAt?: string;
}

/**
 * Where the flag of an environment is, read from a plan that is otherwise broken: only the keys needed for it must be
 * valid. Undefined when one of them is missing or wrong.
 */
export function flagPlaceIn(text: string, environment: string): FlagPlace | undefined {
  const plan = fieldsOf(yamlIn(text));
  const service = planSchema.shape.service.safeParse(plan['service']);
  const { parameter, salt, format, keys, sides } = flagFields(plan['flag']);
  const named = plan['environments'];
  const own = Array.isArray(named) ? named.map(fieldsOf).find(({ name }) => name === environment) : undefined;
  const aws = environmentSchema.shape.aws.safeParse(own?.['aws']);
  if (!service.success || !parameter.success || !salt.success || !aws.success) return undefined;
  // In another format than the API's the 0 would not be read.
  if (!format.success || !keys.success || flagFindings(plan).length > 0) return undefined;
  return {
    service: service.data,
    aws: withoutUndefined(aws.data),
    flag: replaced(
      resolvedFlag({
        parameter: parameter.data,
        salt: salt.data,
        format: format.data,
        keys: keys.data,
        sides: sides.success ? sides.data : undefined,
      }),
      environment,
    ),
  };
}

/** Each key on its own: the others may be broken. */
function flagFields(written: unknown) {
  const fields = fieldsOf(written);
  const { parameter, salt, format, keys, sides } = flagSchema.shape;
  return {
    parameter: parameter.safeParse(fields['parameter']),
    salt: salt.safeParse(fields['salt']),
    format: format.safeParse(fields['format']),
    keys: keys.safeParse(fields['keys']),
    sides: sides.safeParse(fields['sides']),
  };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

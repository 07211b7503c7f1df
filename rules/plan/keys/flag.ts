import { z } from 'zod';
import { COMMON_KEYS, type FlagFormat, type FlagKeys } from '../../../flags/format';
import type { FlagTarget } from '../environment-plan';
import * as names from '../names';
import { type Finding, keysAt, valueAt } from '../problems/plan-problem';
import type { Path } from '../problems/problems';
import { awsName, key, matching, text } from '../problems/schema-key';
import { withoutUndefined } from '../without-undefined';
import { deliverySchema } from './delivery';

/** Full path of an SSM parameter, with `{env}`. */
export const parameter = () =>
  awsName(names.SSM_PARAMETER, 'must be the full path of an SSM parameter', true).regex(names.NOT_RESERVED_PARAMETER, {
    error: 'must not begin with aws or ssm, which AWS reserves',
  });

const value = (when: string, example: string) =>
  key(z.union([z.boolean(), z.number(), z.string()], { error: 'must be true, false, a number or a text' }), {
    is: `Value of the key ${when}.`,
    remedy: `write a value such as ${example}`,
  });

const switchSchema = z.strictObject({
  above: value('for every percentage above 0', 'true'),
  atZero: value('for 0 %', 'false'),
  whileOff: key(z.union([z.literal(0), z.literal(100)], { error: 'must be 0 or 100' }), {
    is: 'Percentage that the API uses while the key has its value for 0 %: 0, or 100 when the percentage then does not count. Without it 0.',
    remedy: 'write 0 or 100, or remove the key',
  }).optional(),
});

const keyName = () => text().regex(/^[^\u0000-\u001f"\\{}]{1,100}$/, { error: 'must be a plain name' });

const keysSchema = key(
  z.strictObject({
    percentage: key(keyName(), {
      is: 'Key of the document with the percentage. Without it percentage.',
      remedy: 'write the name that the API reads, such as CHECKOUT_V2_PERCENTAGE',
    }).optional(),
    switches: key(z.record(keyName(), switchSchema), {
      is: 'Further keys that the API asks before the percentage, in its order, each with what is written at 0 and above.',
      remedy: 'write a name and its values, such as `CHECKOUT_V2: { above: true, atZero: false }`',
    }).optional(),
  }),
  {
    is: 'Names and switches that the API already has for the percentage. Without it the document holds `percentage`.',
    remedy: 'write `percentage: NAME` under it, or remove the key',
  },
);

const side = (which: string, example: string) =>
  key(matching(/^[^\u0000-\u001f*_`]{1,40}$/, 'must be at most 40 plain characters'), {
    is: `What messages call the ${which} side.`,
    remedy: `write a name such as ${example}`,
  });

export const flagSchema = key(
  z.strictObject({
    parameter: key(parameter(), {
      is: 'Name of the SSM parameter that holds the flag of an environment, with {env}.',
      remedy: 'write a path of letters, digits, _ . - as /checkout/{env}/rollout',
    }),
    salt: key(awsName(/^\S+$/, 'must not have spaces', true), {
      is: 'Mixed into the choice of jobs, with {env}, so that environments do not pick the same jobs. Changing it picks different jobs.',
      remedy: 'write a text with {env}, such as checkout-{env}',
    }),
    format: key(z.enum(['document', 'number']), {
      is: 'What the parameter holds: a JSON document, or only the percentage as a number. A number names neither writer nor reason, and readers cannot ignore a raise that arrives late over a 0. Without it document.',
      remedy: 'write document or number, or remove the key',
    }).optional(),
    keys: keysSchema.optional(),
    sides: key(z.strictObject({ new: side('new', 'checkout v2'), old: side('old', 'checkout v1') }), {
      is: 'Names of the two sides between which the percentage chooses. Without it the new side and the old side.',
      remedy: 'write `{ new: checkout v2, old: checkout v1 }`, or remove the key',
    }).optional(),
    delivery: deliverySchema(true).optional(),
  }),
  { is: 'Where and how the percentage is written.', remedy: 'write the keys parameter and salt under it' },
);

type Written = z.output<typeof flagSchema>;

const KEYS: Path = ['flag', 'keys'];
const SWITCHES: Path = [...KEYS, 'switches'];

/** Rules across the keys of `flag`. */
export function flagFindings(raw: unknown): readonly Finding[] {
  const names = keysAt(raw, SWITCHES);
  return [
    ...numberFindings(raw),
    ...nameFindings(raw, names),
    ...names.slice(0, 1).flatMap((name) => firstFindings(raw, name)),
    ...names.flatMap((name) => switchFindings(raw, name)),
  ];
}

function numberFindings(raw: unknown): readonly Finding[] {
  if (valueAt(raw, ['flag', 'format']) !== 'number' || valueAt(raw, KEYS) === undefined) return [];
  const problem = 'has no place in a parameter that holds only a number';
  return [{ path: KEYS, problem, remedy: 'remove the key, or write `format: document`' }];
}

function nameFindings(raw: unknown, switches: readonly string[]): readonly Finding[] {
  const remedy = `write another name than ${COMMON_KEYS.join(', ')}`;
  const at: Path = [...KEYS, 'percentage'];
  const percentage = String(valueAt(raw, at) ?? 'percentage');
  const named = [{ name: percentage, path: at }, ...switches.map((name) => ({ name, path: [...SWITCHES, name] }))];
  const common = named.filter(({ name }) => COMMON_KEYS.some((key) => key === name));
  const twice = switches.filter((name) => name === percentage);
  return [
    ...common.map(({ path }) => ({ path, problem: 'is a key that every document has', remedy })),
    ...twice.map((name) => ({ path: [...SWITCHES, name], problem: 'is the key of the percentage too', remedy })),
  ];
}

/** At 0 % all switches are off, and the first one decides: with 100 a written 0 would send everything to the new side. */
function firstFindings(raw: unknown, name: string): readonly Finding[] {
  const path: Path = [...SWITCHES, name, 'whileOff'];
  if (valueAt(raw, path) !== 100) return [];
  const problem = 'must be 0 for the first key that the API asks, because all are off at 0 %';
  return [{ path, problem, remedy: 'write 0, or name the key first that sends nothing while it is off' }];
}

/** A switch that has one value is none. */
function switchFindings(raw: unknown, name: string): readonly Finding[] {
  const path: Path = [...SWITCHES, name, 'above'];
  const above = valueAt(raw, path);
  if (above === undefined || above !== valueAt(raw, [...SWITCHES, name, 'atZero'])) return [];
  return [{ path, problem: 'is the value for 0 % too', remedy: 'write two different values' }];
}

/** The flag of one environment, `{env}` already replaced. */
export function resolvedFlag({ parameter, salt, format, keys, sides }: Omit<Written, 'delivery'>): FlagTarget {
  return withoutUndefined({ parameter, salt, format: resolvedFormat(format, keys), sides });
}

function resolvedFormat(format: Written['format'], keys: Written['keys']): FlagFormat | undefined {
  if (format === 'number') return 'number';
  if (keys === undefined) return undefined;
  const switches = Object.entries(keys.switches ?? {}).map(
    ([name, { above, atZero, whileOff = 0 }]) => ({ name, above, atZero, whileOff }) as const,
  );
  const percentage = keys.percentage ?? 'percentage';
  return switches.length === 0 ? { percentage } : ({ percentage, switches } satisfies FlagKeys);
}

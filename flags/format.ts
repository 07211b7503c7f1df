/**
 * How a percentage is written in the flag parameter: by which keys of its JSON document, or as a plain number. A service
 * whose API already has names and switches of its own keeps them.
 */
export type FlagFormat = FlagKeys | 'number';

/** Names of the keys. The document has them beside `schema`, `generation`, `writer`, `reason` and `salt`. */
export interface FlagKeys {
  /** Key with the percentage, a number from 0 to 100. */
  readonly percentage: string;
  /** Further keys that the API asks before the percentage, in the order in which it asks them. */
  readonly switches?: readonly FlagSwitch[];
}

/** A key with one of two values. */
export interface FlagSwitch {
  readonly name: string;
  /** Written for every percentage above 0. */
  readonly above: FlagValue;
  /** Written for 0. */
  readonly atZero: FlagValue;
  /**
   * What the API does while the key has the value `atZero`, whatever the percentage: send nothing to the new side (0), or
   * everything, because the percentage does not count (100).
   */
  readonly whileOff: 0 | 100;
}

export type FlagValue = boolean | number | string;

export type FlagFields = Readonly<Record<string, unknown>>;

/** Without keys of its own: `{ "percentage": 10 }`. */
export const STANDARD_KEYS: FlagKeys = { percentage: 'percentage' };

/** Keys that every document has. */
export const COMMON_KEYS = ['schema', 'generation', 'writer', 'reason', 'salt'] as const;

export const keysIn = (format: FlagFormat = STANDARD_KEYS): FlagKeys => (format === 'number' ? STANDARD_KEYS : format);

/** The keys that hold the percentage. */
export const namesOf = ({ percentage, switches = [] }: FlagKeys): readonly string[] => [
  ...switches.map(({ name }) => name),
  percentage,
];

/** The switch that decides before the percentage: the first one that is off. */
const offIn = (fields: FlagFields, { switches = [] }: FlagKeys): FlagSwitch | undefined =>
  switches.find(({ name, above }) => fields[name] !== above);

/** The only values this project writes for a percentage. */
export function fieldsFor(
  percentage: number,
  { percentage: name, switches = [] }: FlagKeys,
): Record<string, FlagValue> {
  const written = switches.map((one): [string, FlagValue] => [one.name, percentage > 0 ? one.above : one.atZero]);
  return { ...Object.fromEntries(written), [name]: percentage };
}

/** The share of new work on the new side, in percent, as the API derives it: a switch that is off decides before the percentage. */
export const percentageIn = (fields: FlagFields, keys: FlagKeys): number =>
  offIn(fields, keys)?.whileOff ?? Math.min(100, Math.max(0, Number(fields[keys.percentage])));

/** Why the values mean something else than they seem to say; undefined when they do not. */
export function contradiction(fields: FlagFields, keys: FlagKeys): string | undefined {
  const off = offIn(fields, keys);
  if (off === undefined || fields[keys.percentage] === off.whileOff) return undefined;
  return `${off.name} is ${String(fields[off.name])}, so that ${keys.percentage} does not count: ${off.whileOff} % of the new jobs go to the new side`;
}

/** What keeps the values from being read; undefined when they can be. */
export function fieldProblem(fields: FlagFields, { percentage: name, switches = [] }: FlagKeys): string | undefined {
  for (const { name: key, above, atZero } of switches)
    if (fields[key] !== above && fields[key] !== atZero)
      return `${key} is not ${[above, atZero].map((value) => JSON.stringify(value)).join(' or ')}`;
  const percentage = fields[name];
  if (typeof percentage === 'number' && percentage >= 0 && percentage <= 100) return undefined;
  return `${name} is not a number from 0 to 100`;
}

import { firstCharacters, fitting, parameterText, shortened } from './parameter-text';

/**
 * The flag document: one SSM parameter per environment that holds the whole flag tuple as JSON, written by one
 * orchestrator and read by every instance of the served API. The three upper-case names are PAVI's own environment
 * variables (agr_pavi, api/src/config.py).
 */
export interface FlagDocument {
  /** The version of this format; a reader refuses one it does not know and keeps what it holds. */
  readonly schema: 1;
  /** Grows with every write; a reader ignores a lower one. */
  readonly generation: number;
  /** The writer: a workflow id and run id, or a person. */
  readonly writer: string;
  readonly reason: string;
  /** Mixed into the bucketing hash. */
  readonly salt: string;
  readonly USE_STEP_FUNCTIONS: boolean;
  readonly ENABLE_STEP_FUNCTIONS_ROLLOUT: boolean;
  /** 0 to 100, to 0.01; a finer value is rounded to it. */
  readonly STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: number;
}

export type FlagTuple = Pick<
  FlagDocument,
  'USE_STEP_FUNCTIONS' | 'ENABLE_STEP_FUNCTIONS_ROLLOUT' | 'STEP_FUNCTIONS_ROLLOUT_PERCENTAGE'
>;

export type ParsedFlags =
  { readonly ok: true; readonly document: FlagDocument } | { readonly ok: false; readonly why: string };

/**
 * The share of new jobs that goes to Step Functions, in percent, as PAVI's `should_use_step_functions` derives it:
 * without the rollout switch the percentage is ignored and `USE_STEP_FUNCTIONS` alone means all of them.
 */
export function effectivePercentage(flags: FlagTuple): number {
  if (!flags.USE_STEP_FUNCTIONS) return 0;
  if (!flags.ENABLE_STEP_FUNCTIONS_ROLLOUT) return 100;
  return Math.min(100, Math.max(0, flags.STEP_FUNCTIONS_ROLLOUT_PERCENTAGE));
}

/**
 * The only tuple this project writes for a percentage. 0 switches everything off, so that an API that knows only
 * `USE_STEP_FUNCTIONS` and one that reads the percentage both go to Nextflow.
 */
export function tupleFor(percentage: number): FlagTuple {
  return {
    USE_STEP_FUNCTIONS: percentage > 0,
    ENABLE_STEP_FUNCTIONS_ROLLOUT: percentage > 0,
    STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: percentage,
  };
}

/** Reads a parameter's value. Never throws: an invalid value is refused with the reason. */
export function parseFlags(text: string): ParsedFlags {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, why: 'not JSON' };
  }
  const why = problemOf(value);
  return why === undefined ? { ok: true, document: value as FlagDocument } : { ok: false, why };
}

/** The parameter's value: at most 4 KB, for any `writer` and `reason`; they are shortened for it. */
export function formatFlags(document: FlagDocument): string {
  const forms = flagForms(document);
  return fitting(forms)?.text ?? parameterText(forms.at(-1));
}

export const REASON_CHARACTERS = 500;
const WRITER_CHARACTERS = 200;
const SALT_CHARACTERS = 100;
const LEFT_OUT = 'left out, because the document was refused with it';

/** The allowed texts of a document, longest first. The last one, the bare document, contains nothing that a person typed. */
export function flagForms(document: FlagDocument): readonly FlagDocument[] {
  const reason = firstCharacters(document.reason, REASON_CHARACTERS);
  const writer = firstCharacters(document.writer, WRITER_CHARACTERS);
  // The salt chooses jobs, so it stays; at 0 % there are none to choose.
  const isZero = effectivePercentage(document) === 0;
  const salt = isZero ? firstCharacters(document.salt, SALT_CHARACTERS) : document.salt;
  return [
    ...shortened((shorten) => ({ ...document, writer, reason: shorten(reason), salt })),
    { ...document, writer: bareText(writer), reason: LEFT_OUT, salt: isZero ? bareText(salt) : salt },
  ];
}

/** Nothing that needs an escape. */
const bareText = (text: string): string => text.replace(/[^\w ./:@+,-]/g, '?');

function problemOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'not a JSON object';
  const fields = value as Record<string, unknown>;
  if (fields['schema'] !== 1) return `schema is ${JSON.stringify(fields['schema'])}, this reader knows 1`;
  // Above the safe integers the next generation would not be a higher one.
  if (!Number.isSafeInteger(fields['generation']) || Number(fields['generation']) < 0)
    return 'generation is not a whole number from 0 to 2^53 - 1';
  for (const name of ['writer', 'reason', 'salt']) if (typeof fields[name] !== 'string') return `${name} is not a text`;
  for (const name of ['USE_STEP_FUNCTIONS', 'ENABLE_STEP_FUNCTIONS_ROLLOUT'])
    if (typeof fields[name] !== 'boolean') return `${name} is not true or false`;
  const percentage = fields['STEP_FUNCTIONS_ROLLOUT_PERCENTAGE'];
  if (typeof percentage !== 'number' || !(percentage >= 0 && percentage <= 100))
    return 'STEP_FUNCTIONS_ROLLOUT_PERCENTAGE is not a number from 0 to 100';
  return undefined;
}

import { GetParameterCommand, type Parameter } from '@aws-sdk/client-ssm';
import { parseFlags } from '../../../flags/contract';
import type { AwsTarget, FlagTarget } from '../../../rules/plan/environment-plan';
import { owedBy } from '../../../rules/fallback/findings-document';
import { parseFindings } from '../../../rules/fallback/parse-findings';
import type { FlagReading } from '../../../rules/rollout/state/flag';
import type { AwsFor } from '../../aws';
import { nameOf, toFailure } from '../../failures';

export interface FlagPlace {
  readonly aws: AwsTarget;
  readonly flag: FlagTarget;
}

export interface FlagQuestion extends FlagPlace {
  /** Before the first raise: whether findings of a full rollback are still due, which stops the start. */
  readonly owed?: { readonly parameter: string; readonly environment: string };
}

/** Reads the flag parameter. A missing or unreadable document is an answer, not a failure. */
export function createFlagObservations(awsFor: AwsFor): { readFlag(place: FlagQuestion): Promise<FlagReading> } {
  return {
    async readFlag({ aws, flag, owed }) {
      const owes = owed === undefined ? undefined : await owedFindings(awsFor, aws, owed);
      if (owes !== undefined) return { found: false, why: owes };
      return flagReading({ aws, flag }, await readValue(awsFor, aws, flag.parameter));
    },
  };
}

/** The content of a value of the flag parameter. */
export function flagReading({ aws, flag }: FlagPlace, value: ParameterValue | undefined): FlagReading {
  if (value === undefined)
    return {
      found: false,
      missing: true,
      why: `parameter ${flag.parameter} does not exist in account ${aws.account}: create it with \`rollout setup\``,
    };
  const { text, ...written } = value;
  const parsed = parseFlags(text, flag.format, written.version);
  if (!parsed.ok)
    return { found: false, why: `parameter ${flag.parameter} is not a flag document: ${parsed.why}`, ...written };
  const { generation, writer, salt } = parsed.document;
  const salted = flag.format === 'number' ? undefined : salt;
  return { found: true, percentage: parsed.document.percentage, generation, writer, salt: salted, ...written };
}

async function owedFindings(
  awsFor: AwsFor,
  aws: AwsTarget,
  { parameter, environment }: NonNullable<FlagQuestion['owed']>,
): Promise<string | undefined> {
  const text = await readParameter(awsFor, aws, parameter);
  if (text === undefined) return undefined;
  const parsed = parseFindings(text);
  return parsed.ok ? owedBy(parsed.document, environment) : `parameter ${parameter} cannot be read: ${parsed.why}`;
}

/** The parameter's text, or undefined when there is none. */
export async function readParameter(
  awsFor: AwsFor,
  aws: AwsTarget,
  name: string,
  abortSignal?: AbortSignal,
): Promise<string | undefined> {
  return (await readValue(awsFor, aws, name, abortSignal))?.text;
}

export interface ParameterValue {
  readonly text: string;
  /** Grows with every write. */
  readonly version?: number;
  readonly atMs?: number;
  readonly by?: string;
}

/** The parameter's value with SSM's metadata, or undefined when there is none. */
export async function readValue(
  awsFor: AwsFor,
  aws: AwsTarget,
  name: string,
  abortSignal?: AbortSignal,
): Promise<ParameterValue | undefined> {
  try {
    const { Parameter } = await awsFor(aws).ssm.send(new GetParameterCommand({ Name: name }), { abortSignal });
    return valueOf(Parameter);
  } catch (error) {
    if (nameOf(error) === 'ParameterNotFound') return undefined;
    throw toFailure(error, `reading parameter ${name}`);
  }
}

/** Undefined without a value. */
export function valueOf(parameter: Parameter | undefined): ParameterValue | undefined {
  if (parameter?.Value === undefined) return undefined;
  const { Value: text, Version: version, LastModifiedDate: date } = parameter;
  return { text, version, atMs: date?.getTime() };
}

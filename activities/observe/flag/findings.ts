import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { FindingsDocument } from '../../../rules/fallback/findings-document';
import { parseFindings } from '../../../rules/fallback/parse-findings';
import type { AwsFor } from '../../aws';
import { failure } from '../../failures';
import { readParameter } from './flags';

export interface FindingsPlace {
  readonly aws: AwsTarget;
  /** Name of the SSM parameter. */
  readonly parameter: string;
}

/** Undefined when there never was a full rollback. An unreadable document is a failure, never "no findings are due". */
export async function readFindings(
  awsFor: AwsFor,
  { aws, parameter }: FindingsPlace,
  abortSignal?: AbortSignal,
): Promise<FindingsDocument | undefined> {
  const text = await readParameter(awsFor, aws, parameter, abortSignal);
  if (text === undefined) return undefined;
  const parsed = parseFindings(text);
  if (!parsed.ok) throw failure('Unreadable', `parameter ${parameter} cannot be read: ${parsed.why}`);
  return parsed.document;
}

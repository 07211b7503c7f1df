import type { ParameterHistory, SSMClient } from '@aws-sdk/client-ssm';
import { GetParameterHistoryCommand } from '@aws-sdk/client-ssm';
import type { FlagReading, Written } from '../../../rules/rollout/state/flag';
import type { AwsFor } from '../../aws';
import { type FlagPlace, flagReading } from './flags';

/** SSM keeps the last 100 values of a parameter and returns 50 at once, the oldest first. */
const PAGE = 50;

/** Every value of a parameter that SSM still has, the oldest first, with its writer. */
export async function parameterHistory(
  ssm: SSMClient,
  name: string,
  abortSignal?: AbortSignal,
): Promise<readonly ParameterHistory[]> {
  const values: ParameterHistory[] = [];
  let NextToken: string | undefined;
  do {
    const page = { Name: name, MaxResults: PAGE, NextToken };
    const answer = await ssm.send(new GetParameterHistoryCommand(page), { abortSignal });
    values.push(...(answer.Parameters ?? []));
    NextToken = answer.NextToken;
  } while (NextToken !== undefined);
  return values;
}

/** The writer and time of a value, as far as SSM reports them. */
export const writtenBy = ({
  LastModifiedUser: by,
  LastModifiedDate: date,
}: Pick<ParameterHistory, 'LastModifiedUser' | 'LastModifiedDate'>): Written => ({
  by,
  atMs: date?.getTime(),
});

/**
 * What the parameter holds, by its history, with the writer: a read may have given an older value than the newest, which is no
 * outside change. Undefined when the history cannot be read, or has nothing about the value.
 */
export async function newestReading(
  awsFor: AwsFor,
  { aws, flag }: FlagPlace,
  reading: FlagReading,
  abortSignal: AbortSignal,
): Promise<FlagReading | undefined> {
  const { version } = reading;
  if (version === undefined) return undefined;
  try {
    const values = await parameterHistory(awsFor(aws).ssm, flag.parameter, abortSignal);
    const newest = values.reduce((a, b) => ((a.Version ?? 0) >= (b.Version ?? 0) ? a : b));
    const { Value: text = '', Version: last = 0 } = newest;
    if (last < version) return undefined;
    if (last > version) return flagReading({ aws, flag }, { text, version: last, ...writtenBy(newest) });
    return newest.LastModifiedUser === undefined ? reading : { ...reading, ...writtenBy(newest) };
  } catch {
    return undefined;
  }
}

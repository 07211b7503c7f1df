import type { ParameterHistory, SSMClient } from '@aws-sdk/client-ssm';
import { GetParameterHistoryCommand } from '@aws-sdk/client-ssm';
import type { FlagReading, Written } from '../../../rules/rollout/state/flag-reading';
import type { AwsFor } from '../../aws';
import type { FlagPlace } from './flags';

/** SSM keeps the last 100 values of a parameter and tells 50 at once, the oldest first. */
const PAGE = 50;

/** Every value of a parameter that SSM still knows, the oldest first, with who wrote it. */
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

/** Who wrote a value and when, as far as SSM tells. */
export const writtenBy = ({
  LastModifiedUser: by,
  LastModifiedDate: date,
}: Pick<ParameterHistory, 'LastModifiedUser' | 'LastModifiedDate'>): Written => ({
  by,
  atMs: date?.getTime(),
});

/** A reading with the one who wrote it, where AWS tells: a worker that may not ask for the history still sees the change. */
export async function withWriter(
  awsFor: AwsFor,
  { aws, flag }: FlagPlace,
  reading: FlagReading,
  abortSignal: AbortSignal,
): Promise<FlagReading> {
  const { version } = reading;
  if (version === undefined) return reading;
  try {
    const values = await parameterHistory(awsFor(aws).ssm, flag.parameter, abortSignal);
    const value = values.find(({ Version }) => Version === version);
    if (value?.LastModifiedUser === undefined) return reading;
    return { ...reading, ...writtenBy(value) };
  } catch {
    return reading;
  }
}

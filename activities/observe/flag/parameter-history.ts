import type { ParameterHistory, SSMClient } from '@aws-sdk/client-ssm';
import { GetParameterHistoryCommand } from '@aws-sdk/client-ssm';
import type { FlagReading, Written } from '../../../rules/rollout/state/flag';
import type { AwsFor } from '../../aws';
import type { FlagPlace } from './flags';

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

/** A reading with its writer, when AWS reports it: a worker that may not read the history still sees the change. */
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

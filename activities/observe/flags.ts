import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { effectivePercentage, parseFlags } from '../../flags/contract';
import type { AwsTarget, FlagTarget } from '../../rules/environment-plan';
import type { FlagReading } from '../../rules/rollout-state';
import type { AwsFor } from '../aws';
import { nameOf, toFailure } from '../failures';

export interface FlagPlace {
  readonly aws: AwsTarget;
  readonly flag: FlagTarget;
}

/** Reads the flag parameter as it stands. A missing or unreadable document is an answer, not a failure. */
export function createFlagObservations(awsFor: AwsFor): { readFlag(place: FlagPlace): Promise<FlagReading> } {
  return {
    async readFlag({ aws, flag }) {
      const text = await readParameter(awsFor, aws, flag.parameter);
      if (text === undefined)
        return {
          found: false,
          why: `parameter ${flag.parameter} does not exist in account ${aws.account}: deploy the stacks first`,
        };
      const parsed = parseFlags(text);
      if (!parsed.ok) return { found: false, why: `parameter ${flag.parameter} is not a flag document: ${parsed.why}` };
      const { generation, writer } = parsed.document;
      return { found: true, percentage: effectivePercentage(parsed.document), generation, writer };
    },
  };
}

/** The parameter's text, or undefined when there is none. */
export async function readParameter(
  awsFor: AwsFor,
  aws: AwsTarget,
  name: string,
  abortSignal?: AbortSignal,
): Promise<string | undefined> {
  try {
    const answer = await awsFor(aws).ssm.send(
      new GetParameterCommand({ Name: name }),
      abortSignal === undefined ? {} : { abortSignal },
    );
    return answer.Parameter?.Value;
  } catch (error) {
    if (nameOf(error) === 'ParameterNotFound') return undefined;
    throw toFailure(error, `reading parameter ${name}`);
  }
}

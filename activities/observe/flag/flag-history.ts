import type { ParameterHistory } from '@aws-sdk/client-ssm';
import { parseFlags } from '../../../flags/contract';
import type { FlagFormat } from '../../../flags/format';
import type { FlagValue } from '../../../rules/history/timeline';
import type { AwsFor } from '../../aws';
import { nameOf, toFailure } from '../../failures';
import type { FlagPlace } from './flags';
import { parameterHistory } from './parameter-history';

/** Every value of the flag parameter that SSM still has, the oldest first. A missing parameter has none. */
export function createFlagHistory(awsFor: AwsFor): { readFlagHistory(place: FlagPlace): Promise<FlagValue[]> } {
  return {
    async readFlagHistory({ aws, flag }) {
      try {
        return (await parameterHistory(awsFor(aws).ssm, flag.parameter)).map((value) => valueOf(value, flag.format));
      } catch (error) {
        if (nameOf(error) === 'ParameterNotFound') return [];
        throw toFailure(error, `reading the history of ${flag.parameter}`);
      }
    },
  };
}

function valueOf(
  { Version, LastModifiedDate, LastModifiedUser, Labels = [], Value = '' }: ParameterHistory,
  format: FlagFormat | undefined,
): FlagValue {
  const parsed = parseFlags(Value, format, Version);
  const said = parsed.ok
    ? {
        document: {
          percentage: parsed.document.percentage,
          generation: parsed.document.generation,
          writer: parsed.document.writer,
          reason: parsed.document.reason,
        },
      }
    : { why: parsed.why };
  return {
    version: Version ?? 0,
    atMs: LastModifiedDate?.getTime() ?? 0,
    by: LastModifiedUser,
    ...(Labels.length === 0 ? {} : { labels: Labels }),
    ...said,
  };
}

import type { AwsTarget, FlagTarget } from '../../../rules/plan/environment-plan';
import type { FlagReading } from '../../../rules/rollout/state/flag';
import type { KnownFlag } from '../../../rules/rollout/drift';
import { isKnown } from '../../../rules/rollout/drift';
import type { AwsFor } from '../../aws';
import { flagReading, valueOf } from './flags';
import { parameterNamed } from './parameter-batch';
import { newestReading } from './parameter-history';
import { unlessAborted } from '../../poll';
import { within } from '../../within';

export interface FlagWatch {
  readonly flag: FlagTarget;
  /** The expected values: any other is reported. */
  readonly known: readonly KnownFlag[];
}

/** Less than the time of a check, so that an unread flag does not delay the alarms. */
const READ_MS = 4_000;

/** Than a value we know: only the history tells an old value from a parameter that was made again. */
const isOlder = ({ version = Infinity }: FlagReading, known: readonly KnownFlag[]): boolean =>
  known.some((one) => version < (one.version ?? 0));

/**
 * An outside change of the flag, with its writer and time, or undefined while nothing is new. A failed read is no evidence:
 * neither change nor health.
 */
export async function lookAtFlag(
  awsFor: AwsFor,
  { aws, watch }: { readonly aws: AwsTarget; readonly watch: FlagWatch | undefined },
  abortSignal: AbortSignal,
): Promise<FlagReading | undefined> {
  if (watch === undefined) return undefined;
  const { flag, known } = watch;
  const patience = within(READ_MS, abortSignal);
  try {
    const place = { aws, flag };
    const parameter = await unlessAborted(parameterNamed(awsFor(aws).ssm, flag.parameter), patience);
    const reading = flagReading(place, valueOf(parameter));
    if (isKnown(known, reading)) return undefined;
    const newest = await newestReading(awsFor, place, reading, patience);
    if (newest === undefined) return isOlder(reading, known) ? undefined : reading;
    return isKnown(known, newest) ? undefined : newest;
  } catch {
    return undefined;
  }
}

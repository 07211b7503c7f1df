import type { AwsTarget, FlagTarget } from '../../../rules/plan/environment-plan';
import type { FlagReading } from '../../../rules/rollout/state/flag-reading';
import type { KnownFlag } from '../../../rules/rollout/drift';
import { isKnown } from '../../../rules/rollout/drift';
import type { AwsFor } from '../../aws';
import { flagReading, readValue } from './flags';
import { withWriter } from './parameter-history';
import { unlessAborted } from '../guards/observation';

export interface FlagWatch {
  readonly flag: FlagTarget;
  /** The values that are expected there: any other is reported. */
  readonly known: readonly KnownFlag[];
}

/** Less than a look may take, so that a flag that is not read keeps nobody from the alarms. */
const READ_MS = 4_000;

/**
 * The flag as somebody else wrote it, with who and when, or undefined while nothing is new. A read that fails says nothing:
 * it is no change and no health.
 */
export async function lookAtFlag(
  awsFor: AwsFor,
  { aws, watch }: { readonly aws: AwsTarget; readonly watch: FlagWatch | undefined },
  abortSignal: AbortSignal,
): Promise<FlagReading | undefined> {
  if (watch === undefined) return undefined;
  const { flag, known } = watch;
  const patience = AbortSignal.any([abortSignal, AbortSignal.timeout(READ_MS)]);
  try {
    const place = { aws, flag };
    const value = await unlessAborted(readValue(awsFor, aws, flag.parameter, patience), patience);
    const reading = flagReading(place, value);
    return isKnown(known, reading) ? undefined : await withWriter(awsFor, place, reading, patience);
  } catch {
    return undefined;
  }
}

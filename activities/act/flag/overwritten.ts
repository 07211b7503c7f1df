import type { AwsFor } from '../../aws';
import { failure, toFailure } from '../../failures';
import { flagReading, type FlagPlace } from '../../observe/flag/flags';
import { parameterHistory, writtenBy } from '../../observe/flag/parameter-history';
import type { FlagFound, FlagReading } from '../../../rules/rollout/state/flag-reading';

/** A raise as it is in the parameter. */
export interface Raised {
  readonly text: string;
  readonly version: number | undefined;
  /** SSM's version of what it was to be written over. */
  readonly over: number | undefined;
}

/**
 * What somebody else wrote between the look before a raise and its arrival, so that it was overwritten unseen; the lowest of
 * them. SSM counts every write, so that the history is asked only when there was another one. It may have been an earlier try
 * of the same raise, which says the same.
 */
export async function overwrittenBy(
  awsFor: AwsFor,
  place: FlagPlace,
  { text, version, over }: Raised,
  abortSignal: AbortSignal,
): Promise<FlagFound | undefined> {
  if (version === undefined || over === undefined || version <= over + 1) return undefined;
  const { parameter } = place.flag;
  const values = await parameterHistory(awsFor(place.aws).ssm, parameter, abortSignal).catch((error: unknown) => {
    throw toFailure(error, `looking whether somebody else wrote ${parameter} before the raise arrived`);
  });
  const between = values.filter(({ Version = 0, Value }) => Version > over && Version < version && Value !== text);
  const readings = between.map((value) =>
    flagReading(place, { text: value.Value ?? '', version: value.Version ?? 0, ...writtenBy(value) }),
  );
  const found = readings.filter((reading): reading is FlagFound => reading.found);
  if (found.length < readings.length) throw failure('Unconfirmed', unreadable(readings));
  return found.reduce<FlagFound | undefined>(
    (a, b) => (a === undefined || b.percentage < a.percentage ? b : a),
    undefined,
  );
}

const unreadable = (readings: readonly FlagReading[]): string =>
  `overwritten by the raise: ${readings.flatMap((one) => (one.found ? [] : [one.why])).join('; ')}`;

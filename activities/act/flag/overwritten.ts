import type { AwsFor } from '../../aws';
import { failure, toFailure } from '../../failures';
import { flagReading, type FlagPlace } from '../../observe/flag/flags';
import { parameterHistory, writtenBy } from '../../observe/flag/parameter-history';
import type { FlagFound, FlagReading } from '../../../rules/rollout/state/flag';

/** A raise as it is in the parameter. */
export interface Raised {
  readonly text: string;
  readonly version: number | undefined;
  /** SSM's version of the value that the raise was meant to replace. */
  readonly over: number | undefined;
}

/**
 * The outside change that a raise overwrote unseen, written between the raise's read and its write; the lowest if there
 * were several. SSM counts every write, so the history is read only when there was another one. An earlier try of the same
 * raise has the same content and does not count.
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
    throw toFailure(error, `checking for an outside change of ${parameter} before the raise arrived`);
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

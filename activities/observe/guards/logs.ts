import type { LogGuard } from '../../../rules/guards/guard';
import type { SeriesReading } from '../../../rules/guards/readings';
import { type LogEvent, type LogQuery, readEvents } from './log-events';
import { type Observation, wholePeriods } from './observation';
import { cutInTheMiddle } from '../../../rules/format';

/** This many matches are a breach under any limit. */
const MOST_MATCHES = 20_000;
/** Enough to be sure that the log is still written. */
const SIGNS_OF_LIFE = 100;
const EXAMPLES = 3;
const EXAMPLE_LENGTH = 200;

/**
 * How many events match in every whole period of the step. A period without a match counts as 0 only if the log continues
 * after it: a log without a writer has no errors either.
 * @throws when the group does not exist, or CloudWatch Logs does not answer.
 */
export async function readLogs(guard: LogGuard, look: Observation): Promise<SeriesReading> {
  const { name, group, pattern, periodMs, minSamples } = guard;
  const { fromMs, toMs } = wholePeriods(look, periodMs);
  const step = { group, fromMs: look.sinceMs, toMs: look.nowMs };
  const [matches, lastDataAtMs, lines] = await Promise.all([
    readEvents({ ...step, pattern, most: MOST_MATCHES }, look),
    lastEventMs({ ...step, most: SIGNS_OF_LIFE }, periodMs, look),
    minSamples === undefined ? undefined : readEvents({ ...step, most: minSamples }, look),
  ]);
  const known = Math.max(fromMs, Math.ceil((matches.unknownBeforeMs ?? fromMs) / periodMs) * periodMs);
  const alive = Math.max(lastDataAtMs ?? 0, matches.events.at(-1)?.atMs ?? 0);
  return {
    name,
    kind: 'series',
    points: counts(matches.events, { fromMs: known, toMs: Math.min(toMs, alive + 1), periodMs, endMs: toMs }),
    samples: (lines ?? matches).events.length,
    ...(alive === 0 ? {} : { lastDataAtMs: alive }),
    ...(matches.events.length === 0 ? {} : { examples: examplesOf(matches.events) }),
  };
}

interface Counted {
  readonly fromMs: number;
  /** Periods that begin before it count. */
  readonly toMs: number;
  /** Periods that end after it do not. */
  readonly endMs: number;
  readonly periodMs: number;
}

function counts(events: readonly LogEvent[], { fromMs, toMs, endMs, periodMs }: Counted): SeriesReading['points'] {
  const found = new Map<number, number>();
  for (const { atMs } of events) {
    const period = Math.floor(atMs / periodMs) * periodMs;
    found.set(period, (found.get(period) ?? 0) + 1);
  }
  const points: { atMs: number; value: number }[] = [];
  for (let atMs = fromMs; atMs < toMs && atMs + periodMs <= endMs; atMs += periodMs)
    points.push({ atMs, value: found.get(atMs) ?? 0 });
  return points;
}

/** Of any kind. The last two periods are asked first, because they nearly always hold one. */
async function lastEventMs(all: LogQuery, periodMs: number, look: Observation): Promise<number | undefined> {
  const recentFromMs = Math.max(all.fromMs, all.toMs - 2 * periodMs);
  const recent = await readEvents({ ...all, fromMs: recentFromMs }, look);
  const newest = recent.events.at(-1)?.atMs;
  if (newest !== undefined || recentFromMs === all.fromMs) return newest;
  return (await readEvents(all, look)).events.at(-1)?.atMs;
}

/** The newest, newest last. */
const examplesOf = (events: readonly LogEvent[]): string[] =>
  events.slice(-EXAMPLES).map(({ message }) => cutInTheMiddle(message.trim(), EXAMPLE_LENGTH));

import {
  FlagNotFoundError,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
} from '@openfeature/server-sdk';
import { rawDocument } from './contract';
import { aboutAnswer, isNewFor, percentageOf, sideFor } from './evaluation';
import type { FlagReading } from './last-good';
import type { FlagRead, FlagReader } from './reader';

/**
 * The flag document as an OpenFeature provider: boolean (on the new side?), text (which side), number (percentage) or
 * object (the document). The first two are about the job whose id is the targeting key. `flags/index.ts` does not export
 * it: importing this file requires `@openfeature/server-sdk`, which the served API does not need.
 *
 * Unknown means the old side, not the caller's default: before the first good read, and, at a partial percentage, without a
 * targeting key. Only until `initialize` is done OpenFeature itself answers the caller's default.
 */
export function createOpenFeatureProvider(reader: FlagReader): Provider {
  const { flagKey: ours, format } = reader;
  const events = new OpenFeatureEventEmitter();
  const stopListening = reader.onRead(eventsOf(events, ours, reader.current()));
  const answer = async <T>(flagKey: string, valueOf: (reading: FlagReading) => T): Promise<ResolutionDetails<T>> => {
    if (flagKey !== ours) throw new FlagNotFoundError(`the only flag is ${ours}`);
    const reading = await reader.fresh();
    const { reason, metadata } = aboutAnswer(reading);
    return { value: valueOf(reading), reason, flagMetadata: metadata };
  };
  return {
    metadata: { name: ours },
    runsOn: 'server',
    events,
    initialize: async () => {
      const { source, why } = await reader.refresh();
      if (source === 'fallback') throw new Error(why);
    },
    onClose: () => {
      stopListening();
      reader.stop();
      return Promise.resolve();
    },
    resolveBooleanEvaluation: (flagKey, _default, { targetingKey }) =>
      answer(flagKey, (reading) => isNewFor(reader, reading, targetingKey)),
    resolveStringEvaluation: (flagKey, _default, { targetingKey }) =>
      answer<string>(flagKey, (reading) => sideFor(reader, reading, targetingKey)),
    resolveNumberEvaluation: (flagKey) => answer(flagKey, percentageOf),
    resolveObjectEvaluation: <T extends JsonValue>(flagKey: string, otherwise: T) =>
      answer(flagKey, ({ document }) => (document ? (rawDocument(document, format) as JsonValue as T) : otherwise)),
  };
}

/** Tells OpenFeature when the document changes, when reads begin to fail, and when they succeed again. */
function eventsOf(events: OpenFeatureEventEmitter, flagKey: string, first: FlagReading): (read: FlagRead) => void {
  let last = first;
  return ({ reading }) => {
    const before = last;
    last = reading;
    if (textOf(reading) !== textOf(before))
      events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged: [flagKey], message: reading.why });
    if (isGood(reading) === isGood(before) && (isGood(reading) || reading.source === before.source)) return;
    if (isGood(reading)) events.emit(ProviderEvents.Ready, { message: reading.why });
    else events.emit(ProviderEvents.Stale, { message: reading.why });
  };
}

const isGood = ({ source }: FlagReading): boolean => source === 'parameter' || source === 'relay';

function textOf({ document }: FlagReading): string | undefined {
  return document && JSON.stringify(document);
}

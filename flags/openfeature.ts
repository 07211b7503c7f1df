import {
  FlagNotFoundError,
  type JsonValue,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
  StandardResolutionReasons,
} from '@openfeature/server-sdk';
import { effectivePercentage, formatFlags } from './contract';
import type { FlagReading } from './last-good';
import type { FlagRead, FlagReader } from './reader';
import type { Backend } from './routing';

/** The one flag. As boolean and text it is about the job whose id is the targeting key; as number and object about all. */
export const ROLLOUT_FLAG = 'step-functions-rollout';

/**
 * The flag document as an OpenFeature provider: boolean (on Step Functions?), text (which backend), number (percentage)
 * or object (the document). `flags/index.ts` does not export it: who imports this file has `@openfeature/server-sdk`,
 * the served API need not.
 *
 * What is not known goes to Nextflow and not to the caller's default: before the first good read, and, at a part of the
 * jobs, without a targeting key. Only until `initialize` is done OpenFeature answers the caller's default by itself.
 */
export function createOpenFeatureProvider(reader: FlagReader): Provider {
  const events = new OpenFeatureEventEmitter();
  const stopListening = reader.onRead(eventsOf(events, reader.current()));
  const answer = <T>(flagKey: string, valueOf: (reading: FlagReading) => T): Promise<ResolutionDetails<T>> => {
    if (flagKey !== ROLLOUT_FLAG) return Promise.reject(new FlagNotFoundError(`the only flag is ${ROLLOUT_FLAG}`));
    const reading = reader.current();
    return Promise.resolve({ value: valueOf(reading), ...about(reading) });
  };
  const backend = (reading: FlagReading, jobId: string | undefined): Backend =>
    jobId === undefined ? backendOfAll(reading) : reader.route(jobId);
  return {
    metadata: { name: ROLLOUT_FLAG },
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
      answer(flagKey, (reading) => backend(reading, targetingKey) === 'step-functions'),
    resolveStringEvaluation: (flagKey, _default, { targetingKey }) =>
      answer<string>(flagKey, (reading) => backend(reading, targetingKey)),
    resolveNumberEvaluation: (flagKey) => answer(flagKey, percentageOf),
    resolveObjectEvaluation: <T extends JsonValue>(flagKey: string, otherwise: T) =>
      answer(flagKey, ({ document }) => (document ? ({ ...document } as JsonValue as T) : otherwise)),
  };
}

function percentageOf({ document }: FlagReading): number {
  return document ? effectivePercentage(document) : 0;
}

/** Without a job's id only a flag that means all jobs means this one. */
function backendOfAll(reading: FlagReading): Backend {
  return percentageOf(reading) === 100 ? 'step-functions' : 'nextflow';
}

function about(reading: FlagReading): Pick<ResolutionDetails<unknown>, 'reason' | 'flagMetadata'> {
  const { document, source, ageMs, why } = reading;
  if (!document) return { reason: StandardResolutionReasons.DEFAULT, flagMetadata: { source, why } };
  const percentage = percentageOf(reading);
  const split = percentage > 0 && percentage < 100;
  const fresh = split ? StandardResolutionReasons.SPLIT : StandardResolutionReasons.STATIC;
  return {
    reason: source === 'parameter' ? fresh : StandardResolutionReasons.STALE,
    flagMetadata: { source, why, generation: document.generation, ageMs: ageMs ?? 0 },
  };
}

/** Tells OpenFeature when the document changes, when reads begin to fail, and when they come back. */
function eventsOf(events: OpenFeatureEventEmitter, first: FlagReading): (read: FlagRead) => void {
  let last = first;
  return ({ reading }) => {
    const before = last;
    last = reading;
    if (textOf(reading) !== textOf(before))
      events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged: [ROLLOUT_FLAG], message: reading.why });
    if (reading.source === before.source) return;
    if (reading.source === 'parameter') events.emit(ProviderEvents.Ready, { message: reading.why });
    else events.emit(ProviderEvents.Stale, { message: reading.why });
  };
}

function textOf({ document }: FlagReading): string | undefined {
  return document && formatFlags(document);
}

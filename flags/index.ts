/** What the service needs to follow a rollout: the flag document, the routing, and a reader. It has no dependencies. */
export { formatFlags, parseFlags, rawDocument, valuesIn, type FlagDocument, type ParsedFlags } from './contract';
export {
  fieldsFor,
  type FlagFields,
  type FlagFormat,
  type FlagKeys,
  type FlagSwitch,
  percentageIn,
  STANDARD_KEYS,
} from './format';
export { type FetchedFlags, type FlagReading, type FlagTerms, type ReadResult } from './last-good';
export { murmur3 } from './murmur3';
export {
  evaluateFlag,
  evaluateFlags,
  eventStreamAt,
  notifyChanges,
  type OfrepAnswer,
  type OfrepEventStream,
  unreadableRequest,
} from './ofrep';
export type { PushResult } from './pushed';
export { createFlagReader, type FlagRead, type FlagReader, type FlagReaderOptions } from './reader';
export { listenToRelay, type OpenStream, type RelayOptions, type RelayState } from './relay';
export { refreshMsFor, SSM_READS_PER_SECOND } from './refresh';
export { BUCKETS, bucketOf, route, routerFor, type Sides, STANDARD_SIDES } from './routing';

/** What the served API needs to follow a rollout: the flag document, the routing, and a reader. It has no dependencies. */
export {
  effectivePercentage,
  formatFlags,
  parseFlags,
  tupleFor,
  type FlagDocument,
  type FlagTuple,
  type ParsedFlags,
} from './contract';
export { type FetchedFlags, type FlagReading, type ReadResult } from './last-good';
export { murmur3 } from './murmur3';
export { evaluateFlag, evaluateFlags, unreadableRequest, type OfrepAnswer } from './ofrep';
export { createFlagReader, type FlagRead, type FlagReader, type FlagReaderOptions } from './reader';
export { refreshMsFor, SSM_READS_PER_SECOND } from './refresh';
export { BUCKETS, bucketOf, route, routerFor, type Backend } from './routing';
export { lostPercentage, UNSAFE_TUPLES, unsafeBecause, type ReadsBy, type UnsafeTuple } from './unsafe-tuples';

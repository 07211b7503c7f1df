/** What the served API needs to follow a rollout: the flag document, the routing, and a reader. It depends on nothing. */
export {
  effectivePercentage,
  formatFlags,
  parseFlags,
  tupleFor,
  type FlagDocument,
  type FlagTuple,
  type ParsedFlags,
} from './contract';
export { murmur3 } from './murmur3';
export { createFlagReader, type FlagReader, type FlagReaderOptions, type FlagReading } from './reader';
export { BUCKETS, bucketOf, route, type Backend } from './routing';

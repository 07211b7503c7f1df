import {
  defaultPayloadConverter,
  METADATA_ENCODING_KEY,
  type Payload,
  type PayloadConverter,
} from '@temporalio/common';
import { decode } from '@temporalio/common/lib/encoding';

/** Replaces a received value that cannot be read. */
export class Unreadable {
  constructor(readonly why: string) {}
}

/**
 * The converter inside workflows. `fromPayload` never throws: the SDK decodes a signal, a query and the memo before any
 * handler or catch of ours (`internals.js`, `signalWorkflow`, of SDK 1.24), so an error there would fail the workflow task,
 * at every retry, and with it every later abort. Who may send what: `boundary.ts`. We send no bytes, so bytes are not
 * accepted either.
 */
export const payloadConverter: PayloadConverter = {
  toPayload: (value) => defaultPayloadConverter.toPayload(value),
  fromPayload<T>(payload: Payload): T {
    try {
      const value = defaultPayloadConverter.fromPayload<T>(payload);
      return value instanceof Uint8Array ? (new Unreadable(`it is bytes (${encodingOf(payload)})`) as T) : value;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return new Unreadable(`${encodingOf(payload)}: ${why}`.slice(0, 200)) as T;
    }
  },
};

function encodingOf({ metadata }: Payload): string {
  const encoding = metadata?.[METADATA_ENCODING_KEY];
  if (encoding === undefined) return 'no encoding';
  try {
    return decode(encoding).slice(0, 40);
  } catch {
    return 'an encoding that is no text';
  }
}

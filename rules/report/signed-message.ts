import type { Link, Notice } from '../notify/notice';

/** What a signed webhook gets: https://www.standardwebhooks.com, with this payload. */
export interface SignedMessage {
  /** `rollout.raised`, or `rollout.test` for a message sent by hand. */
  readonly type: string;
  readonly timestamp?: string;
  readonly data: {
    /** The same whenever this message is sent again. */
    readonly id: string;
    readonly kind: string;
    readonly key: string;
    readonly title: string;
    readonly text: string;
    readonly service?: string;
    readonly environment?: string;
    readonly workflowId?: string;
    readonly percentage?: number;
    readonly commands: readonly string[];
    readonly links: readonly Link[];
  };
}

/** @param id is the same at each try, so that the receiver can recognise a copy. */
export function signedMessage(notice: Notice, id: string): SignedMessage {
  const { kind, key, title, text, about, test } = notice;
  const { service, environment, workflowId, atMs, percentage, commands = [], links = [] } = about ?? {};
  return {
    type: `rollout.${test === true ? 'test' : kind}`,
    timestamp: atMs === undefined ? undefined : new Date(atMs).toISOString(),
    data: { id, kind, key, title, text, service, environment, workflowId, percentage, commands, links },
  };
}

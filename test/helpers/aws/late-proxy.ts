import type { IncomingMessage } from 'node:http';
import { type AwsProxy, passOn, type Passed, relay, startAwsProxy } from './aws-proxy';

export interface LateProxyOptions {
  readonly upstream: string;
  /** Which requests are delivered late, by AWS's name of the operation and the body. */
  readonly picks: (operation: string, body: string) => boolean;
}

export interface LateProxy extends AwsProxy {
  /** How many were kept back so far, and how many of their clients have gone without an answer. */
  readonly kept: () => number;
  readonly givenUp: () => number;
  /** Delivers what is kept back, in its order; done when all of it has arrived. */
  readonly deliver: () => Promise<void>;
}

/**
 * In front of an AWS endpoint: passes requests on. A picked one gets no answer, and is delivered all the same when the test
 * wants it, as a write whose client has given up: it has left the machine, and something on its way was slow.
 */
export async function startLateProxy({ upstream, picks }: LateProxyOptions): Promise<LateProxy> {
  const kept: Passed[] = [];
  let [count, givenUp] = [0, 0];
  const proxy = await startAwsProxy((passed, answer) => {
    const operation = String(passed.headers['x-amz-target']).split('.').at(-1) ?? '';
    if (!picks(operation, passed.body.toString())) return relay(upstream, passed, answer);
    count += 1;
    kept.push(passed);
    answer.on('close', () => (givenUp += 1));
  });
  return {
    ...proxy,
    kept: () => count,
    givenUp: () => givenUp,
    deliver: async () => {
      for (const passed of kept.splice(0)) await arrived(await passOn(upstream, passed));
    },
  };
}

async function arrived(response: IncomingMessage): Promise<void> {
  for await (const _part of response);
  if (response.statusCode !== 200) throw new Error(`a late request was answered ${response.statusCode}`);
}

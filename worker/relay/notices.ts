import { lookup } from 'node:dns/promises';
import { request } from 'node:http';
import { request as requestTls } from 'node:https';
import { messageOf } from '../../activities/failures';
import type { FlagPlace } from '../../activities/observe/flag/flags';

const WITHIN_MS = 2_000;

export interface NoticeParts {
  readonly relays: readonly URL[];
  readonly token?: string;
  readonly report: (problem: string) => void;
}

/**
 * Tells other relays that a flag has changed, so that they read it. Every address of a name gets the notice, because the
 * tasks of a service share a name. Nothing waits for it; a relay that was not reached reads the flag within a second anyway.
 */
export function noticesTo({ relays, token, report }: NoticeParts): (place: FlagPlace) => void {
  const last = new Map<string, string | undefined>();
  return (place) => {
    for (const relay of relays)
      void tell(relay, token, place)
        .catch((error: unknown) => `the relay ${relay.host} was not told of a change: ${messageOf(error)}`)
        .then((problem) => {
          // Once for as long as it stays the same.
          if (problem !== undefined && problem !== last.get(relay.href)) report(problem);
          last.set(relay.href, problem ?? undefined);
        });
  };
}

async function tell(relay: URL, token: string | undefined, { aws, flag }: FlagPlace): Promise<undefined> {
  const query = new URLSearchParams({ account: aws.account, region: aws.region });
  const parameter = flag.parameter.split('/').map(encodeURIComponent).join('/');
  const path = `${relay.pathname.replace(/\/$/, '')}/v1/flags${parameter}/changed?${query.toString()}`;
  const name = relay.hostname.replace(/^\[|\]$/g, '');
  const found = await lookup(name, { all: true });
  const ends = await Promise.allSettled(found.map(({ address }) => post(relay, address, { path, token, name })));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  return undefined;
}

interface Notice {
  readonly path: string;
  readonly token: string | undefined;
  readonly name: string;
}

function post({ protocol, port, host }: URL, address: string, { path, token, name }: Notice): Promise<void> {
  const isTls = protocol === 'https:';
  const headers: Record<string, string> = { host, 'content-length': '0' };
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  const signal = AbortSignal.timeout(WITHIN_MS);
  // The certificate is compared with the name, not with the address. No agent: a relay is inside the network.
  const options = { host: address, port: port || (isTls ? 443 : 80), servername: name, path, method: 'POST', headers };
  return new Promise((resolve, reject) => {
    const sent = (isTls ? requestTls : request)({ ...options, agent: false, signal }, (answer) => {
      answer.resume();
      if (answer.statusCode === 202) resolve();
      else reject(new Error(`it answers ${answer.statusCode}`));
    });
    sent.on('error', reject);
    sent.end();
  });
}

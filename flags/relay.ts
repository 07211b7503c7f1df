import { EventStream, type StreamEvent } from './event-stream';
import { isObject, jsonIn } from './json';
import type { FetchedFlags } from './last-good';
import type { FlagReaderOptions } from './reader';

/** What `fetch` does, as far as a relay needs it. */
export type OpenStream = (
  url: string,
  request: {
    readonly headers: Readonly<Record<string, string>>;
    readonly signal: AbortSignal;
    readonly redirect: 'error';
  },
) => Promise<{ readonly status: number; readonly body: AsyncIterable<Uint8Array> | null }>;

export interface RelayOptions {
  /** As `https://relay.internal:8443`. Several are listened to at the same time. `http` on loopback only. */
  readonly url: string | readonly string[];
  /** Name of the flag parameter, with its leading slash. */
  readonly parameter: string;
  /** Of the parameter; needed only where the relay knows the same name in several accounts or regions. */
  readonly account?: string;
  readonly region?: string;
  readonly token?: string;
  /** `fetch`. A certificate that Node does not know comes by NODE_EXTRA_CA_CERTS. */
  readonly open: OpenStream;
  /** Runs something later and returns a function that cancels it. */
  readonly schedule: (run: () => void, delayMs: number) => () => void;
  /** From 0 up to 1: many readers must not come back in the same millisecond. */
  readonly random: () => number;
  /** Told when the relay begins to answer, and when it ceases to, with why. For logs and metrics: nothing depends on it. */
  readonly onState?: (state: RelayState) => void;
}

export interface RelayState {
  readonly url: string;
  readonly connected: boolean;
  readonly why?: string;
}

/** Three heartbeats of the relay. */
const SILENT_AFTER_MS = 30_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;

/**
 * Listens to a relay, for `listen` of `createFlagReader`. A relay that is away is tried again, after up to a second at first and
 * up to 30 s later; the reader's own reads do not depend on it.
 * @throws Error when an address or the token cannot be used; the message shows neither token nor password.
 */
export function listenToRelay(options: RelayOptions): NonNullable<FlagReaderOptions['listen']> {
  const { token, url } = options;
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token))
    throw new Error('the token of the relay must have printable ASCII characters only, and no space');
  const addresses = (typeof url === 'string' ? [url] : url).map((one) => [one, addressOf(one, options)] as const);
  return (push) => {
    const ends = addresses.map(([one, address]) => listening(one, address, options, push));
    return () => ends.forEach((end) => end());
  };
}

function addressOf(given: string, { parameter, account, region }: RelayOptions): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (url === undefined) throw new Error('the address of the relay is no URL: write it as https://relay.internal:8443');
  if (url.username !== '' || url.password !== '' || url.search !== '')
    throw new Error(`the address of the relay ${url.origin} must have neither user nor query: give the token as token`);
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback))
    throw new Error(`the relay ${url.origin} must be called by https: the token and the document would be readable`);
  const path = parameter.split('/').map(encodeURIComponent).join('/');
  url.pathname = `${url.pathname.replace(/\/$/, '')}/v1/flags${path}/events`;
  if (account !== undefined) url.searchParams.set('account', account);
  if (region !== undefined) url.searchParams.set('region', region);
  return url.href;
}

type Push = (pushed: string | FetchedFlags) => void;

function listening(url: string, address: string, options: RelayOptions, push: Push): () => void {
  const { schedule, random, onState } = options;
  let stopped = false;
  let cancelWait: (() => void) | undefined;
  let close = new AbortController();
  let failures = 0;
  let last: string | undefined;
  const tell = (state: Omit<RelayState, 'url'>): void => {
    const said = `${state.connected} ${state.why}`;
    if (said === last) return;
    last = said;
    try {
      onState?.({ url, ...state });
    } catch {
      // Metrics must not stop the flags.
    }
  };
  const connect = async (): Promise<void> => {
    close = new AbortController();
    try {
      await receive(address, options, close, (event) => {
        failures = 0;
        tell({ connected: true });
        const pushed = documentIn(event);
        if (pushed) push(pushed);
      });
    } catch (error) {
      if (!stopped) tell({ connected: false, why: error instanceof Error ? error.message : String(error) });
    }
    if (stopped) return;
    const waitMs = random() * Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures, 10));
    failures += 1;
    cancelWait = schedule(() => void connect(), waitMs);
  };
  void connect();
  return () => {
    stopped = true;
    cancelWait?.();
    close.abort();
  };
}

/** One connection, until it ends. Always throws, at its end too: with why. */
async function receive(
  address: string,
  { open, schedule, token }: RelayOptions,
  close: AbortController,
  hear: (event: StreamEvent) => void,
): Promise<never> {
  const { signal } = close;
  const silent = (): void => close.abort(new Error('the relay is silent'));
  let cancel = schedule(silent, SILENT_AFTER_MS);
  try {
    const headers: Record<string, string> = { accept: 'text/event-stream' };
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    const { status, body } = await open(address, { headers, signal, redirect: 'error' });
    if (status !== 200 || body === null) throw new Error(`the relay answers ${status}`);
    const stream = new EventStream();
    const decoder = new TextDecoder();
    for await (const piece of body) {
      cancel();
      cancel = schedule(silent, SILENT_AFTER_MS);
      stream.feed(decoder.decode(piece, { stream: true })).forEach(hear);
    }
    throw new Error('the relay has ended the stream');
  } finally {
    cancel();
    // Also where the body is left unread, so that its connection does not stay open.
    close.abort();
  }
}

function documentIn({ name, data }: StreamEvent): FetchedFlags | undefined {
  const value = name === 'document' ? jsonIn(data) : undefined;
  if (!isObject(value) || typeof value['text'] !== 'string') return undefined;
  const version = value['version'];
  return { text: value['text'], version: Number.isSafeInteger(version) ? Number(version) : undefined };
}

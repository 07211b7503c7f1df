import { createFlagReader, type FlagReader, type FlagReaderOptions, listenToRelay } from '../flags';
import type { EnvironmentPlan } from '../rules/plan/environment-plan';
import type { AwsFor } from '../activities/aws';
import { type Relay, startRelay } from '../worker/relay/relay';

export interface RelayedReadersOptions extends Pick<EnvironmentPlan, 'aws' | 'flag'> {
  readonly awsFor: AwsFor;
  readonly readers: number;
  readonly refreshMs: number;
  /** False: the same readers, which follow by their own reads alone. */
  readonly withRelay: boolean;
  /** The address of a relay that runs already, as beside a worker. Default: one of its own. */
  readonly url?: string;
  /** What each reader reads: the parameter, or a text that the bench keeps. */
  readonly fetch: FlagReaderOptions['fetch'];
}

export interface RelayedReaders {
  /** Absent without a relay. `written` sends what a worker has just written. */
  readonly relay?: Relay;
  readonly readers: readonly FlagReader[];
  /** For each reader, in ms since this call, when it was at a percentage of at most this. Call it before the write. */
  readonly untilAtMost: (percentage: number) => Promise<readonly number[]>;
  readonly close: () => Promise<void>;
}

/** A relay and many readers of one flag in this process, each with a connection of its own and each with the present document. */
export async function startRelayedReaders(options: RelayedReadersOptions): Promise<RelayedReaders> {
  const { aws, flag, awsFor, withRelay } = options;
  const logger = { info: () => undefined, warn: () => undefined };
  const settings = { host: '127.0.0.1', port: 0, mostStreams: options.readers };
  const isOwn = withRelay && options.url === undefined;
  const relay = isOwn ? await startRelay({ awsFor, plans: [{ aws, flag }], logger }, settings) : undefined;
  const url = relay?.url ?? (withRelay ? options.url : undefined);
  const readers = Array.from({ length: options.readers }, () => readerOf(options, url));
  await Promise.all(readers.map((reader) => reader.refresh()));
  if (url !== undefined) await allListen(url, readers.length);
  return {
    relay,
    readers,
    untilAtMost: (percentage) => Promise.all(readers.map((reader) => whenAtMost(reader, percentage))),
    close: async () => {
      readers.forEach((reader) => reader.stop());
      await relay?.close();
    },
  };
}

function readerOf({ flag, fetch: read, refreshMs }: RelayedReadersOptions, url: string | undefined): FlagReader {
  const { parameter, salt, format, sides } = flag;
  const listening = { parameter, open: fetch, schedule, random: Math.random };
  return createFlagReader({
    fetch: read,
    salt,
    format,
    sides,
    now: Date.now,
    refreshMs,
    random: Math.random,
    schedule,
    listen: url === undefined ? undefined : listenToRelay({ url, ...listening }),
  });
}

async function allListen(url: string, readers: number): Promise<void> {
  for (;;) {
    const { streams } = (await (await fetch(`${url}/v1/status`)).json()) as { readonly streams: number };
    if (streams >= readers) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function whenAtMost(reader: FlagReader, percentage: number): Promise<number> {
  const startedAtMs = performance.now();
  const isThere = (): boolean => (reader.current().document?.percentage ?? 0) <= percentage;
  if (isThere()) return Promise.resolve(0);
  return new Promise((resolve) => {
    const stop = reader.onRead(() => {
      if (!isThere()) return;
      stop();
      resolve(performance.now() - startedAtMs);
    });
  });
}

const schedule = (run: () => void, delayMs: number): (() => void) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};

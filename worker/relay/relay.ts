import type { AwsFor } from '../../activities/aws';
import { messageOf } from '../../activities/failures';
import type { FlagWritten } from '../../activities/act/flag/flags';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { keyOf, relayedFlags } from './documents';
import { Looks } from './looks';
import { noticesTo } from './notices';
import { startRelayServer } from './server';
import type { ListenSettings, RelaySettings } from './settings';
import { Streams } from './streams';

export interface RelayParts {
  readonly awsFor: AwsFor;
  /** The relay serves the flags of these and no others. */
  readonly plans: readonly Pick<EnvironmentPlan, 'aws' | 'flag'>[];
  readonly logger: {
    info(message: string, about?: Record<string, unknown>): void;
    warn(message: string, about?: Record<string, unknown>): void;
  };
}

export interface Relay {
  readonly url: string;
  /** Sends what a worker of this process has just written. Never throws, and nothing waits for it. */
  readonly written: (written: FlagWritten) => void;
  readonly close: () => Promise<void>;
}

/**
 * Tells readers of a change at once: they keep reading SSM themselves, so that a relay gives speed and nothing depends on it.
 * @throws Error when it cannot listen.
 */
export async function startRelay({ awsFor, plans, logger }: RelayParts, settings: ListenSettings): Promise<Relay> {
  const ending = new AbortController();
  const streams = new Streams();
  const flags = relayedFlags(plans, (flag) => void streams.spread(flag));
  const byKey = new Map(flags.map((flag) => [keyOf(flag), flag]));
  const looks = new Looks({
    awsFor,
    flags,
    isHeard: (flag) => streams.isHeard(flag),
    report: (problem) => logger.warn(`the relay cannot read flags for now: ${problem}`),
    signal: ending.signal,
  });
  const end = async (): Promise<void> => {
    ending.abort();
    streams.close();
    await looks.ended();
  };
  const look = looks.look.bind(looks);
  const server = await startRelayServer(settings, { flags, streams, look }).catch(async (error: unknown) => {
    await end();
    throw error;
  });
  logger.info('relay listens', { url: server.url, flags: flags.length });
  return {
    url: server.url,
    written: ({ aws, flag, text }) => {
      const relayed = byKey.get(keyOf({ aws, flag }));
      // A plain number is ordered by SSM's count, which only a read brings.
      if (relayed && flag.format === 'number') void looks.look(relayed);
      else relayed?.offer({ text }, Date.now(), 'written');
    },
    close: async () => {
      await end();
      await server.close();
    },
  };
}

/** The relay beside a worker: one that cannot listen costs speed, and no worker may be missing for it. */
export async function relayBeside(
  parts: RelayParts,
  { listen, tell, token }: RelaySettings,
): Promise<{ readonly written: (written: FlagWritten) => void; readonly close: () => Promise<void> }> {
  const { logger } = parts;
  const notice = noticesTo({ relays: tell, token, report: (problem) => logger.warn(problem) });
  const relay =
    listen &&
    (await startRelay(parts, listen).catch((error: unknown) => {
      logger.warn(`no relay: it cannot listen (${messageOf(error)}). Readers follow at their next refresh`);
      return undefined;
    }));
  return {
    written: (written) => {
      relay?.written(written);
      notice(written);
    },
    close: async () => relay?.close(),
  };
}

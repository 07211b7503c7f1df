import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createFlagReader, type FlagReader, type FlagReaderOptions, listenToRelay } from '../../flags';
import { PAVI_READER } from '../../pavi/flag';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import { awsClient } from '../aws/client-config';

export interface FlagSource extends FlagReader {
  readonly close: () => void;
}

export interface RelayPlace {
  readonly url: string;
  readonly token?: string;
}

export interface Following {
  readonly refreshMs: number;
  /** Tells of a change at once; the reader works without it too. */
  readonly relay?: RelayPlace;
}

const schedule = (run: () => void, delayMs: number): (() => void) => {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
};

/** The flag document of one SSM parameter, refreshed behind the requests. A real API would need exactly this code. */
export function flagsFromParameter(aws: AwsTarget, parameter: string, { refreshMs, relay }: Following): FlagSource {
  const ssm = new SSMClient(awsClient(aws));
  const reader = createFlagReader({
    ...PAVI_READER,
    fetch: async () => {
      const { Parameter } = await ssm.send(new GetParameterCommand({ Name: parameter }));
      return { text: Parameter?.Value ?? '', version: Parameter?.Version };
    },
    now: Date.now,
    monotonicNow: () => performance.now(),
    refreshMs,
    random: Math.random,
    schedule,
    listen: relay && listening(relay, aws, parameter),
  });
  const close = (): void => {
    reader.stop();
    ssm.destroy();
  };
  return { ...reader, close };
}

const listening = (relay: RelayPlace, { account, region }: AwsTarget, parameter: string): FlagReaderOptions['listen'] =>
  listenToRelay({ ...relay, parameter, account, region, open: fetch, schedule, random: Math.random });

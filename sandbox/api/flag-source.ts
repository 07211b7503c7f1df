import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createFlagReader, type FlagReader } from '../../flags';
import { PAVI_READER } from '../../pavi/flag';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import { awsClient } from '../aws/client-config';

export interface FlagSource extends FlagReader {
  readonly close: () => void;
}

/** The flag document of one SSM parameter, refreshed behind the requests. A real API would need exactly this code. */
export function flagsFromParameter(aws: AwsTarget, parameter: string, refreshMs: number): FlagSource {
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
    schedule: (run, delayMs) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  });
  const close = (): void => {
    reader.stop();
    ssm.destroy();
  };
  return { ...reader, close };
}

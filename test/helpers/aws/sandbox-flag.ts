import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type FlagDocument, parseFlags } from '../../../flags/contract';
import { PAVI_KEYS } from '../../../pavi/flag';
import type { RunningSandbox } from '../processes/running-sandbox';

const ACCOUNTS = { staging: '222222222222', prod: '333333333333' } as const;
export type Environment = keyof typeof ACCOUNTS;

/** The flag of a sandbox as AWS has it, not as the rollout says. */
export async function flagInAws({ aws }: RunningSandbox, environment: Environment): Promise<FlagDocument> {
  const credentials = { accessKeyId: ACCOUNTS[environment], secretAccessKey: 'sandbox' };
  const ssm = new SSMClient({ region: 'us-east-1', endpoint: aws.endpoint, credentials });
  const { Parameter } = await ssm.send(
    new GetParameterCommand({ Name: `/pavi/${environment}/step-functions-rollout` }),
  );
  const flags = parseFlags(Parameter?.Value ?? '', PAVI_KEYS);
  if (!flags.ok) throw new Error(flags.why);
  return flags.document;
}

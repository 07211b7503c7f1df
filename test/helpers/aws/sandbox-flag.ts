import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { type FlagDocument, formatFlags, parseFlags } from '../../../flags/contract';
import { PAVI_KEYS } from '../../../pavi/flag';
import type { RunningSandbox } from '../processes/running-sandbox';

const ACCOUNTS = { staging: '222222222222', prod: '333333333333' } as const;
export type Environment = keyof typeof ACCOUNTS;

const nameIn = (environment: Environment): string => `/pavi/${environment}/step-functions-rollout`;

function ssmOf({ aws: { endpoint } }: RunningSandbox, environment: Environment): SSMClient {
  const credentials = { accessKeyId: ACCOUNTS[environment], secretAccessKey: 'sandbox' };
  return new SSMClient({ region: 'us-east-1', endpoint, credentials });
}

/** The flag of a sandbox as AWS has it, not as the rollout says. */
export async function flagInAws(sandbox: RunningSandbox, environment: Environment): Promise<FlagDocument> {
  const { Parameter } = await ssmOf(sandbox, environment).send(new GetParameterCommand({ Name: nameIn(environment) }));
  const flags = parseFlags(Parameter?.Value ?? '', PAVI_KEYS);
  if (!flags.ok) throw new Error(flags.why);
  return flags.document;
}

/** As somebody writes it past every rollout. */
export async function writeFlagInAws(
  sandbox: RunningSandbox,
  environment: Environment,
  percentage: number,
): Promise<void> {
  const before = await flagInAws(sandbox, environment);
  const { schema, salt, others } = before;
  const generation = before.generation + 1;
  const document = { schema, salt, others, generation, percentage, writer: 'eve', reason: 'by hand' };
  const put = { Name: nameIn(environment), Value: formatFlags(document, PAVI_KEYS), Overwrite: true };
  await ssmOf(sandbox, environment).send(new PutParameterCommand(put));
}

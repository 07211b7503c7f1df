/**
 * What `npm start` does before its stories, for docker-compose.yml: prepares the accounts of the emulator for CDK, creates
 * the Batch resources, deploys the stacks through a running worker. Usage: `prepare-containers.ts <plan file>
 * <environment>…`. May be repeated.
 */
import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { readPlan } from '../../client/input/plan-file';
import { interceptors } from '../../client/temporal/connect';
import { dev, prod, staging } from '../../infra/pavi/environments';
import { bootstrapAccount } from '../bootstrap';
import { createComputeThroughApi } from '../pipeline/batch-resources';
import { deploy } from '../aws/deploy-stacks';
import { messageOf } from '../process/user-error';

let said = '';

/** Progress is polled, so the same text comes often. */
function say(text: string): void {
  if (text !== said) process.stdout.write(`${text}\n`);
  said = text;
}

async function prepare(client: Client, planFile: string, environment: string): Promise<void> {
  const { plan } = readPlan(environment, { plan: planFile });
  const { account, region, profile } = plan.aws;
  const props = [dev, staging, prod].find((known) => known.environment === environment);
  if (profile === undefined || props === undefined)
    throw new Error(`${planFile} is not a plan for the emulator: ${environment}`);
  say(`${environment}: CDK bootstrap of account ${account}`);
  await bootstrapAccount({ account, region, profile });
  await createComputeThroughApi(plan.aws, props);
  const { stacks } = await deploy(client, plan, say);
  for (const { name, outcome } of stacks) say(`${environment}: ${name} ${outcome}`);
}

async function main(): Promise<void> {
  const [planFile, ...environments] = process.argv.slice(2);
  if (planFile === undefined || environments.length === 0) throw new Error('Name a plan file and environments.');
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await Connection.connect({ ...connectionOptions, interceptors });
  try {
    const client = new Client({ connection, namespace });
    for (const environment of environments) await prepare(client, planFile, environment);
  } finally {
    await connection.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});

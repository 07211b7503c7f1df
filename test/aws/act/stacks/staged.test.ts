import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { createStackActivities } from '../../../../activities/act/stacks/stack';
import { createAwsFor } from '../../../../activities/aws';
import { createSyntheses } from '../../../../activities/observe/stacks/synthesis';
import type { DeploymentResult } from '../../../../rules/stacks/results';
import type { Synthesis } from '../../../../rules/stacks/synthesis';
import { bootstrapAccount } from '../../../../sandbox/bootstrap';
import { freshAccount } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';

const aws = freshAccount();
const awsFor = createAwsFor();
const stacks = ['shop-prod', 'Prod-Cart'];
const infrastructureOf = (value: string, names = stacks) => {
  const app = `node test/helpers/apps/staged-app.cjs ${value}`;
  return { app, directory: resolve(__dirname, '../../../..'), stacks: names };
};
const shown = (value: string, names?: string[]): Promise<Synthesis> => {
  const order = { infrastructure: infrastructureOf(value, names), aws, nextEnvironments: [] };
  return activityEnvironment().run(createSyntheses(awsFor).synthesize, order);
};
const deployed = (value: string, approved: string): Promise<DeploymentResult> => {
  const { deployStacks } = createStackActivities(awsFor, { pollMs: 200 });
  const order = { infrastructure: infrastructureOf(value), aws, token: randomUUID(), approved };
  return activityEnvironment().run(deployStacks, order);
};

it('shows and deploys stacks by their names in CloudFormation, also with a name of their own and in a stage', async () => {
  await bootstrapAccount(aws);
  const first = await shown('first');
  const outcome = (what: string) => ({ stacks: stacks.map((name) => ({ name, outcome: what, outputs: {} })) });
  expect(await deployed('first', first.template)).toEqual(outcome('created'));
  const second = await shown('second');
  expect(second.changes.map(({ name, changed }) => [name, changed])).toEqual(stacks.map((name) => [name, true]));
  for (const { text } of second.changes) expect(text).toMatch(/\[-\] first\s[^]*\[\+\] second/);
  expect(await deployed('second', second.template)).toEqual(outcome('updated'));
  for (const name of stacks) {
    const { Parameter } = await awsFor(aws).ssm.send(new GetParameterCommand({ Name: `/${name}` }));
    expect(Parameter?.Value).toBe('second');
  }
  const again = await shown('second');
  expect(again.changes.map(({ changed }) => changed)).toEqual([false, false]);
  // By the app's own name for it, CloudFormation would be asked for another stack.
  await expect(shown('second', ['Shop'])).rejects.toThrow(
    "the app's stack Shop is called shop-prod in CloudFormation: write that name",
  );
});

import { randomUUID } from 'node:crypto';
import { CreateStackCommand } from '@aws-sdk/client-cloudformation';
import { DeleteParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { createSetup } from '../../../../activities/act/stacks/setup';
import { createStackActivities } from '../../../../activities/act/stacks/stack';
import { createAwsFor } from '../../../../activities/aws';
import { readParameter } from '../../../../activities/observe/flag/flags';
import { formatFlags, parseFlags } from '../../../../flags/contract';
import type { EnvironmentPlan } from '../../../../rules/plan/environment-plan';
import type { RolloutParts } from '../../../../rules/plan/rollout-parts';
import { bootstrapAccount } from '../../../../sandbox/bootstrap';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { aPlan } from '../../../helpers/samples/plans';

jest.setTimeout(300_000);

const nextAccount = freshAccounts(3);
const awsFor = createAwsFor();
const { prepareSetup } = createSetup(awsFor);
const { deployStacks } = createStackActivities(awsFor, { pollMs: 50 });

const planOf = () => {
  const aws = nextAccount();
  return { ...aPlan(), aws };
};
const put = (plan: EnvironmentPlan, Value: string) =>
  awsFor(plan.aws).ssm.send(new PutParameterCommand({ Name: plan.flag.parameter, Value, Type: 'String' }));
const percentageOf = async ({ aws, flag }: EnvironmentPlan): Promise<number | undefined> => {
  const parsed = parseFlags((await readParameter(awsFor, aws, flag.parameter)) ?? '');
  return parsed.ok ? parsed.document.percentage : undefined;
};
const at40 = ({ flag: { salt } }: EnvironmentPlan): string =>
  formatFlags({ schema: 1, generation: 7, writer: 'ada', reason: '', salt, percentage: 40 });

/** What `rollout setup` does, without its workflow. */
async function setup(plan: EnvironmentPlan): Promise<readonly string[]> {
  const { deployments, notes } = await prepareSetup(plan);
  for (const infrastructure of deployments)
    await activityEnvironment().run(deployStacks, { infrastructure, aws: plan.aws, token: randomUUID() });
  return notes;
}

// One story in one test: each part begins where the one before it ended.
it('adopts a flag that is there, makes one that is not, makes again one that was deleted, and overwrites none', async () => {
  const plan = planOf();
  await bootstrapAccount(plan.aws);
  await put(plan, at40(plan));
  expect(await setup(plan)).toEqual([`${plan.flag.parameter} is there already, and stays as it is`]);
  expect(await percentageOf(plan)).toBe(40);
  // Again, by its own stack, which has no flag in it.
  await setup(plan);
  expect(await percentageOf(plan)).toBe(40);

  // The stack takes the flag over once it is gone, and leaves alone what it says from then on.
  const { ssm } = awsFor(plan.aws);
  await ssm.send(new DeleteParameterCommand({ Name: plan.flag.parameter }));
  expect(await setup(plan)).toEqual([]);
  expect(await percentageOf(plan)).toBe(0);
  await ssm.send(
    new PutParameterCommand({ Name: plan.flag.parameter, Value: at40(plan), Type: 'String', Overwrite: true }),
  );
  expect(await setup(plan)).toEqual([]);
  expect(await percentageOf(plan)).toBe(40);

  await ssm.send(new DeleteParameterCommand({ Name: plan.flag.parameter }));
  expect(await setup(plan)).toEqual([expect.stringContaining('was deleted outside RolloutStack-pavi-prod')]);
  expect(await percentageOf(plan)).toBe(0);

  // The plan names another flag, which already exists: that one is adopted too.
  const other = { ...plan, flag: { ...plan.flag, parameter: '/other/prod/flag' } };
  await put(other, at40(other));
  expect(await setup(other)).toEqual(['/other/prod/flag is there already, and stays as it is']);
  expect(await percentageOf(other)).toBe(40);
});

it('leaves a flag of a foreign stack to that stack', async () => {
  const plan = planOf();
  const Flag = {
    Type: 'AWS::SSM::Parameter',
    Properties: { Type: 'String', Name: plan.flag.parameter, Value: at40(plan) },
  };
  await awsFor(plan.aws).cloudformation.send(
    new CreateStackCommand({ StackName: 'Foreign', TemplateBody: JSON.stringify({ Resources: { Flag } }) }),
  );
  const { deployments, notes } = await prepareSetup(plan);
  expect(notes).toEqual([`${plan.flag.parameter} is there already, and stays as it is`]);
  const argument = deployments[0]?.app.split(' ').at(-1) ?? '';
  const parts = JSON.parse(Buffer.from(argument, 'base64url').toString('utf8')) as RolloutParts;
  expect([deployments.length, parts.flagIsThere]).toEqual([1, true]);
  expect(await percentageOf(plan)).toBe(40);
});

it('refuses to replace a stack of that name that belongs to another service, and says what to do', async () => {
  const plan = planOf();
  const Topic = { Type: 'AWS::SNS::Topic', Properties: {} };
  await awsFor(plan.aws).cloudformation.send(
    new CreateStackCommand({
      ...{ StackName: 'RolloutStack-pavi-prod', TemplateBody: JSON.stringify({ Resources: { Topic } }) },
      Tags: [{ Key: 'RolloutService', Value: 'billing' }],
    }),
  );
  await expect(prepareSetup(plan)).rejects.toMatchObject({
    type: 'InvalidRequest',
    message: expect.stringMatching(/belongs to billing, not to pavi: .* needs another account or environment/),
  });
});

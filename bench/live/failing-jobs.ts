import { App, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { CreateStateMachineCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { AlarmPush } from '../../infra/alarm-push';
import { type Stage, TARGET } from './stage';

/** The state machine of an environment: each of its jobs fails at once. */
export const jobsOf = (environment: string): string => `fleet-jobs-${environment}`;

/** The queue, and EventBridge's rule for jobs that fail, as `rollout setup` makes them. */
export async function setUpEvents({ aws }: Stage, queue: string, environments: readonly string[]): Promise<void> {
  const definition = JSON.stringify({ StartAt: 'End', States: { End: { Type: 'Fail', Error: 'Broken' } } });
  const roleArn = `arn:aws:iam::${TARGET.account}:role/bench`;
  for (const name of environments.map(jobsOf))
    await aws.sfn.send(new CreateStateMachineCommand({ name, definition, roleArn }));
  const synthesizer = new DefaultStackSynthesizer({ generateBootstrapVersionRule: false });
  const env = { account: TARGET.account, region: TARGET.region };
  const stack = new Stack(new App(), 'Events', { env, synthesizer });
  new AlarmPush(stack, 'Push', queue).carryEvents({ alarms: [], stateMachines: environments.map(jobsOf) });
  const TemplateBody = JSON.stringify(Template.fromStack(stack).toJSON());
  const { StackId } = await aws.cloudformation.send(new CreateStackCommand({ StackName: queue, TemplateBody }));
  await waitUntilStackCreateComplete({ client: aws.cloudformation, maxWaitTime: 60 }, { StackName: StackId });
}

/** A job of the new side that fails. */
export async function failJob({ aws }: Stage, environment: string): Promise<void> {
  const stateMachineArn = `arn:aws:states:${TARGET.region}:${TARGET.account}:stateMachine:${jobsOf(environment)}`;
  await aws.sfn.send(new StartExecutionCommand({ stateMachineArn }));
}

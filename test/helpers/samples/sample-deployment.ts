import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { SignalResourceCommand } from '@aws-sdk/client-cloudformation';
import { ActivityCancellationDetails } from '@temporalio/common';
import type { MockActivityEnvironment } from '@temporalio/testing';
import type { DeployOrder } from '../../../activities/act/stacks/prepare-change-set';
import { createStackActivities } from '../../../activities/act/stacks/stack';
import { createAwsFor } from '../../../activities/aws';
import { describeStack, eventsOf } from '../../../activities/observe/stacks';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { DeploymentProgress, DeploymentResult } from '../../../rules/stacks/results';
import { activityEnvironment } from '../activity-environment';

export const awsFor = createAwsFor();
const { deployStacks } = createStackActivities(awsFor, { pollMs: 100 });
const directory = resolve(__dirname, '../../..');
export const SAMPLE_STACK = 'SampleStack';

export interface Deployment {
  readonly result: Promise<DeploymentResult>;
  readonly beats: readonly DeploymentProgress[];
  readonly environment: MockActivityEnvironment;
  readonly token: string;
  /** When a heartbeat says so; fails when the deployment fails before. */
  readonly says: (text: RegExp) => Promise<void>;
  /** What a worker does to its activities when it ends. */
  readonly endWorker: () => void;
}

/** Deploys `sample-app.ts` by an attempt of the activity; the same token is another attempt of the same deployment. */
export function deploySample(
  aws: AwsTarget,
  words: string,
  more: { readonly token?: string; readonly monitorMs?: number } & Pick<DeployOrder, 'alarms'> = {},
): Deployment {
  const { token = randomUUID(), monitorMs, alarms } = more;
  const environment = activityEnvironment();
  const beats: DeploymentProgress[] = [];
  environment.on('heartbeat', (progress: DeploymentProgress) => beats.push(progress));
  const app = `node --require ./register.cjs test/helpers/apps/sample-app.ts ${words}`;
  const infrastructure = { app, directory, stacks: [SAMPLE_STACK], monitorMs };
  const order = { infrastructure, aws, token, alarms };
  const result: Promise<DeploymentResult> = environment.run(deployStacks, order);
  const failed = new Promise<never>((_done, fail) => void result.catch(fail));
  failed.catch(() => undefined);
  return {
    result,
    beats,
    environment,
    token,
    says: (text) => {
      const said = new Promise<void>((done) =>
        environment.on('heartbeat', ({ message }: DeploymentProgress) => text.test(message) && done()),
      );
      return Promise.race([said, failed]);
    },
    endWorker: () => environment.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true })),
  };
}

/** Lets the resource that waits in the slow app be made. */
export async function letGoOn(aws: AwsTarget): Promise<void> {
  const signal = { StackName: SAMPLE_STACK, LogicalResourceId: 'Wait', UniqueId: 'test', Status: 'SUCCESS' as const };
  await awsFor(aws).cloudformation.send(new SignalResourceCommand(signal));
}

export async function sampleStatus(aws: AwsTarget): Promise<string> {
  return (await describeStack(awsFor(aws).cloudformation, SAMPLE_STACK))?.StackStatus ?? 'absent';
}

/** How often an operation of the token was begun on the stack. */
export async function beginnings(aws: AwsTarget, token: string): Promise<number> {
  const { cloudformation } = awsFor(aws);
  const stack = await describeStack(cloudformation, SAMPLE_STACK);
  const events: readonly StackEvent[] = stack === undefined ? [] : await eventsOf(cloudformation, stack);
  return events.filter(
    ({ ClientRequestToken, PhysicalResourceId, ResourceStatus = '' }) =>
      ClientRequestToken === token &&
      PhysicalResourceId === stack?.StackId &&
      /^(CREATE|UPDATE)_IN_PROGRESS$/.test(ResourceStatus),
  ).length;
}

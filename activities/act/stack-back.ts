import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  ContinueUpdateRollbackCommand,
  RollbackStackCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { Context } from '@temporalio/activity';
import { z } from 'zod';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import { type KeptDeployment, keptKeys } from '../../rules/stacks/kept';
import { uncounted } from '../../rules/stacks/results';
import { STABLE } from '../../rules/stacks/stack-status';
import type { WayBack } from '../../rules/stacks/way-back';
import type { AwsClients, AwsFor } from '../aws';
import { failure, messageOf, toFailure } from '../failures';
import { withHeartbeat } from '../heartbeat';
import { describeStack, eventsOf, failuresOf, HIDDEN } from '../observe/stacks';
import { templateAddress } from '../observe/stacks/sent-template';
import { hasBegun, isBusy } from './stacks/stack-operation';
import { poll } from '../poll';

export interface BackOrder {
  readonly aws: AwsTarget;
  readonly stack: string;
  readonly way: Extract<WayBack['do'], 'redeploy' | 'rollback-stack' | 'continue-rollback' | 'wait'>;
  /**
   * Token of the operation at CloudFormation, at most 128 letters, digits and hyphens: another attempt recognizes the
   * operation by it.
   */
  readonly token: string;
  /** For `redeploy`. */
  readonly kept?: KeptDeployment;
}

/** What was sent with a template, as `keepStacks` wrote it. */
const Sent = z.object({
  parameters: z.array(z.object({ key: z.string(), value: z.string() })),
  tags: z.array(z.object({ key: z.string(), value: z.string() })),
  capabilities: z.array(z.string()),
});

/**
 * > Rollback to previous version (if available)
 *
 * Takes one stack back by the chosen way, and waits until CloudFormation is done. Idempotent: an attempt finds the
 * operation of an earlier one by its token and waits for it. Heartbeat details: `DeploymentProgress`. Returns
 * CloudFormation's status of the stack; fails with `DeploymentFailed`, naming the resources, when the way back failed.
 * `pollMs`: time between two polls.
 */
export function createBackActivities(
  awsFor: AwsFor,
  { pollMs = 2_000 }: { readonly pollMs?: number } = {},
): { takeBack(order: BackOrder): Promise<string> } {
  return {
    takeBack: async (order) => {
      const details = () => uncounted(order.stack, `on the way back (${order.way})`);
      try {
        return await withHeartbeat(() => takeBack(awsFor(order.aws), order, pollMs), { details });
      } catch (error) {
        Context.current().cancellationSignal.throwIfAborted();
        throw toFailure(error, `taking ${order.stack} back`);
      }
    },
  };
}

async function takeBack(clients: AwsClients, order: BackOrder, pollMs: number): Promise<string> {
  const { cloudformation } = clients;
  if (order.way !== 'wait' && !(await hasBegun(cloudformation, order))) {
    await settled(cloudformation, order.stack, pollMs);
    await begin(clients, order);
  }
  const status = await settled(cloudformation, order.stack, pollMs);
  const back = order.way === 'redeploy' ? status === 'UPDATE_COMPLETE' : STABLE.has(status);
  if (back || order.way === 'wait') return status;
  const stack = await describeStack(cloudformation, order.stack);
  const reasons = stack === undefined ? [] : failuresOf(await eventsOf(cloudformation, stack));
  const why = reasons.length > 0 ? reasons.join('; ') : (stack?.StackStatusReason ?? 'CloudFormation gives no reason');
  throw failure('DeploymentFailed', `${order.stack} is ${status} after ${order.way}: ${why}`);
}

async function settled(client: CloudFormationClient, name: string, pollMs: number): Promise<string> {
  return poll(async () => (await describeStack(client, name))?.StackStatus ?? 'absent', {
    until: (status) => !isBusy(status),
    meanwhile: (status) => Context.current().heartbeat(uncounted(name, `CloudFormation works: ${status}`)),
    everyMs: pollMs,
  });
}

async function begin(clients: AwsClients, order: BackOrder): Promise<void> {
  const asked = { StackName: order.stack, ClientRequestToken: order.token };
  switch (order.way) {
    case 'rollback-stack':
      await clients.cloudformation.send(new RollbackStackCommand(asked));
      return;
    case 'continue-rollback':
      await clients.cloudformation.send(new ContinueUpdateRollbackCommand(asked));
      return;
    case 'redeploy':
      return redeploy(clients, order);
    case 'wait':
      return;
  }
}

async function redeploy(clients: AwsClients, { aws, stack, token, kept }: BackOrder): Promise<void> {
  const of = kept?.stacks.find(({ name }) => name === stack);
  if (kept === undefined || of === undefined) throw failure('InvalidRequest', `nothing is kept of ${stack}`);
  const keys = keptKeys(kept, of);
  const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: kept.bucket, Key: keys.state }));
  const sent = Sent.parse(JSON.parse((await Body?.transformToString()) ?? ''));
  // A parameter with the same visible value is left as it is: for a reference to SSM, CloudFormation may show the value
  // instead of the name.
  const now = await describeStack(clients.cloudformation, stack);
  const shown = new Map(now?.Parameters?.map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue]));
  const update = new UpdateStackCommand({
    StackName: stack,
    // By address up to a megabyte; an inline template ends at 51,200 bytes.
    TemplateURL: templateAddress(aws, kept.bucket, keys.template),
    Parameters: sent.parameters.map(({ key, value }) =>
      value === HIDDEN || shown.get(key) === value
        ? { ParameterKey: key, UsePreviousValue: true }
        : { ParameterKey: key, ParameterValue: value },
    ),
    Tags: sent.tags.map(({ key, value }) => ({ Key: key, Value: value })),
    Capabilities: sent.capabilities.filter((one): one is Capability => one in CAPABILITIES),
    // Otherwise the triggers of the deployment would remain, and the alarm that caused this would stop the way back too.
    RollbackConfiguration: { RollbackTriggers: [], MonitoringTimeInMinutes: 0 },
    ClientRequestToken: token,
  });
  await clients.cloudformation.send(update).catch((error: unknown) => {
    if (!messageOf(error).includes('No updates are to be performed')) throw error;
  });
}

const CAPABILITIES = { CAPABILITY_IAM: true, CAPABILITY_NAMED_IAM: true, CAPABILITY_AUTO_EXPAND: true } as const;
type Capability = keyof typeof CAPABILITIES;

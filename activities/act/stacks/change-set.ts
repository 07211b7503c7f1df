import type { CloudFormationClient, DescribeChangeSetOutput, Parameter, Stack } from '@aws-sdk/client-cloudformation';
import {
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  ExecuteChangeSetCommand,
} from '@aws-sdk/client-cloudformation';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { RollbackTriggers } from '../../../rules/stacks/rollback-triggers';
import { asciiJson } from '../../../rules/stacks/template';
import type { AwsClients } from '../../aws';
import { failure, messageOf, nameOf } from '../../failures';
import { assetsBucket, templateAddress } from '../../observe/stacks/sent-template';
import { describeStack, HIDDEN } from '../../observe/stacks';
import type { Operation } from './stack-operation';
import { poll } from '../../poll';

/** Prepared by CDK's toolkit; the copy beside it has the triggers, which the toolkit cannot set, and the template in ASCII. */
export const preparedName = (token: string): string => `rollout-${token}`;
export const watchedName = (token: string): string => `${preparedName(token)}-watched`;

/** A change set that can be executed. */
export interface ReadyChangeSet {
  readonly name: string;
  readonly changes: number;
}

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const SENT_ALONG_BYTES = 51_200;

/** Waits until it is created. Undefined when there is no executable change set of that name. */
export async function readyChangeSet(
  client: CloudFormationClient,
  stack: string,
  name: string,
  pollMs: number,
): Promise<ReadyChangeSet | undefined> {
  const made = await madeChangeSet(client, stack, name, pollMs);
  if (made?.Status !== 'CREATE_COMPLETE' || made.ExecutionStatus !== 'AVAILABLE') return undefined;
  return { name, changes: made.Changes?.length ?? 0 };
}

async function madeChangeSet(
  client: CloudFormationClient,
  stack: string,
  name: string,
  pollMs: number,
): Promise<DescribeChangeSetOutput | undefined> {
  return poll(() => describeChangeSet(client, stack, name), {
    until: (found) => !/^CREATE_(PENDING|IN_PROGRESS)$/.test(found?.Status ?? ''),
    everyMs: pollMs,
  });
}

/** Undefined when there is none. */
async function describeChangeSet(
  client: CloudFormationClient,
  StackName: string,
  ChangeSetName: string,
): Promise<DescribeChangeSetOutput | undefined> {
  try {
    const { Changes = [], ...found } = await client.send(new DescribeChangeSetCommand({ StackName, ChangeSetName }));
    for (let { NextToken } = found; NextToken !== undefined;) {
      const more = await client.send(new DescribeChangeSetCommand({ StackName, ChangeSetName, NextToken }));
      Changes.push(...(more.Changes ?? []));
      ({ NextToken } = more);
    }
    return { ...found, Changes };
  } catch (error) {
    if (/ChangeSetNotFound/.test(nameOf(error)) || /does not exist/.test(messageOf(error))) return undefined;
    throw error;
  }
}

export interface Copying extends Operation {
  readonly aws: AwsTarget;
  /** As the app produced it, in JSON. */
  readonly template: string;
  /** Absent: the stack keeps its triggers. */
  readonly triggers: RollbackTriggers | undefined;
  readonly pollMs: number;
}

/**
 * Copies the prepared change set, with rollback triggers, and with its template in ASCII: CloudFormation shows only ASCII
 * as it was sent. An empty list of triggers is sent too: otherwise those of the deployment before would remain.
 */
export async function watchedCopy(clients: AwsClients, copying: Copying): Promise<ReadyChangeSet> {
  const { cloudformation } = clients;
  const { stack, token, pollMs, triggers } = copying;
  const template = sendable(copying.template);
  const ChangeSetName = watchedName(token);
  const prepared = await describeChangeSet(cloudformation, stack, preparedName(token));
  const before = await describeStack(cloudformation, stack);
  if (prepared === undefined || before === undefined)
    throw failure('Unavailable', `the change set that was prepared for ${stack} is gone`);
  await forgetChangeSet(cloudformation, stack, ChangeSetName);
  const isNew = before.StackStatus === 'REVIEW_IN_PROGRESS';
  await cloudformation.send(
    new CreateChangeSetCommand({
      StackName: stack,
      ChangeSetName,
      ChangeSetType: isNew ? 'CREATE' : 'UPDATE',
      ClientToken: token,
      Description: `Of ${preparedName(token)}${triggers === undefined ? '' : ', with rollback triggers'}`,
      ...(await sentTemplate(clients, copying, template)),
      Parameters: sameParameters(prepared.Parameters ?? [], before, template),
      Tags: prepared.Tags ?? [],
      Capabilities: prepared.Capabilities,
      IncludeNestedStacks: true,
      NotificationARNs: prepared.NotificationARNs,
      // A stack keeps the role it was created with.
      ...(isNew && before.RoleARN !== undefined ? { RoleARN: before.RoleARN } : {}),
      RollbackConfiguration: triggers && {
        RollbackTriggers: triggers.triggers.map(({ arn, type }) => ({ Arn: arn, Type: type })),
        MonitoringTimeInMinutes: triggers.minutes,
      },
    }),
  );
  const ready = await readyChangeSet(cloudformation, stack, ChangeSetName, pollMs);
  if (ready !== undefined) return ready;
  const { StatusReason = 'CloudFormation gives no reason' } =
    (await describeChangeSet(cloudformation, stack, ChangeSetName)) ?? {};
  throw failure('DeploymentFailed', `${stack}: the copy of its change set was refused: ${StatusReason}`);
}

/**
 * A template in ASCII is longer, and may be too long.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
const MOST_BYTES = 1_000_000;

function sendable(template: string): string {
  const ascii = asciiJson(template);
  return Buffer.byteLength(ascii) <= MOST_BYTES ? ascii : template;
}

/** By address up to a megabyte; an inline template ends at 51,200 bytes. */
async function sentTemplate(
  clients: AwsClients,
  { aws, stack, token }: Copying,
  TemplateBody: string,
): Promise<{ readonly TemplateBody: string } | { readonly TemplateURL: string }> {
  if (Buffer.byteLength(TemplateBody) <= SENT_ALONG_BYTES) return { TemplateBody };
  const Bucket = await assetsBucket(clients, aws);
  const Key = `rollout-change-sets/${token}/${stack}.template`;
  await clients.s3.send(new PutObjectCommand({ Bucket, Key, Body: TemplateBody }));
  return { TemplateURL: templateAddress(aws, Bucket, Key) };
}

/**
 * A parameter with the same visible value is left as it is, and a new one with a default takes the default: for a reference
 * to SSM, CloudFormation may show the value instead of the name.
 */
function sameParameters(shown: readonly Parameter[], before: Stack, template: string): Parameter[] {
  const known = new Map(before.Parameters?.map(({ ParameterKey, ParameterValue }) => [ParameterKey, ParameterValue]));
  const withDefault = defaultsIn(template);
  return shown.flatMap<Parameter>(({ ParameterKey = '', ParameterValue }) => {
    const hidden = ParameterValue === undefined || ParameterValue === HIDDEN;
    if (known.has(ParameterKey) && (hidden || known.get(ParameterKey) === ParameterValue))
      return [{ ParameterKey, UsePreviousValue: true }];
    return hidden || (!known.has(ParameterKey) && withDefault.has(ParameterKey))
      ? []
      : [{ ParameterKey, ParameterValue }];
  });
}

function defaultsIn(template: string): ReadonlySet<string> {
  const { Parameters = {} } = JSON.parse(template) as { Parameters?: Record<string, { Default?: unknown }> };
  return new Set(Object.keys(Parameters).filter((key) => Parameters[key]?.Default !== undefined));
}

export async function executeChangeSet(
  client: CloudFormationClient,
  { stack, token }: Operation,
  { name }: ReadyChangeSet,
): Promise<void> {
  await client.send(new ExecuteChangeSetCommand({ StackName: stack, ChangeSetName: name, ClientRequestToken: token }));
}

/** Ignores the outcome: a missing change set is deleted already. */
export async function forgetChangeSet(
  client: CloudFormationClient,
  StackName: string,
  ChangeSetName: string,
): Promise<void> {
  if ((await describeChangeSet(client, StackName, ChangeSetName)) === undefined) return;
  await client.send(new DeleteChangeSetCommand({ StackName, ChangeSetName }));
}

import { createHash } from 'node:crypto';
import type { CloudFormationClient, Stack, StackEvent } from '@aws-sdk/client-cloudformation';
import { DescribeStackEventsCommand, DescribeStacksCommand, GetTemplateCommand } from '@aws-sdk/client-cloudformation';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import { ABSENT } from '../../rules/stacks/kept';
import { STABLE } from '../../rules/stacks/stack-status';
import { isTemplateAsSent } from '../../rules/stacks/template';
import type { StackLook } from '../../rules/stacks/way-back';
import type { AwsFor } from '../aws';
import { messageOf, nameOf, toFailure } from '../failures';

export interface StackPlace {
  readonly aws: AwsTarget;
  readonly stacks: readonly string[];
}

/** Everything needed to create a stack again as it is. */
export interface StackContent {
  readonly template: string;
  readonly parameters: readonly { readonly key: string; readonly value: string }[];
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  readonly capabilities: readonly string[];
  /**
   * Set when the template may differ from what was sent: when the stack was last updated. Two such templates may differ
   * although CloudFormation shows the same.
   */
  readonly asOf?: string;
}

/** States without a template of their own. */
const EMPTY: ReadonlySet<string> = new Set(['REVIEW_IN_PROGRESS', 'DELETE_COMPLETE']);
const HASH_CHARACTERS = 16;
/** 100 events each; a year of deployments. */
const EVENT_PAGES = 20;

/** Reads stacks as they are, in the given order. A missing stack is an answer, not a failure. */
export function createStackObservations(awsFor: AwsFor): { lookAtStacks(place: StackPlace): Promise<StackLook[]> } {
  return {
    lookAtStacks: async ({ aws, stacks }) => {
      const { cloudformation } = awsFor(aws);
      try {
        return await Promise.all(stacks.map((name) => lookAt(cloudformation, name)));
      } catch (error) {
        throw toFailure(error, `reading ${stacks.join(', ')}`);
      }
    },
  };
}

async function lookAt(client: CloudFormationClient, name: string): Promise<StackLook> {
  const stack = await describeStack(client, name);
  if (stack === undefined) return { ...nothing(name), status: ABSENT };
  const status = stack.StackStatus ?? ABSENT;
  const terminationProtected = stack.EnableTerminationProtection === true;
  if (EMPTY.has(status)) return { ...nothing(name), status, terminationProtected };
  const content = await contentOf(client, stack);
  const events = status.endsWith('_FAILED') ? await eventsOf(client, stack) : [];
  const own = events.filter(({ PhysicalResourceId }) => PhysicalResourceId === stack.StackId);
  return {
    name,
    status,
    terminationProtected,
    template: hashOf(content.template),
    state: stateHash(content),
    hadStableState: STABLE.has(status) || own.some(({ ResourceStatus }) => STABLE.has(ResourceStatus ?? '')),
    failedResources: failuresOf(events),
  };
}

const nothing = (name: string): Omit<StackLook, 'status'> => ({
  name,
  terminationProtected: false,
  template: ABSENT,
  state: ABSENT,
  hadStableState: false,
  failedResources: [],
});

/** Undefined when there is none. */
export async function describeStack(client: CloudFormationClient, StackName: string): Promise<Stack | undefined> {
  try {
    return (await client.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0];
  } catch (error) {
    if (nameOf(error) === 'ValidationError' && messageOf(error).includes('does not exist')) return undefined;
    throw error;
  }
}

/** What CloudFormation shows for a hidden parameter. */
export const HIDDEN = '****';

/** The template as CloudFormation shows it, and as it was sent. Hidden parameters show `HIDDEN`. */
export async function contentOf(client: CloudFormationClient, stack: Stack): Promise<StackContent> {
  const asked = { StackName: stack.StackId ?? stack.StackName, TemplateStage: 'Original' as const };
  const { TemplateBody = '' } = await client.send(new GetTemplateCommand(asked));
  const parameters = (stack.Parameters ?? []).map(({ ParameterKey = '', ParameterValue = '' }) => ({
    key: ParameterKey,
    value: ParameterValue,
  }));
  const tags = (stack.Tags ?? []).map(({ Key = '', Value = '' }) => ({ key: Key, value: Value }));
  const asOf = isTemplateAsSent(TemplateBody)
    ? undefined
    : (stack.LastUpdatedTime ?? stack.CreationTime)?.toISOString();
  return { template: TemplateBody, parameters, tags, capabilities: stack.Capabilities ?? [], asOf };
}

export const hashOf = (text: string): string =>
  createHash('sha256').update(text, 'utf8').digest('hex').slice(0, HASH_CHARACTERS);

/** AWS returns parameters and tags in no fixed order. */
export function stateHash({ template, parameters, tags, asOf }: StackContent): string {
  const sorted = (pairs: StackContent['tags']): string[] => pairs.map(({ key, value }) => `${key}=${value}`).sort();
  const state = [template, sorted(parameters), sorted(tags)];
  return hashOf(JSON.stringify(asOf === undefined ? state : [...state, asOf]));
}

/** Newest first. */
export async function eventsOf(client: CloudFormationClient, { StackId }: Stack): Promise<readonly StackEvent[]> {
  const events: StackEvent[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < EVENT_PAGES; page += 1) {
    const asked = { StackName: StackId, NextToken };
    const answer = await client.send(new DescribeStackEventsCommand(asked));
    events.push(...(answer.StackEvents ?? []));
    NextToken = answer.NextToken;
    if (NextToken === undefined) break;
  }
  return events;
}

const CONSEQUENCE = /cancell?ed|rollback requested|the following resource/i;

/** Those of the newest operation that failed for a reason of their own, the first failure first. */
export function failuresOf(events: readonly StackEvent[]): readonly string[] {
  const stackId = events[0]?.StackId;
  const begins = events.findIndex(
    ({ PhysicalResourceId, ResourceStatus = '', ResourceStatusReason = '' }) =>
      PhysicalResourceId === stackId &&
      /_IN_PROGRESS$/.test(ResourceStatus) &&
      !/CLEANUP/.test(ResourceStatus + ResourceStatusReason),
  );
  const newest = begins === -1 ? events : events.slice(0, begins);
  const failed = newest.filter(
    ({ ResourceStatus = '', ResourceStatusReason: why = '', PhysicalResourceId }) =>
      ResourceStatus.endsWith('_FAILED') && PhysicalResourceId !== stackId && !CONSEQUENCE.test(why),
  );
  const said = failed.map(
    ({ LogicalResourceId, ResourceStatusReason }) => `${LogicalResourceId}: ${ResourceStatusReason}`,
  );
  return [...new Set(said.reverse())];
}

import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CancelUpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { Context } from '@temporalio/activity';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { type StoppedStack, uncounted } from '../../../rules/stacks/results';
import type { AwsFor } from '../../aws';
import { messageOf, nameOf, toFailure } from '../../failures';
import { withHeartbeat } from '../../heartbeat';
import { describeStack } from '../../observe/stacks';
import { forgetChangeSet, preparedName, watchedName } from './change-set';
import { hasBegun, isBusy, type Operation } from './stack-operation';
import { poll } from '../../poll';

export interface StopOrder {
  readonly aws: AwsTarget;
  readonly stacks: readonly string[];
  /** As in `DeployOrder`: only operations with this token are stopped. */
  readonly token: string;
}

export interface StopActivities {
  begunStacks(order: StopOrder): Promise<string[]>;
  stopStacks(order: StopOrder): Promise<StoppedStack[]>;
}

/**
 * Brings a deployment to rest that failed, was cancelled or took too long. `begunStacks`: on which stacks it has started
 * anything, the quick answer. `stopStacks`: deletes its change sets, so that they can no longer be executed, cancels its
 * updates, and waits until no operation of it runs: CloudFormation cannot cancel the creation of a stack, nor a way back.
 * Idempotent. Leaves other operations alone. Heartbeat details: `DeploymentProgress`.
 */
export function createStopActivities(
  awsFor: AwsFor,
  { pollMs = 2_000 }: { readonly pollMs?: number } = {},
): StopActivities {
  return {
    begunStacks: async ({ aws, stacks, token }) => {
      const { cloudformation } = awsFor(aws);
      try {
        const begun = await Promise.all(stacks.map((stack) => hasBegun(cloudformation, { stack, token })));
        return stacks.filter((_, i) => begun[i] === true);
      } catch (error) {
        throw toFailure(error, `reading ${stacks.join(', ')}`);
      }
    },
    stopStacks: async ({ aws, stacks, token }) => {
      const { cloudformation } = awsFor(aws);
      const stopped = async () => {
        for (const stack of stacks) await forgetChangeSets(cloudformation, { stack, token });
        return Promise.all(stacks.map((stack) => atRest(cloudformation, { stack, token }, pollMs)));
      };
      try {
        return await withHeartbeat(stopped, { details: () => uncounted(stacks[0] ?? '', 'coming to rest') });
      } catch (error) {
        throw toFailure(error, `stopping the deployment of ${stacks.join(', ')}`);
      }
    },
  };
}

/** The change set being executed cannot be deleted; it disappears afterwards. */
async function forgetChangeSets(client: CloudFormationClient, { stack, token }: Operation): Promise<void> {
  for (const name of [watchedName(token), preparedName(token)]) {
    try {
      await forgetChangeSet(client, stack, name);
    } catch (error) {
      if (!/InvalidChangeSetStatus/.test(nameOf(error))) throw error;
    }
  }
}

async function atRest(client: CloudFormationClient, operation: Operation, pollMs: number): Promise<StoppedStack> {
  const { stack: name, token } = operation;
  const begun = await hasBegun(client, operation);
  let asked = false;
  const read = async (): Promise<string> => {
    const status = (await describeStack(client, name))?.StackStatus ?? 'absent';
    if (begun && status === 'UPDATE_IN_PROGRESS' && !asked) {
      await cancelUpdate(client, name, token);
      asked = true;
    }
    return status;
  };
  const status = await poll(read, {
    until: (found) => !begun || !isBusy(found),
    meanwhile: (found) => Context.current().heartbeat(uncounted(name, `coming to rest: ${found}`)),
    everyMs: pollMs,
  });
  return { name, status, begun };
}

/** The update may have ended between the check and the request. */
async function cancelUpdate(client: CloudFormationClient, StackName: string, token: string): Promise<void> {
  try {
    await client.send(new CancelUpdateStackCommand({ StackName, ClientRequestToken: `${token}-cancel` }));
  } catch (error) {
    if (nameOf(error) !== 'ValidationError' || !/current stack status|current status/.test(messageOf(error)))
      throw error;
  }
}

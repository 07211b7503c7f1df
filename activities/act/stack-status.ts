import { setTimeout as sleep } from 'node:timers/promises';
import { CloudFormationClient, DescribeEventsCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { Context } from '@temporalio/activity';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import { messageOf, nameOf } from '../failures';

export interface StackStatus {
  /** CloudFormation's word, or `absent`. */
  now(stack: string): Promise<string>;
  /** Waits until no operation runs on the stack. */
  settled(stack: string, onWait: (state: string) => void): Promise<string>;
  /** Why the checks before an operation refused it. Its resource events only say that these reasons can be asked for. */
  refusals(stack: string, operationId: string | undefined): Promise<readonly string[]>;
}

const REQUEST_TIMEOUT_MS = 5_000;

export function createStackStatus({ region, profile }: AwsTarget, pollMs: number): StackStatus {
  const client = new CloudFormationClient({
    region,
    ...(profile === undefined ? {} : { profile }),
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, throwOnRequestTimeout: true },
  });
  const now = async (stack: string): Promise<string> => {
    try {
      const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
      const state = Stacks?.[0]?.StackStatus ?? 'absent';
      // A change set that was never executed leaves a stack without anything in it.
      return state === 'REVIEW_IN_PROGRESS' || state === 'DELETE_COMPLETE' ? 'absent' : state;
    } catch (error) {
      if (nameOf(error) === 'ValidationError' && messageOf(error).includes('does not exist')) return 'absent';
      throw error;
    }
  };
  return {
    now,
    settled: async (stack, onWait) => {
      const { cancellationSignal: signal } = Context.current();
      for (let state = await now(stack); ; state = await now(stack)) {
        if (!state.endsWith('_IN_PROGRESS')) return state;
        onWait(state);
        await sleep(pollMs, undefined, { signal });
      }
    },
    refusals: async (StackName, OperationId) => {
      const asked = { StackName, ...(OperationId === undefined ? {} : { OperationId }) };
      const { OperationEvents = [] } = await client.send(new DescribeEventsCommand(asked));
      const refused = OperationEvents.filter((event) => event.ValidationStatusReason !== undefined);
      // Newest first: those of earlier operations are history.
      const newest = refused.filter((event) => event.OperationId === refused[0]?.OperationId);
      return newest.map((event) => `${event.ValidationPath ?? StackName}: ${event.ValidationStatusReason}`);
    },
  };
}

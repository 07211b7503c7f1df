import { DescribeStateMachineCommand } from '@aws-sdk/client-sfn';
import type { ExecutionsFlaw } from '../../../rules/doctor/examination-findings';
import { arnIn } from '../../../rules/partition';
import { messageOf, nameOf, toFailure } from '../../failures';
import type { Observation } from './observation';

const USE_INSTEAD =
  'use a guard of kind metric (namespace AWS/States, metrics ExecutionsFailed and ExecutionsSucceeded, dimension StateMachineArn) or of kind logs';
const IS_EXPRESS = 'is an EXPRESS state machine, and Step Functions lists no executions of those';

/** "This API action is not supported by EXPRESS state machines": `ListExecutionsCommand` of @aws-sdk/client-sfn. */
export const EXPRESS_HAS_NO_LIST = `${IS_EXPRESS}: ${USE_INSTEAD}`;

/**
 * Why the list of its executions says nothing, or not everything, about a state machine; undefined when it is complete. A
 * worker that may not describe the state machine lists its executions all the same.
 * @throws when Step Functions does not answer.
 */
export async function stateMachineFlaw(
  name: string,
  { clients, aws, abortSignal }: Observation,
): Promise<ExecutionsFlaw | undefined> {
  const { region, account } = aws;
  const stateMachineArn = arnIn(aws, 'states', `stateMachine:${name}`);
  const correct = 'deploy the state machine, or correct its name in the plan';
  try {
    const { type, definition = '' } = await clients.sfn.send(new DescribeStateMachineCommand({ stateMachineArn }), {
      abortSignal,
    });
    if (type === 'EXPRESS') return { listed: 'nothing', what: `${name} ${IS_EXPRESS}`, remedy: USE_INSTEAD };
    if (!startsMapRuns(definition)) return undefined;
    const what = `${name} has a Distributed Map: its child executions are listed by map run, and only their parents are counted`;
    return { listed: 'parents', what, remedy: `for the children ${USE_INSTEAD}` };
  } catch (error) {
    const nowhere = `there is no state machine ${name} in account ${account}, region ${region}`;
    if (nameOf(error) === 'StateMachineDoesNotExist') return { listed: 'nothing', what: nowhere, remedy: correct };
    if (nameOf(error) === 'InvalidArn')
      return { listed: 'nothing', what: `${nowhere}: ${messageOf(error)}`, remedy: correct };
    if (toFailure(error, name).type === 'AccessDenied') return undefined;
    throw error;
  }
}

/** Whether a Map state anywhere in the definition has a processor in mode DISTRIBUTED. */
function startsMapRuns(definition: string): boolean {
  let found = false;
  try {
    JSON.parse(definition, (key, value: unknown) => {
      found ||= key === 'Mode' && value === 'DISTRIBUTED';
      return value;
    });
  } catch {
    return false;
  }
  return found;
}

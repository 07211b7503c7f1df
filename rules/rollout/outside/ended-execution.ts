import { objectOf, sentFields } from '../../guards/alarm-message';

/** An execution of a state machine that did not succeed, as Step Functions published it to EventBridge. */
export interface EndedExecution {
  /** Name of the state machine, and where it is. */
  readonly stateMachine: string;
  readonly region: string;
  readonly account: string;
  /** Name of the execution. */
  readonly execution: string;
  readonly status: (typeof UNSUCCESSFUL)[number];
  /** When it ended, in ms since 1970. */
  readonly atMs: number;
}

/** The ends that EventBridge sends to the queue. */
export const UNSUCCESSFUL = ['FAILED', 'TIMED_OUT', 'ABORTED'] as const;
export const EXECUTION_EVENT = { source: 'aws.states', detailType: 'Step Functions Execution Status Change' } as const;

/**
 * Reads the body of an SQS message, in an SNS envelope or bare; undefined for anything else, also for an execution that
 * succeeded. Input, output and cause are not needed: why it failed is for the guards to read.
 * Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html
 */
export function parseEndedExecution(body: string): EndedExecution | undefined {
  const { 'detail-type': type, detail } = sentFields(body);
  if (type !== EXECUTION_EVENT.detailType) return undefined;
  const { stateMachineArn, executionArn, status, stopDate } = objectOf(detail);
  const ended = UNSUCCESSFUL.find((one) => one === status);
  const [, , , region, account, , stateMachine] = typeof stateMachineArn === 'string' ? stateMachineArn.split(':') : [];
  if (ended === undefined || region === undefined || account === undefined || stateMachine === undefined)
    return undefined;
  const execution = typeof executionArn === 'string' ? (executionArn.split(':').at(-1) ?? '') : '';
  if (typeof stopDate !== 'number') return undefined;
  return { stateMachine, region, account, execution, status: ended, atMs: stopDate };
}

import { GetQueueAttributesCommand, GetQueueUrlCommand, type QueueAttributeName } from '@aws-sdk/client-sqs';
import type { Finding } from '../../../rules/doctor/doctor-report';
import { times } from '../../../rules/guards/judgement';
import type { Watch } from '../../../rules/plan/environment-plan';
import { nameOf } from '../../failures';
import type { Observation } from '../guards/observation';
import { finding } from './finding';

type Look = Pick<Observation, 'clients' | 'abortSignal'>;

/** The watch also polls without the queue. */
export function examineQueue(queue: string, { events }: Watch, look: Look): Promise<readonly Finding[]> {
  const subject = `push queue ${queue}`;
  return finding(subject, async (): Promise<Finding> => {
    try {
      const { Policy, RedrivePolicy, ApproximateNumberOfMessages } = await attributesOf(queue, look, [
        ...(['ApproximateNumberOfMessages', 'Policy', 'RedrivePolicy'] as const),
      ]);
      const waiting = `${ApproximateNumberOfMessages ?? 'some'} messages wait`;
      const undelivered = await undeliveredIn(RedrivePolicy, look);
      const what = [waiting, ...undelivered.what];
      if (events === true && !mayComeByRule(Policy)) {
        const remedy = 'run `rollout setup`, or send the events to it by a rule of your own';
        what.push('no rule of EventBridge may send to it: executions that fail are only polled');
        return { subject, level: 'warning', what: what.join('; '), remedy };
      }
      if (events === true) what.push('EventBridge may send to it, whether its rules are enabled is not known');
      if (!undelivered.some) return { subject, level: 'ok', what: what.join('; ') };
      const remedy = 'read why in the log of the worker, and remove them from that queue';
      return { subject, level: 'warning', what: what.join('; '), remedy };
    } catch (error) {
      if (!isMissing(error)) throw error;
      const remedy = 'create it with `rollout setup`, or remove pushQueue from the plan';
      return { subject, level: 'warning', what: 'does not exist: alarms are only polled', remedy };
    }
  });
}

const isMissing = (error: unknown): boolean => /QueueDoesNotExist|NonExistentQueue/.test(nameOf(error));

async function attributesOf(
  queue: string,
  { clients: { sqs }, abortSignal }: Look,
  AttributeNames: QueueAttributeName[],
): Promise<Partial<Record<string, string>>> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }), { abortSignal });
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }), { abortSignal });
  return Attributes ?? {};
}

/** Messages that no worker could deal with. A queue that may not be read is no finding about this one. */
async function undeliveredIn(
  redrive: string | undefined,
  look: Look,
): Promise<{ readonly some: boolean; readonly what: readonly string[] }> {
  const queue = /"deadLetterTargetArn":\s*"[^"]*:([^":]+)"/.exec(redrive ?? '')?.[1];
  if (queue === undefined) return { some: false, what: [] };
  try {
    const { ApproximateNumberOfMessages: count = '0' } = await attributesOf(queue, look, [
      'ApproximateNumberOfMessages',
    ]);
    return {
      some: count !== '0',
      what: count === '0' ? [] : [`${times(Number(count), 'message')} could not be dealt with, in ${queue}`],
    };
  } catch (error) {
    return { some: false, what: [`whether some are in ${queue} is not known: ${nameOf(error)}`] };
  }
}

/** Each rule that sends to it is named in the policy of the queue, which the worker may read. */
const mayComeByRule = (policy: string | undefined): boolean => policy?.includes('events.amazonaws.com') === true;

import type { Notice, NoticeKind, PagerDutyPlace } from '../../../rules/notify/notice';
import { pagerDutyEvents } from '../../../rules/report/pagerduty-events';
import { readSecret, safeAddress } from '../../observe/notify/secrets';
import { type Delivering, postJson } from './post';

const EVENTS = 'https://events.pagerduty.com/v2/enqueue';

/**
 * Triggers, acknowledges and resolves incidents. The routing key is in the body, so that no error may quote it.
 * https://developer.pagerduty.com/docs/send-alert-event.
 */
export async function toPagerDuty(
  pagerduty: PagerDutyPlace,
  { notice, events }: { readonly notice: Notice; readonly events?: readonly NoticeKind[] },
  { awsFor, aws, abortSignal }: Delivering,
): Promise<void> {
  const key = await readSecret(awsFor, aws, pagerduty.routingKey, abortSignal);
  const address = safeAddress(pagerduty.address ?? EVENTS, 'pagerduty.address');
  for (const event of pagerDutyEvents(notice, events)) {
    const body = JSON.stringify({ routing_key: key, ...event });
    await postJson({ address, to: `PagerDuty (${address.host})`, body }, abortSignal);
  }
}

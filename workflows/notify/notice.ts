import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { Channel } from '../../rules/notify/notice';
import type { NoticeInput, NoticeResult } from '../messages';
import { causeOf } from '../cancellable';

/** A channel that does not take it for a few minutes is given up: what is told late is told wrong. */
const { notify } = proxyActivities<Pick<Activities, 'notify'>>({
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '5m',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m', maximumAttempts: 8 },
});

/**
 * Tells one thing to every channel that wants it, at least once. It stands beside the workflow it is about, so that nothing
 * there waits for it, and it never fails: who could not be told is its result.
 */
export async function notice({ aws, channels, notice }: NoticeInput): Promise<NoticeResult> {
  setCurrentDetails(notice.text);
  const tell = async (channel: Channel): Promise<{ readonly channel: string; readonly why?: string }> => {
    try {
      await notify.executeWithOptions({ summary: channel.name }, [{ aws, channel, notice }]);
      return { channel: channel.name };
    } catch (error) {
      return { channel: channel.name, why: causeOf(error) };
    }
  };
  const answers = await Promise.all(channels.map(tell));
  return {
    told: answers.filter(({ why }) => why === undefined).map(({ channel }) => channel),
    failed: answers.flatMap(({ channel, why }) => (why === undefined ? [] : [{ channel, why }])),
  };
}

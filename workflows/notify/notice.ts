import { proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { Channel } from '../../rules/notify/notice';
import type { NoticeInput, NoticeResult } from '../messages';
import { causeOf } from '../cancellable';

/** Gives a channel up after a few minutes: a late notice would be wrong. */
const { notify } = proxyActivities<Pick<Activities, 'notify'>>({
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '5m',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m', maximumAttempts: 8 },
});

/**
 * Sends one notice to every channel that wants it, at least once. Runs beside the workflow it is about, which never waits
 * for it. Never fails: the channels that could not be reached are its result.
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

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

/** A person waits for the result of a test. */
const TEST = { scheduleToCloseTimeout: '30s', retry: { initialInterval: '1s', maximumAttempts: 3 } } as const;

interface Told {
  readonly channel: string;
  readonly why?: string;
  readonly thread?: string | undefined;
}

/**
 * Sends one notice to every channel that wants it, at least once. Runs beside the workflow it is about, which never waits
 * for it. Never fails: the channels that could not be reached are its result.
 */
export async function notice({ channels, threads = {}, ...order }: NoticeInput): Promise<NoticeResult> {
  const { notice } = order;
  const limits = notice.test === true ? TEST : {};
  setCurrentDetails(notice.text);
  const tell = async (channel: Channel): Promise<Told> => {
    try {
      const said = { ...order, channel, thread: threads[channel.name] };
      const answer = await notify.executeWithOptions({ ...limits, summary: channel.name }, [said]);
      return { channel: channel.name, thread: answer?.thread };
    } catch (error) {
      return { channel: channel.name, why: causeOf(error) };
    }
  };
  const answers = await Promise.all(channels.map(tell));
  const opened = answers.flatMap(({ channel, thread }) => (thread === undefined ? [] : [[channel, thread] as const]));
  return {
    told: answers.filter(({ why }) => why === undefined).map(({ channel }) => channel),
    failed: answers.flatMap(({ channel, why }) => (why === undefined ? [] : [{ channel, why }])),
    threads: opened.length === 0 ? undefined : Object.fromEntries(opened),
  };
}

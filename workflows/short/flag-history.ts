import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { FlagHistoryInput, FlagHistoryResult } from '../messages';

/** Together shorter than the client waits. */
const { readFlagHistory } = proxyActivities<Pick<Activities, 'readFlagHistory'>>({
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '30s',
  retry: { initialInterval: '500ms', maximumAttempts: 3 },
});

/** What AWS knows of the flag, for the client, which has no AWS access. It only reads. */
export async function flagHistory({ plan: { aws, flag } }: FlagHistoryInput): Promise<FlagHistoryResult> {
  return { values: await readFlagHistory({ aws, flag }) };
}

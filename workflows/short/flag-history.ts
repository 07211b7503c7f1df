import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { FlagHistoryInput, FlagHistoryResult } from '../messages';

/** Shorter together than the client waits. */
const { readFlagHistory } = proxyActivities<Pick<Activities, 'readFlagHistory'>>({
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '30s',
  retry: { initialInterval: '500ms', maximumAttempts: 3 },
});

/** What AWS knows of the flag: the client has no AWS. It only looks. */
export async function flagHistory({ plan: { aws, flag } }: FlagHistoryInput): Promise<FlagHistoryResult> {
  return { values: await readFlagHistory({ aws, flag }) };
}

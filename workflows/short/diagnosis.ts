import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { DiagnosisInput, DiagnosisResult } from '../messages';

/** Shorter together than the client waits. */
const { diagnose } = proxyActivities<Pick<Activities, 'diagnose'>>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '50s',
  retry: { initialInterval: '500ms', maximumAttempts: 2 },
});

/** Says what is wrong with the pipeline. It only looks, so that it may run beside anything. */
export async function diagnosis(input: DiagnosisInput): Promise<DiagnosisResult> {
  return diagnose(input);
}

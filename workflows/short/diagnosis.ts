import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { DiagnosisInput, DiagnosisResult } from '../messages';

/** Together shorter than the client waits. */
const { diagnose } = proxyActivities<Pick<Activities, 'diagnose'>>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '50s',
  retry: { initialInterval: '500ms', maximumAttempts: 2 },
});

/** Diagnoses the pipeline. It only reads, so it may run beside anything. */
export async function diagnosis(input: DiagnosisInput): Promise<DiagnosisResult> {
  return diagnose(input);
}

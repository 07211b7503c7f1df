import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import { workerClockFinding } from '../../rules/doctor/clock-findings';
import type { DoctorInput, DoctorResult } from '../messages';
import { rolloutWorkflowId } from '../messages';

/** Together shorter than the client waits. */
const { examine } = proxyActivities<Pick<Activities, 'examine'>>({
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: '50s',
  retry: { initialInterval: '500ms', maximumAttempts: 2 },
});

/** Checks everything a rollout needs from where rollouts run: the operator's machine may have other rights than the worker. */
export async function doctor({ plan }: DoctorInput): Promise<DoctorResult> {
  const askedAtMs = Date.now();
  const examination = await examine({ plan, workflowId: rolloutWorkflowId(plan.service, plan.environment) });
  const clock = workerClockFinding(examination.atMs, { fromMs: askedAtMs, toMs: Date.now() });
  return { ...examination, findings: [...examination.findings, clock] };
}

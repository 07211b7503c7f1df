import { getExternalWorkflowHandle, log, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { Freeze } from '../../rules/plan/environment-plan';
import { untilWords } from '../../rules/time/until-words';
import { isTimeZone } from '../../rules/time/local-time';
import { formatTime, escapeMarkdown } from '../../rules/format';
import type { FreezeInput, FreezeResult } from '../messages';
import { deploymentWorkflowId, freezesChangedSignal, rolloutWorkflowId } from '../messages';

const { writeFreezes } = proxyActivities<Pick<Activities, 'writeFreezes'>>({
  startToCloseTimeout: '15s',
  retry: { initialInterval: '500ms', backoffCoefficient: 2, maximumAttempts: 4 },
});

/**
 * Writes the freezes of one environment, one at a time by this workflow's id, and signals the rollout and the deployment
 * there to read them again. A freeze changes no percentage, and a rollback waits for none.
 */
export async function freeze({ plan, freeze, zone, by, reason }: FreezeInput): Promise<FreezeResult> {
  const { service, environment, aws, freezeParameter: parameter } = plan;
  if (parameter === undefined) return { freezes: [] };
  const asked = freeze === undefined ? 'unfreeze' : 'freeze';
  setCurrentDetails(`**${service} · ${environment}**: ${asked} by ${escapeMarkdown(by)}: ${escapeMarkdown(reason)}`);
  const freezes = await writeFreezes({ aws, parameter, freeze });
  for (const workflowId of [rolloutWorkflowId, deploymentWorkflowId])
    await signalFreezesChanged(workflowId(service, environment));
  setCurrentDetails(
    `**${service} · ${environment}**: ${asked} by ${escapeMarkdown(by)}: ${escapeMarkdown(reason)}\n\n${standingWords(freezes, isTimeZone(zone ?? '') ? zone : 'UTC')}`,
  );
  return { freezes };
}

/** Without a running workflow there is nothing to notify: the next one reads the freezes at its start. */
async function signalFreezesChanged(workflowId: string): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(freezesChangedSignal);
  } catch (error) {
    log.info(`${workflowId} was not notified: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function standingWords(freezes: readonly Freeze[], zone = 'UTC'): string {
  if (freezes.length === 0) return 'Not frozen by hand.';
  const lines = freezes.map(
    ({ fromMs, toMs, reason }) =>
      `- from ${formatTime(fromMs, zone)} until ${untilWords(toMs, zone)}: ${escapeMarkdown(reason)}`,
  );
  return ['Frozen:', '', ...lines].join('\n');
}

import { commandsOf, pasted } from './commands';
import { changeWords, deploymentHeadline, revisionWords } from './deployment';
import type { DeploymentStatus } from '../deployment/status';
import { formatTime, singleLine, unescaped } from '../format';
import type { NoticeEvent } from '../notify/due';
import type { Notice } from '../notify/notice';
import { titleOf } from '../notify/notice';
import { helpLine } from './rollout-notice';

/**
 * The notice of a deployment for an event, written for a phone: what happened, why, what to do, whom to ask.
 * @param zone IANA name of the zone for the times.
 */
export function deploymentNoticeOf(
  occasion: NoticeEvent,
  status: DeploymentStatus,
  nowMs: number,
  zone: string,
): Notice {
  const { service, environment, workflowId, contact } = status;
  const { text: advice, commands } = adviceOf(occasion, status);
  const lines = [
    unescaped(deploymentHeadline(status)),
    ...templateLines(status),
    ...advice,
    ...helpLine(contact),
    `${workflowId}, ${formatTime(nowMs, zone, nowMs)}`,
  ];
  const title = titleOf(`${service} ${environment}: ${titleWords(occasion, status)}`);
  const about = { service, environment, workflowId, atMs: nowMs, commands, links: [] };
  return { ...occasion, title, text: lines.join('\n'), about };
}

function titleWords({ kind }: NoticeEvent, { phase, outcome, startedBy, approvals }: DeploymentStatus): string {
  switch (kind) {
    case 'started':
      return `deployment started by ${startedBy}`;
    case 'overdue':
      return 'the deployment is OVERDUE';
    case 'deployment-waiting':
      return phase === 'checking'
        ? 'the deployment waits for the checklist'
        : `the deployment waits for approval, ${approvals.given.length} of ${approvals.required}`;
    default:
      return ENDED[outcome?.outcome ?? 'failed'];
  }
}

const ENDED = {
  deployed: 'deployed',
  'no-changes': 'deployed, no changes',
  refused: 'the deployment was REFUSED',
  aborted: 'the deployment was ABORTED',
  failed: 'THE DEPLOYMENT FAILED',
} as const;

/** Facts that the headline does not contain. */
function templateLines({ template, revision, changes, outcome, startedBy }: DeploymentStatus): readonly string[] {
  if (template === undefined || outcome?.outcome === 'no-changes') return [];
  const of = revision === undefined ? '' : ` of revision ${unescaped(revisionWords(revision).replaceAll('`', ''))}`;
  return [`Template ${template}${of}, ${singleLine(changeWords(changes))}. Started by ${singleLine(startedBy)}.`];
}

/** Commands for the operator; none while the deployment continues automatically. */
function adviceOf({ kind }: NoticeEvent, { environment, wait, outcome }: DeploymentStatus): Advice {
  const status = pasted(`rollout status ${environment} --deployment`);
  if (outcome !== undefined) {
    if (kind !== 'deployment-failed') return NO_ADVICE;
    const look = `See what it did: ${status}`;
    if (outcome.outcome !== 'failed') return { text: [look], commands: [status] };
    const diagnose = pasted(`rollout diagnose ${environment}`);
    return { text: [`${look}. Find out why jobs fail: ${diagnose}`], commands: [status, diagnose] };
  }
  if (wait === undefined || (kind !== 'deployment-waiting' && kind !== 'overdue')) return NO_ADVICE;
  const verbs = commandsOf(wait.verbs, { environment, isDeployment: true }).map(pasted);
  return {
    text: [`Read what it changes: ${status}`, `You can: ${verbs.join(', ')}`],
    commands: [status, ...verbs],
  };
}

interface Advice {
  readonly text: readonly string[];
  readonly commands: readonly string[];
}
const NO_ADVICE: Advice = { text: [], commands: [] };

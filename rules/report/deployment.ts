import { logEntryLine } from './rollout';
import { ago, beside, sayingOnce, type Unsaid, waitLines } from './waits';
import type { Reading, Times } from './rollout-headline';
import type { LogEntry } from '../rollout/state/log';
import type { StackChanges } from '../stacks/results';
import { formatTime, formatDuration, escapeMarkdown } from '../format';
import type { DeploymentStatus } from '../deployment/status';

const LOG_SHOWN = 8;
/** A character takes at most three bytes; Temporal shows at most 20 KB of details. */
const CHARACTERS_SHOWN = 6_500;
const CHANGES_SHOWN = 3_500;

/**
 * The status of a deployment as markdown, for Temporal's Web UI and, without the changes, for the terminal. The first line
 * contains the most important fact.
 * @param zone IANA name of the zone for the times.
 */
export function describeDeployment(
  status: DeploymentStatus,
  nowMs: number,
  zone = 'UTC',
  reading: Reading = 'live',
): string {
  const times: Times = { nowMs, zone, reading };
  const paragraphs = [
    `**${deploymentHeadline(status)}**`,
    facts(status, times).join('\n'),
    logLines(status.log, times).join('\n'),
    `_As of ${formatTime(nowMs, zone, nowMs)}_`,
  ].filter((paragraph) => paragraph !== '');
  const text = paragraphs.join('\n\n');
  return text.length <= CHARACTERS_SHOWN ? text : `${text.slice(0, CHARACTERS_SHOWN)} …`;
}

/** The same with the changes, shortened to what Temporal's Web UI shows: security changes first, like CDK. */
export function describeWithChanges(status: DeploymentStatus, nowMs: number, zone = 'UTC'): string {
  const changes = fencedChanges(status.changes);
  return [describeDeployment(status, nowMs, zone, 'still'), changes].filter((part) => part !== '').join('\n\n');
}

export function deploymentHeadline({ service, environment, phase, wait, outcome, template }: DeploymentStatus): string {
  const name = `${service} ${environment}`;
  if (outcome !== undefined) return `${name}: deployment ${ENDED[outcome.outcome]}: ${escapeMarkdown(outcome.why)}`;
  if (wait !== undefined) return `${name}: the deployment WAITS: ${escapeMarkdown(wait.why)}`;
  const of = template === undefined ? '' : `, template ${template}`;
  return `${name}: the deployment is ${phase}${of}`;
}

const ENDED = {
  deployed: 'done',
  'no-changes': 'done',
  refused: 'REFUSED',
  aborted: 'ABORTED',
  failed: 'FAILED',
} as const;

function facts(status: DeploymentStatus, times: Times): readonly string[] {
  const { nowMs, zone } = times;
  const { template, revision, approvals, checklist } = status;
  return [
    `- **Phase:** ${status.phase}`,
    ...waiting(status, times, sayingOnce(deploymentHeadline(status))),
    ...(template === undefined ? [] : [`- **Template:** \`${template}\`, ${changeWords(status.changes)}`]),
    ...(revision === undefined ? [] : [`- **Revision:** ${revisionWords(revision)}`]),
    ...status.mutableImages.map((image) => `- **Image by a tag:** ${escapeMarkdown(image)}`),
    ...(approvals.required === 0 ? [] : [`- **Approvals:** ${approvalWords(status)}`]),
    ...checklist.map(({ id, state, by, why }) => {
      const how = state === 'ticked' ? `ticked by ${escapeMarkdown(by ?? 'an unnamed operator')}` : state;
      return `- ${state === 'open' ? '☐' : '☑'} ${escapeMarkdown(id)}: ${how}${why === undefined ? '' : `, ${escapeMarkdown(why)}`}`;
    }),
    ...(status.contact === undefined ? [] : [`- **Help:** ${escapeMarkdown(status.contact)}`]),
    `- **Started:** ${formatTime(status.startedAtMs, zone, nowMs)} by ${escapeMarkdown(status.startedBy)}${ago(status.startedAtMs, times)}`,
  ];
}

function waiting({ wait, environment }: DeploymentStatus, times: Times, unsaid: Unsaid): readonly string[] {
  if (wait === undefined) return [];
  const { nowMs, zone } = times;
  const { untilMs } = wait;
  const until =
    untilMs === undefined
      ? 'an operator acts'
      : formatTime(untilMs, zone, nowMs) + beside(`in ${formatDuration(untilMs - nowMs)}`, times);
  return waitLines(wait, { environment, until, isDeployment: true }, times, unsaid);
}

/** `ShopStack: changes, permissions too` */
export function changeWords(changes: readonly StackChanges[]): string {
  const changed = changes.filter((stack) => stack.changed);
  if (changed.length === 0) return 'which changes nothing';
  const names = changed.map(({ name, security }) => (security === '' ? name : `${name} (permissions too)`));
  return `which changes ${names.join(', ')}`;
}

export const revisionWords = (revision: string): string =>
  revision.endsWith('-dirty')
    ? `\`${revision.replace(/-dirty$/, '')}\`, with changes that are NOT COMMITTED`
    : `\`${revision}\``;

function approvalWords({ approvals: { required, given } }: DeploymentStatus): string {
  const names = given.map(({ by }) => escapeMarkdown(by)).join(', ');
  return `${given.length} of ${required}${names === '' ? '' : `: ${names}`}`;
}

function fencedChanges(changes: readonly StackChanges[]): string {
  const changed = changes.filter((stack) => stack.changed);
  if (changed.length === 0) return '';
  const text = changed.map(({ name, text: shown }) => `Stack ${name}\n${shown}`).join('\n\n');
  const isCut = text.length > CHANGES_SHOWN;
  const shown = isCut ? `${text.slice(0, CHANGES_SHOWN)}\n…` : text;
  const rest = isCut ? '\nAll of it: `rollout status --deployment`' : '';
  return `\`\`\`\n${shown.replaceAll('```', "'''")}\n\`\`\`${rest}`;
}

function logLines(log: readonly LogEntry[], { nowMs, zone }: Times): readonly string[] {
  if (log.length === 0) return [];
  return ['**Last entries**', ...log.slice(-LOG_SHOWN).map((entry) => `- ${logEntryLine(entry, zone, nowMs)}`)];
}

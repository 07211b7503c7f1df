import { escapeMarkdown, formatTime } from '../format';
import type { StageState } from '../release/release';
import type { ReleaseStatus } from '../release/status';
import { ago, verbLine } from './waits';
import type { Reading } from './rollout-headline';

export function releaseHeadline({ service, environment, stage, outcome, wait }: ReleaseStatus): string {
  const name = `${service} ${environment}`;
  if (outcome === undefined) return `${name}: the release is at its ${stage}: ${escapeMarkdown(wait?.why ?? '')}`;
  if (outcome.outcome === 'completed') return `${name}: release DONE: ${escapeMarkdown(outcome.why)}`;
  return `${name}: release ${outcome.outcome.toUpperCase()} at its ${outcome.stage}: ${escapeMarkdown(outcome.why)}`;
}

const MARKS: Readonly<Record<StageState['state'], string>> = {
  open: '·',
  running: '…',
  done: '✓',
  'left-out': '–',
  ended: '✗',
};

/** Markdown, one line for each stage, for Temporal's Web UI and the terminal. */
export function describeRelease(status: ReleaseStatus, nowMs: number, zone = 'UTC', reading: Reading = 'live'): string {
  const { environment, stages, wait, startedBy, startedAtMs, reason } = status;
  const by = `${escapeMarkdown(startedBy)}${reason === undefined ? '' : `: ${escapeMarkdown(reason)}`}`;
  const lines = stages.map(({ stage, state, sinceMs, why, workflowId }) => {
    const since = sinceMs === undefined || state !== 'running' ? '' : `, since ${formatTime(sinceMs, zone, nowMs)}`;
    const told = why === undefined ? `\`${workflowId}\`` : escapeMarkdown(why);
    return `- ${MARKS[state]} ${stage}${state === 'open' ? '' : `: ${told}${since}`}`;
  });
  const verbs = wait === undefined ? [] : [verbLine(wait.verbs, { environment }, reading)];
  const started = `- **Started:** ${formatTime(startedAtMs, zone, nowMs)} by ${by}${ago(startedAtMs, { nowMs, zone, reading })}`;
  return [`**${releaseHeadline(status)}**`, '', ...lines, ...verbs, started].join('\n');
}

import { ago } from '../report/rollout';
import type { Reading } from '../report/rollout-headline';
import type { Wait } from '../rollout/status/status';
import { formatTime, escapeMarkdown } from '../format';
import type { ReleaseOutcome, ReleaseState, Stage, StageState } from './release';

/** Status of a release, the same for the query, the CLI and the Web UI. Plain JSON, times in ms since 1970. */
export interface ReleaseStatus {
  readonly service: string;
  readonly environment: string;
  readonly workflowId: string;
  readonly startedBy: string;
  readonly startedAtMs: number;
  readonly reason?: string;
  readonly stage: Stage | 'ended';
  readonly stages: readonly StageState[];
  /** The stage that the release waits for; the stage's own status shows what it waits for. */
  readonly wait?: Wait;
  readonly outcome?: ReleaseOutcome;
}

export interface Named {
  readonly service: string;
  readonly environment: string;
  readonly workflowId: string;
}

/** Verbs that act on the workflow of the stage. */
const VERBS: Readonly<Record<Stage, readonly string[]>> = {
  deployment: ['approve --deployment', 'reject --deployment', 'checklist --deployment --tick', 'abort'],
  verification: ['abort'],
  rollout: ['approve', 'checklist --tick', 'pause', 'resume', 'promote', 'abort'],
};

export function releaseStatus(named: Named, state: ReleaseState, nowMs: number): ReleaseStatus {
  const { startedBy, startedAtMs, reason, stages, outcome } = state;
  const current = stages.find((one) => one.state === 'running') ?? stages.find((one) => one.state === 'open');
  const ended = outcome !== undefined || current === undefined;
  return {
    ...named,
    ...{ startedBy, startedAtMs, stages, stage: ended ? 'ended' : current.stage },
    reason,
    ...(ended ? {} : { wait: waitFor(state, current, nowMs) }),
    outcome,
  };
}

function waitFor({ aborted }: ReleaseState, { stage, sinceMs }: StageState, nowMs: number): Wait {
  const stopping = aborted === undefined ? '' : `, which is being aborted: ${aborted.why}`;
  const verbs = aborted === undefined ? VERBS[stage] : [];
  return { why: `the ${stage} must end${stopping}`, sinceMs: sinceMs ?? nowMs, verbs };
}

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
  const { stages, wait, startedBy, startedAtMs, reason } = status;
  const by = `${escapeMarkdown(startedBy)}${reason === undefined ? '' : `: ${escapeMarkdown(reason)}`}`;
  const lines = stages.map(({ stage, state, sinceMs, why, workflowId }) => {
    const since = sinceMs === undefined || state !== 'running' ? '' : `, since ${formatTime(sinceMs, zone, nowMs)}`;
    const told = why === undefined ? `\`${workflowId}\`` : escapeMarkdown(why);
    return `- ${MARKS[state]} ${stage}${state === 'open' ? '' : `: ${told}${since}`}`;
  });
  const verbs = wait === undefined ? [] : [verbLine(wait.verbs)];
  const started = `- **Started:** ${formatTime(startedAtMs, zone, nowMs)} by ${by}${ago(startedAtMs, { nowMs, zone, reading })}`;
  return [`**${releaseHeadline(status)}**`, '', ...lines, ...verbs, started].join('\n');
}

const verbLine = (verbs: readonly string[]): string =>
  verbs.length === 0
    ? '- **Next:** continues automatically'
    : `- **To continue:** ${verbs.map((verb) => `\`${verb}\``).join(', ')}`;

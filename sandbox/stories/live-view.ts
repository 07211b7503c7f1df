import colors from 'picocolors';
import { headline } from '../../rules/report/rollout-headline';
import type { RolloutStatus } from '../../rules/rollout/status/status';
import { percent, singleLine, formatDuration, unescaped } from '../../rules/format';
import type { TrafficStats } from '../api/traffic';

/** The present knowledge of one environment. */
export interface EnvironmentView {
  readonly environment: string;
  /** Absent until the rollout has answered for the first time. */
  readonly status?: RolloutStatus;
  /** Why the status is an old one. */
  readonly unanswered?: string;
  readonly traffic?: TrafficStats;
}

const BAR_CELLS = 30;
const NAME_WIDTH = 9;

/** A drawing of each environment, four lines each, none longer than `width`. */
export function drawEnvironments(views: readonly EnvironmentView[], nowMs: number, width: number): readonly string[] {
  return views.flatMap((view) => ['', ...linesOf(view, nowMs).map(({ text, paint }) => paint(cut(text, width)))]);
}

interface Line {
  readonly text: string;
  readonly paint: (text: string) => string;
}

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;

function linesOf({ environment, status, unanswered, traffic }: EnvironmentView, nowMs: number): readonly Line[] {
  const name = environment.padEnd(NAME_WIDTH);
  if (status === undefined) return [{ text: `${name}${unanswered ?? 'starting'}`, paint: colors.dim }];
  const paint = paintOf(status);
  return [
    { text: `${name}${shareOf(status)}  ${phaseOf(status)}`, paint },
    { text: indented(unanswered ?? waitOf(status, nowMs)), paint: unanswered === undefined ? String : colors.yellow },
    { text: indented(`${status.health.outcome}: ${singleLine(status.health.why)}`), paint: colors.dim },
    ...(traffic === undefined ? [] : [{ text: indented(trafficOf(traffic)), paint: colors.dim }]),
  ];
}

const shareOf = ({ percentage }: RolloutStatus): string =>
  percentage === undefined ? 'NOT KNOWN' : `${bar(percentage)} ${percent(percentage).padStart(6)}`;

const indented = (text: string): string => `${' '.repeat(NAME_WIDTH)}${text}`;

function bar(percentage: number): string {
  const full = Math.round((percentage / 100) * BAR_CELLS);
  return `${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)}`;
}

const phaseOf = ({ outcome, phase }: RolloutStatus): string => outcome?.outcome ?? phase;

function paintOf({ outcome, phase, health }: RolloutStatus): (text: string) => string {
  if (phase === 'rolling-back' || outcome?.outcome === 'rolled-back' || health.outcome === 'breach') return colors.red;
  if (outcome?.outcome === 'completed') return colors.green;
  return phase === 'paused' || phase === 'holding' ? colors.yellow : colors.cyan;
}

function waitOf({ outcome, wait, nextRaise }: RolloutStatus, nowMs: number): string {
  if (outcome !== undefined) return singleLine(outcome.why);
  if (wait === undefined) return '';
  const untilMs = nextRaise?.notBeforeMs ?? wait.untilMs;
  const left = untilMs === undefined ? '' : `, ${formatDuration(untilMs - nowMs)} left`;
  return `${singleLine(nextRaise === undefined || nextRaise.by === 'soak' ? wait.why : nextRaise.why)}${left}`;
}

function trafficOf({ stepFunctions, nextflow }: TrafficStats): string {
  const side = (name: string, { completed, failed }: TrafficStats['nextflow']): string =>
    `${name}: ${completed} done${failed === 0 ? '' : `, ${failed} failed`}`;
  return `${side('Step Functions', stepFunctions)} · ${side('Nextflow', nextflow)}`;
}

/** One line for each environment that changed since `before`, for an output that cannot be redrawn. */
export function changedLines(
  before: readonly EnvironmentView[],
  now: readonly EnvironmentView[],
  nowMs: number,
): readonly string[] {
  return now.flatMap(({ environment, status }) => {
    const old = before.find((view) => view.environment === environment)?.status;
    if (status === undefined || keyOf(old) === keyOf(status)) return [];
    return [unescaped(headline(status, nowMs, 'UTC', 'still'))];
  });
}

const keyOf = (status: RolloutStatus | undefined): string =>
  JSON.stringify([status?.phase, status?.percentage, status?.health.outcome, status?.outcome?.outcome]);

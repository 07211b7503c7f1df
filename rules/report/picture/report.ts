import { describeWindow, openingsBetween } from '../../time/window';
import { describeFreeze, raiseAllowedAt } from '../../time/freeze';
import type { DeploymentStatus } from '../../deployment/status';
import type { EnvironmentPlan, Freeze } from '../../plan/environment-plan';
import type { RolloutStatus } from '../../rollout/status/status';
import type { Verification } from '../../verification/verification';
import { type CoursePoint, courseOf, type DecisionMade, decisionsOf, haltsOf, type Span } from './course';
import type { Fact } from './facts';
import { type GuardCourse, guardCourses, type Newest } from './guard-course';
import { type NextCommand, nextCommand } from './next-command';
import { plannedGuards } from './planned-guards';

/** What was found of one rollout, and what could not be found out. */
export interface Known {
  readonly status: RolloutStatus;
  readonly running: boolean;
  readonly runId: string;
  /** Link to Temporal's Web UI, if its address is known. */
  readonly link?: string;
  /** The plan that it runs, as its history has it. */
  readonly plan?: EnvironmentPlan;
  /** Oldest first; absent when the history could not be read. */
  readonly facts?: readonly Fact[];
  /** The newest check, also without news, as the watch remembers it. */
  readonly newest?: Newest;
  readonly deployment?: DeploymentStatus;
  readonly verification?: Verification;
  /** What is not known, and why, in whole sentences. */
  readonly notKnown: readonly string[];
}

/** Everything that a report shows. Plain JSON; times in ms since 1970. */
export interface RolloutReport extends Known {
  readonly asOfMs: number;
  /** IANA name of the zone in which times are shown. */
  readonly zone: string;
  /** What the picture covers. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly course: readonly CoursePoint[];
  /** The raises to come, each at its earliest: pauses and holds move them. Empty when that is not known. */
  readonly ahead: readonly { readonly atMs: number; readonly percentage: number }[];
  /** Pauses, holds and freezes, and when the windows are open; absent `open` spans mean: at any time. */
  readonly spans: readonly Span[];
  readonly alarms: readonly { readonly atMs: number; readonly why: string }[];
  readonly guards: readonly GuardCourse[];
  readonly decisions: readonly DecisionMade[];
  readonly next: NextCommand;
}

/** A little room at both ends of the picture. */
const MARGIN = 0.02;
const LEAST_SHOWN_MS = 10_000;

/** @param zone of the reader; that of the plan's first window counts first. */
export function reportOf(known: Known, nowMs: number, zone: string): RolloutReport {
  const { status, running, plan, facts = [] } = known;
  const endMs = running ? nowMs : (status.outcome?.atMs ?? facts.at(-1)?.atMs ?? nowMs);
  const course = withStatus(courseOf(facts), known, nowMs);
  const ahead = running ? aheadOf(known) : [];
  const startMs = Math.min(status.startedAtMs, facts[0]?.atMs ?? Infinity);
  const lastMs = Math.max(endMs, startMs + LEAST_SHOWN_MS, ...ahead.map(({ atMs }) => atMs));
  const marginMs = (lastMs - startMs) * MARGIN;
  const [fromMs, toMs] = [Math.floor(startMs - marginMs), Math.ceil(lastMs + marginMs)];
  const planned = plan === undefined ? [] : plannedGuards(plan);
  const newest = known.newest ?? { atMs: status.health.atMs, guards: status.guards };
  return {
    ...known,
    asOfMs: nowMs,
    zone: plan?.windows[0]?.zone ?? zone,
    fromMs,
    toMs,
    course,
    ahead,
    spans: spansOf(known, { fromMs, toMs, endMs }),
    alarms: alarmsOf(facts),
    guards: guardCourses(planned, facts, newest),
    decisions: facts.length > 0 ? decisionsOf(facts) : loggedOf(status),
    next: nextCommand(status),
  };
}

/** What is known of the flag beside the history: a percentage read just now, or that none is known any more. */
function withStatus(
  course: readonly CoursePoint[],
  { status, running, facts }: Known,
  nowMs: number,
): readonly CoursePoint[] {
  const { percentage, percentageUnknown, flagReadAtMs } = status;
  const last = course.at(-1);
  if (percentage === undefined) {
    // A rollout that has ended left it where its history ends.
    if (last?.percentage === undefined || !running) return course;
    const atMs = Math.max(last.atMs, facts?.at(-1)?.atMs ?? 0, running ? status.health.atMs : 0);
    return [...course, { atMs: Math.min(atMs, nowMs), why: percentageUnknown ?? 'not reported', source: 'not-known' }];
  }
  if (last?.percentage === percentage) return course;
  const readAtMs = flagReadAtMs ?? status.outcome?.atMs ?? nowMs;
  return [...course, { atMs: readAtMs, percentage, why: 'as the rollout or AWS reports it', source: 'read' }];
}

function aheadOf({ status, plan }: Known): RolloutReport['ahead'] {
  const { next, nextRaise, steps, skipped = [] } = status;
  if (next === undefined || nextRaise?.notBeforeMs === undefined) return [];
  const found: { atMs: number; percentage: number }[] = [];
  let atMs = nextRaise.notBeforeMs;
  const left = steps.filter(({ percentage }) => percentage >= next && !skipped.includes(percentage));
  for (const { percentage, soakMs } of left) {
    if (found.length > 0) atMs = raiseAllowedAt(plan?.windows ?? [], plan?.freezes ?? [], atMs);
    if (!Number.isFinite(atMs)) break;
    found.push({ atMs, percentage });
    atMs += soakMs;
  }
  const last = found.at(-1);
  return last === undefined || !Number.isFinite(atMs) ? found : [...found, { atMs, percentage: last.percentage }];
}

interface Shown {
  readonly fromMs: number;
  readonly toMs: number;
  readonly endMs: number;
}

function spansOf({ plan, facts = [], status, running }: Known, { fromMs, toMs, endMs }: Shown): readonly Span[] {
  const halts = haltsOf(facts, endMs);
  const { wait, phase } = status;
  const halted = phase === 'paused' ? 'paused' : phase === 'holding' && asksResume(status) ? 'on-hold' : undefined;
  // Only the rollout itself knows a hold that no event shows.
  const unseen =
    halted !== undefined && running && !halts.some(({ kind, toMs: until }) => kind === halted && until === endMs);
  const more: readonly Span[] =
    unseen && wait !== undefined ? [{ kind: halted, fromMs: wait.sinceMs, toMs: endMs, why: wait.why }] : [];
  const handed = facts.filter((fact) => fact.kind === 'freezes-read').at(-1)?.freezes ?? [];
  const frozen = [...(plan?.freezes ?? []), ...handed].flatMap((freeze) => frozenSpan(freeze, { fromMs, toMs }, plan));
  const windows = plan?.windows ?? [];
  const open =
    windows.length === 0
      ? []
      : openingsBetween(windows, fromMs, toMs).map((opening) => ({
          ...opening,
          kind: 'open' as const,
          why: windows.map(describeWindow).join(', '),
        }));
  return [...halts, ...more, ...frozen, ...open];
}

const asksResume = ({ wait }: RolloutStatus): boolean => wait?.verbs.some((verb) => verb.startsWith('resume')) === true;

function frozenSpan(
  freeze: Freeze,
  { fromMs, toMs }: Pick<Shown, 'fromMs' | 'toMs'>,
  plan: EnvironmentPlan | undefined,
): readonly Span[] {
  const cut = { fromMs: Math.max(freeze.fromMs, fromMs), toMs: Math.min(freeze.toMs, toMs) };
  if (cut.fromMs >= cut.toMs) return [];
  const why = describeFreeze(freeze, plan?.windows[0]?.zone ?? 'UTC', fromMs);
  return [{ ...cut, kind: 'frozen', why, by: freeze.by }];
}

function alarmsOf(facts: readonly Fact[]): RolloutReport['alarms'] {
  return facts.flatMap((fact) => {
    if (fact.kind === 'alarm-pushed' && fact.state === 'ALARM')
      return [{ atMs: fact.atMs, why: `${fact.alarm}: ${fact.why}` }];
    if (fact.kind === 'checked' && fact.verdict.outcome === 'breach')
      return [{ atMs: fact.atMs, why: fact.verdict.why }];
    return [];
  });
}

/** Without a history: what the rollout wrote down itself. */
const loggedOf = ({ log }: RolloutStatus): readonly DecisionMade[] =>
  log.map(({ atMs, what, by }) => ({ atMs, decision: 'noted', why: what, by }));

const iso = (ms: number): string => new Date(ms).toISOString();

/** For programs: times as ISO 8601, and each decision with its reason. */
export function reportJson(report: RolloutReport) {
  const { status, plan, facts: _facts, asOfMs, fromMs, toMs, course, ahead, spans, ...rest } = report;
  const { alarms, guards, decisions, deployment, verification, ...more } = rest;
  return {
    ...{ service: status.service, environment: status.environment, workflowId: status.workflowId },
    ...more,
    asOf: iso(asOfMs),
    from: iso(fromMs),
    to: iso(toMs),
    planHash: status.planHash,
    percentage: status.percentage ?? null,
    outcome: status.outcome,
    decisions: decisions.map(({ atMs, ...decision }) => ({ at: iso(atMs), ...decision })),
    course: course.map(({ atMs, percentage, ...point }) => ({
      at: iso(atMs),
      percentage: percentage ?? null,
      ...point,
    })),
    ahead: ahead.map(({ atMs, percentage }) => ({ notBefore: iso(atMs), percentage })),
    spans: spans.map(({ fromMs: from, toMs: to, ...span }) => ({ ...span, from: iso(from), to: iso(to) })),
    alarms: alarms.map(({ atMs, why }) => ({ at: iso(atMs), why })),
    guards,
    status,
    deployment,
    verification,
    windows: plan?.windows.map(describeWindow),
  };
}

import { verdictKey } from '../../guards/verdict-of';
import type { Verdict } from '../../guards/verdict';
import type { EnvironmentPlan } from '../../plan/environment-plan';
import { formatTime, percent } from '../../format';
import { timeSent, whySent } from './alarm-change';
import { recordVerdict } from '../pause-hold';
import { note } from '../state/log';
import type { RolloutState } from '../state/state';

/** The rollout in CloudWatch: each check above 0 % is one value of the metric `Looks`. */
export type Watched = Pick<EnvironmentPlan, 'service' | 'environment'>;

/** The metric that a check publishes. The dead man's alarm fires when it stops. */
export const LOOKS = { namespace: 'Rollout', metric: 'Looks' } as const;

export const looksDimensions = ({ service, environment }: Watched): Readonly<Record<string, string>> => ({
  Service: service,
  Environment: environment,
});

/** Name of the dead man's alarm of an environment. */
export const unwatchedAlarmOf = ({ service, environment }: Watched): string =>
  `${service}-rollout-unwatched-${environment}`;

/** The time of the last check, and why there was none since, if known. */
export interface Unwatched {
  readonly sinceMs: number;
  readonly why: string;
}

/** A signal's argument, which may be typed by hand. */
export function readUnwatched(value: unknown, nowMs: number): Unwatched | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { sinceMs, why } = value as Record<string, unknown>;
  return { sinceMs: Math.min(timeSent(sinceMs, nowMs), nowMs), why: whySent(why) };
}

/** The health without checks: neither healthy nor a breach. */
export function notLooked({ sinceMs, why }: Unwatched, nowMs: number): Verdict {
  const said = `not checked since ${formatTime(sinceMs, 'UTC')}: ${why}`;
  return { outcome: 'error', why: said, atMs: nowMs, ringing: [], noticed: [], guards: [] };
}

/** Nothing is raised before the next check. A known stop stays. */
export function recordUnwatched(state: RolloutState, unwatched: Unwatched, nowMs: number): RolloutState {
  const verdict = notLooked(unwatched, nowMs);
  const isNews = state.watch.health === undefined || verdictKey(state.watch.health) !== verdictKey(verdict);
  const noted = isNews ? note(state, { atMs: nowMs, what: verdict.why }) : state;
  return recordVerdict(noted, verdict);
}

/** What Temporal knows of the newest run of a rollout without a query. */
export interface SeenFromOutside {
  readonly status: 'running' | 'completed' | 'broken-off';
  /** The due workflow task, if any: number of attempts, and since when it is due. */
  readonly task?: { readonly attempt: number; readonly sinceMs?: number | undefined } | undefined;
  /** Temporal's search attribute `TemporalReportedProblems`. */
  readonly problems: readonly string[];
  /** The watch activity, if one is scheduled. */
  readonly look?:
    | {
        readonly id: string;
        readonly paused: boolean;
        /** When its next attempt is due; undefined while one runs. */
        readonly dueAtMs?: number | undefined;
        /** When the last attempt began. */
        readonly lastAtMs?: number | undefined;
      }
    | undefined;
  readonly endedAtMs?: number | undefined;
}

/** Why a rollout is unwatched, for people. */
export interface Concern {
  readonly kind: 'task' | 'look' | 'ended';
  /** Identifies the occurrence, so that it is reported once: letters, digits and `-`. */
  readonly key: string;
  readonly why: string;
  readonly remedy: string;
  /** Time of the last check, if known. */
  readonly sinceMs?: number | undefined;
}

/** Temporal first retries a task within 10 s: a third attempt is no hiccup of a worker. */
const TASK_ATTEMPTS = 2;
/** An attempt takes at most 15 s, and a restarted worker takes over within a minute. */
const LATE_LOOK_MS = 90_000;

/** What prevents a rollout from being watched or steered, according to Temporal. */
export function concernsOf(seen: SeenFromOutside, nowMs: number): readonly Concern[] {
  if (seen.status === 'completed') return [];
  if (seen.status === 'broken-off') {
    const sinceMs = seen.endedAtMs;
    const when = sinceMs === undefined ? '' : ` ${formatTime(sinceMs, 'UTC')}`;
    const why = `the rollout was ended from outside${when}, for example by \`temporal workflow terminate\``;
    return [{ kind: 'ended', key: 'ended', why, remedy: '`rollout rollback` puts the flag to 0 %', sinceMs }];
  }
  return [...stuckTask(seen), ...lateLook(seen, nowMs)];
}

function stuckTask({ task, problems }: SeenFromOutside): readonly Concern[] {
  const { attempt = 0, sinceMs } = task ?? {};
  if (attempt <= TASK_ATTEMPTS && problems.length === 0) return [];
  const reported = problems.length === 0 ? '' : `; Temporal reports ${problems.join(', ')}`;
  const why = `its workflow task fails, attempt ${Math.max(attempt, 1)}${reported}: it reacts to no verb and no alarm`;
  const remedy =
    'check the last failure in the Web UI; after a new build of the worker deploy the version before, then type `rollout workers --take-back`; `rollout flags set --percentage 0 --break-glass --reason unwatched` writes 0 %';
  return [{ kind: 'task', key: `task-${sinceMs ?? 'unknown'}`, why, remedy, sinceMs }];
}

function lateLook({ look }: SeenFromOutside, nowMs: number): readonly Concern[] {
  if (look === undefined) return [];
  const { paused, dueAtMs, lastAtMs } = look;
  const overdue = nowMs > (dueAtMs ?? lastAtMs ?? nowMs) + LATE_LOOK_MS;
  if (!paused && !overdue) return [];
  const since = lastAtMs === undefined ? 'for an unknown time' : `since ${formatTime(lastAtMs, 'UTC')}`;
  const how = paused ? 'its activity watchAlarms is paused' : 'no worker takes its activity watchAlarms';
  const remedy = paused ? '`temporal activity unpause`, or `rollout abort`' : 'start a worker: `npm run worker`';
  return [{ kind: 'look', key: `look-${look.id}`, why: `not checked ${since}: ${how}`, remedy, sinceMs: lastAtMs }];
}

/** The concern as a sentence. `percentage` is that of the flag; undefined when it could not be read. */
export function concernWords({ why, remedy }: Concern, percentage: number | undefined): string {
  const at =
    percentage === undefined
      ? 'The flag cannot be read: its percentage is NOT KNOWN'
      : `The flag is at ${percent(percentage)}`;
  return `This rollout is UNWATCHED: ${why}. ${at}. What to do: ${remedy}.`;
}

import type { NextRaise, Outcome, RolloutStatus } from '../rollout/status/status';
import { formatTime, percent, formatDuration, escapeMarkdown } from '../format';

/**
 * `live`: read at the moment it is written, so that `in 3 h` helps. `still`: read later, as a notice, a log or the details in
 * Temporal's Web UI, where only absolute times stay true.
 */
export type Reading = 'live' | 'still';

/** One sentence for an operator on call: where the traffic is, whether it is safe, and what happens next. */
export function headline(status: RolloutStatus, nowMs: number, zone: string, reading: Reading = 'live'): string {
  const times: Times = { nowMs, zone, reading };
  const name = `${status.service} ${status.environment}`;
  const at = atWords(status);
  if (status.outcome !== undefined) return `${name}: ${ending(status.outcome, status)}`;
  switch (status.phase) {
    case 'starting':
      return `${name}: starting,${status.percentage === undefined ? '' : ' still'}${at}.`;
    case 'raising':
      return `${name}: ${raising(status)}.`;
    case 'soaking':
      return `${name}: ${percentWords(status)}, ${soaking(status, times)}`;
    case 'holding':
      return `${name}: ${holding(status, times)}`;
    case 'checking':
      return `${name}:${at}, ${checking(status)}.`;
    case 'approving':
      return `${name}: WAITS FOR APPROVAL${joined(status)}: ${reason(status)}.`;
    case 'paused':
      return `${name}: PAUSED${joined(status)}${halt(status)}.`;
    case 'not-known':
      return `${name}: the state of the rollout is NOT KNOWN: ${escapeMarkdown(status.health.why)}; ${flagWords(status)}.`;
    case 'rolling-back':
      return zeroConfirmed(status)
        ? `${name}: BACK AT 0 %: ${reason(status)}.`
        : `${name}: ROLLING BACK, ${notYet(status)}: ${reason(status)}.`;
    case 'ended':
      return `${name}: ended without an outcome, ${lastWords(status)}: ${escapeMarkdown(status.health.why)}.`;
  }
}

/** The percentage, or NOT KNOWN: a number that was not read is never shown. */
export const percentWords = ({ percentage }: Pick<RolloutStatus, 'percentage'>): string =>
  percentage === undefined ? 'percentage NOT KNOWN' : percent(percentage);

/** ` at 25 %`, for the middle of a clause. */
export const atWords = (status: Pick<RolloutStatus, 'percentage'>): string =>
  status.percentage === undefined ? ` ${percentWords(status)}` : ` at ${percent(status.percentage)}`;

/** ` at 25 %`, or a clause of its own. */
export const joined = (status: Pick<RolloutStatus, 'percentage'>): string =>
  status.percentage === undefined ? `, ${percentWords(status)}` : ` at ${percent(status.percentage)}`;

const flagWords = ({ percentage, percentageUnknown, lastKnown }: RolloutStatus): string => {
  if (percentage !== undefined) return `the flag says ${percent(percentage)}`;
  const why = percentageUnknown === undefined ? '' : ` (${escapeMarkdown(percentageUnknown)})`;
  const last = lastKnown?.percentage === undefined ? '' : `; the last known one was ${percent(lastKnown.percentage)}`;
  return `the percentage is NOT KNOWN${why}${last}`;
};

function lastWords({ percentage, lastKnown, flagReadAtMs }: RolloutStatus): string {
  if (percentage !== undefined)
    return flagReadAtMs === undefined ? `last known at ${percent(percentage)}` : `the flag says ${percent(percentage)}`;
  const last = lastKnown?.percentage === undefined ? '' : `, last known at ${percent(lastKnown.percentage)}`;
  return `percentage NOT KNOWN${last}`;
}

/**
 * Whether a rollout that rolls back has written 0 % and read it back. Only then does its wait have a known end, the second
 * check; before that a percentage of 0 may be the initial one.
 */
export function zeroConfirmed(status: RolloutStatus): boolean {
  if (status.percentage !== 0 || status.outcome?.outcome === 'refused') return false;
  if (status.delivery?.done === false) return false;
  return status.phase === 'ended' || (status.phase === 'rolling-back' && status.wait?.untilMs !== undefined);
}

function raising(status: RolloutStatus): string {
  if (status.delivery?.done === false) return `DELIVERING ${percentWords(status)}: ${reason(status)}`;
  return `raising from ${percentWords(status)}${goal(status)}`;
}

/** 0 % in the flag document may still have to reach the API. */
const notYet = ({ delivery }: RolloutStatus): string =>
  delivery?.percentage === 0 && !delivery.done
    ? 'the flag document says 0 %, NOT DELIVERED to every instance yet'
    : '0 % is being written and not confirmed yet';

function ending(outcome: Outcome, status: RolloutStatus): string {
  const why = escapeMarkdown(outcome.why);
  const at = atWords(status);
  const back = outcome.undelivered === true ? ' NOT DELIVERED' : undefined;
  switch (outcome.outcome) {
    case 'completed':
      return `DONE,${at}: ${why}.`;
    case 'rolled-back': {
      const to = status.percentage === undefined ? `,${at}` : ` to ${percent(status.percentage)}`;
      return `ROLLED BACK${back === undefined ? to : `,${back}`}${culprit(outcome)}: ${why}.`;
    }
    case 'aborted':
      return `ABORTED,${back ?? at}: ${why}.`;
    case 'refused':
      return `REFUSED,${at}: ${why}.`;
  }
}

function culprit({ alarm, guard }: Outcome): string {
  if (alarm !== undefined) return ` by alarm ${escapeMarkdown(alarm)}`;
  return guard === undefined ? '' : ` by guard ${escapeMarkdown(guard)}`;
}

/** Only the items: the reasons follow below and may be long. */
function checking(status: RolloutStatus): string {
  const open = status.checklist.filter(({ state }) => state === 'open').map(({ id }) => id);
  return open.length === 0 ? reason(status) : `waits for the checklist: ${escapeMarkdown(open.join(', '))} open`;
}

export interface Times {
  readonly nowMs: number;
  readonly zone: string;
  readonly reading: Reading;
}

function soaking(status: RolloutStatus, times: Times): string {
  const { health, wait, nextRaise } = status;
  if (health.outcome !== 'healthy')
    return `NOT KNOWN TO BE HEALTHY (${health.outcome}): ${escapeMarkdown(health.why)}.`;
  const next = nextPercentage(status);
  if (nextRaise !== undefined && next !== undefined)
    return `healthy; next ${percent(next)} ${raiseWords(nextRaise, times)}.`;
  const untilMs = wait?.untilMs;
  if (untilMs === undefined) return `healthy, ${reason(status)}.`;
  const when = moment(untilMs, times);
  return next === undefined ? `healthy; watched until the end ${when}.` : `healthy; next ${percent(next)} ${when}.`;
}

/** When, and what else it waits for besides the soak. */
function raiseWords({ notBeforeMs, why, by }: NextRaise, times: Times): string {
  if (notBeforeMs === undefined) return `NEVER: ${escapeMarkdown(why)}`;
  return `${moment(notBeforeMs, times)}${by === 'soak' ? '' : `: ${escapeMarkdown(why)}`}`;
}

function moment(untilMs: number, { nowMs, zone, reading }: Times): string {
  const at = formatTime(untilMs, zone, nowMs);
  if (reading === 'still') return at;
  return untilMs > nowMs ? `in ${formatDuration(untilMs - nowMs)}, ${at}` : 'due now';
}

const nextPercentage = (status: RolloutStatus): number | undefined =>
  status.next ?? status.steps[status.step]?.percentage;

function goal(status: RolloutStatus): string {
  const next = nextPercentage(status);
  return next === undefined ? '' : ` to ${percent(next)}`;
}

/** A wait with a known end, such as for a window, follows the plan; a hold without one waits for an operator. */
function holding(status: RolloutStatus, times: Times): string {
  const untilMs = status.wait?.untilMs;
  if (untilMs === undefined) return `HELD${joined(status)}${halt(status)}.`;
  const when = moment(Math.max(untilMs, status.nextRaise?.notBeforeMs ?? untilMs), times);
  return `${percentWords(status)}, ${status.health.outcome}; ${reason(status)}, ${when}.`;
}

/** The reason of a pause or hold usually begins with the word that the headline already contains. */
function halt(status: RolloutStatus): string {
  const why = reason(status);
  const rest = why.replace(/^(paused|on hold)(?=[: ])/, '');
  return rest === why ? `: ${why}` : rest;
}

const reason = (status: RolloutStatus): string => escapeMarkdown(status.wait?.why ?? status.health.why);

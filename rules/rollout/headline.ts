import type { Outcome, RolloutStatus } from './status';
import { instant, percent, span, written } from '../words';

/** One sentence for somebody who was woken up: where the traffic is, whether it is safe, and what happens next. */
export function headline(status: RolloutStatus, nowMs: number, zone: string): string {
  const name = `${status.service} ${status.environment}`;
  const at = percent(status.percentage);
  if (status.outcome !== undefined) return `${name}: ${ending(status.outcome, at)}`;
  switch (status.phase) {
    case 'starting':
      return `${name}: starting, still at ${at}.`;
    case 'raising':
      return `${name}: ${raising(status, at)}.`;
    case 'soaking':
      return `${name}: ${at}, ${soaking(status, nowMs, zone)}`;
    case 'holding':
      return `${name}: ${holding(status, nowMs, zone)}`;
    case 'checking':
      return `${name}: at ${at}, ${checking(status)}.`;
    case 'approving':
      return `${name}: WAITS FOR APPROVAL at ${at}: ${reason(status)}.`;
    case 'paused':
      return `${name}: PAUSED at ${at}${halt(status)}.`;
    case 'rolling-back':
      return zeroConfirmed(status)
        ? `${name}: BACK AT 0 %: ${reason(status)}.`
        : `${name}: ROLLING BACK, ${notYet(status)}: ${reason(status)}.`;
    case 'ended':
      return `${name}: ended without an outcome, last known at ${at}: ${written(status.health.why)}.`;
  }
}

/**
 * Whether a rollout that goes back has written 0 % and read it back. Only then does it wait for a known moment, that of
 * the second look; before that a percentage of 0 may be the one it began with.
 */
export function zeroConfirmed(status: RolloutStatus): boolean {
  if (status.percentage !== 0 || status.outcome?.outcome === 'refused') return false;
  if (status.delivery?.done === false) return false;
  return status.phase === 'ended' || (status.phase === 'rolling-back' && status.wait?.untilMs !== undefined);
}

function raising(status: RolloutStatus, at: string): string {
  if (status.delivery?.done !== false) return `raising from ${at}${goal(status)}`;
  return `DELIVERING ${at}: ${reason(status)}`;
}

/** What the flag document says already may still have to reach the API. */
const notYet = ({ delivery }: RolloutStatus): string =>
  delivery?.percentage === 0 && !delivery.done
    ? '0 % stands in the flag document and is NOT DELIVERED to every instance yet'
    : '0 % is being written and not confirmed yet';

function ending(outcome: Outcome, at: string): string {
  const why = written(outcome.why);
  const back = outcome.undelivered === true ? 'NOT DELIVERED' : undefined;
  switch (outcome.outcome) {
    case 'completed':
      return `DONE, at ${at}: ${why}.`;
    case 'rolled-back':
      return `ROLLED BACK${back === undefined ? ` to ${at}` : `, ${back}`}${culprit(outcome)}: ${why}.`;
    case 'aborted':
      return `ABORTED, ${back ?? `at ${at}`}: ${why}.`;
    case 'refused':
      return `REFUSED, at ${at}: ${why}.`;
  }
}

function culprit({ alarm, guard }: Outcome): string {
  if (alarm !== undefined) return ` by alarm ${written(alarm)}`;
  return guard === undefined ? '' : ` by guard ${written(guard)}`;
}

/** The items alone: why each is open stands below, and may be long. */
function checking(status: RolloutStatus): string {
  const open = status.checklist.filter(({ state }) => state === 'open').map(({ id }) => id);
  return open.length === 0 ? reason(status) : `waits for the checklist: ${written(open.join(', '))} open`;
}

function soaking(status: RolloutStatus, nowMs: number, zone: string): string {
  const { health, wait } = status;
  if (health.outcome !== 'healthy') return `NOT KNOWN TO BE HEALTHY (${health.outcome}): ${written(health.why)}.`;
  const untilMs = wait?.untilMs;
  if (untilMs === undefined) return `healthy, ${reason(status)}.`;
  const when = moment(untilMs, nowMs, zone);
  const next = nextPercentage(status);
  return next === undefined ? `healthy; watched until the end ${when}.` : `healthy; next ${percent(next)} ${when}.`;
}

function moment(untilMs: number, nowMs: number, zone: string): string {
  return untilMs > nowMs ? `in ${span(untilMs - nowMs)}, ${instant(untilMs, zone)}` : 'due now';
}

const nextPercentage = (status: RolloutStatus): number | undefined =>
  status.next ?? status.steps[status.step]?.percentage;

function goal(status: RolloutStatus): string {
  const next = nextPercentage(status);
  return next === undefined ? '' : ` to ${percent(next)}`;
}

/** Waiting for a known moment, as for a window, is the plan at work; a hold without one waits for somebody. */
function holding(status: RolloutStatus, nowMs: number, zone: string): string {
  const at = percent(status.percentage);
  const untilMs = status.wait?.untilMs;
  if (untilMs === undefined) return `HELD at ${at}${halt(status)}.`;
  return `${at}, ${status.health.outcome}; ${reason(status)}, ${moment(untilMs, nowMs, zone)}.`;
}

/** The reason of a pause or hold usually begins with the word that the headline has just said. */
function halt(status: RolloutStatus): string {
  const why = reason(status);
  const rest = why.replace(/^(paused|on hold)(?=[: ])/, '');
  return rest === why ? `: ${why}` : rest;
}

const reason = (status: RolloutStatus): string => written(status.wait?.why ?? status.health.why);

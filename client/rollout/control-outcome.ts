import { joined, zeroConfirmed } from '../../rules/report/rollout-headline';
import type { RolloutStatus } from '../../rules/rollout/status/status';
import { formatTime, percent, singleLine } from '../../rules/format';
import type { RolloutView } from '../temporal/find-rollout';
import { localZone } from '../terminal/render';

export type Verb = 'pause' | 'resume' | 'abort';

/** Whether to send the signal; if not, whether it is refused or already done. */
export type Precheck =
  { readonly send: true } | { readonly send: false; readonly refused: boolean; readonly why: string };

/** An abort is always sent. A rollout that did not answer is sent everything: Temporal keeps it for the worker. */
export function precheck(verb: Verb, seen: RolloutView, flag?: 'adopt' | 'restore'): Precheck {
  const { status } = seen;
  if (verb === 'abort' || seen.queryError !== undefined) return { send: true };
  if (status.phase === 'rolling-back')
    return { send: false, refused: true, why: `${nameOf(status)} is going back to 0 %; nothing can ${verb} that.` };
  if (verb === 'pause' && status.phase === 'paused')
    return { send: false, refused: false, why: `${nameOf(status)} is paused already.` };
  if (verb === 'resume' && !waitsForResume(status))
    return {
      send: false,
      refused: false,
      why: `${nameOf(status)} needs no resume: it is ${status.phase}${joined(status)}.`,
    };
  if (flag === 'restore' && status.wait?.verbs.includes('resume --restore') !== true)
    return {
      send: false,
      refused: true,
      why: `${nameOf(status)} has nothing to restore: no outside change of its flag is known. Use \`resume\` alone.`,
    };
  return { send: true };
}

export interface ControlOutcome {
  readonly done: boolean;
  readonly text: string;
  readonly zeroConfirmedAtMs?: number;
}

/** Whether the rollout shows that it obeyed, as a message. */
export function controlOutcome(verb: Verb, seen: RolloutView): ControlOutcome {
  const { status } = seen;
  if (verb === 'abort') return abortOutcome(seen);
  const word = verb === 'pause' ? 'paused' : 'resumed';
  if (seen.queryError !== undefined) return { done: false, text: notAnswered(verb, seen.queryError) };
  if (!seen.running) return { done: false, text: `${nameOf(status)} ended before it could be ${word}.` };
  if (verb === 'pause' ? status.phase === 'paused' : !waitsForResume(status) && !raises(status))
    return { done: true, text: `${nameOf(status)} is ${word}${joined(status)}.` };
  return { done: false, text: `${nameOf(status)} has the request but has not ${word} yet; it is ${status.phase}.` };
}

function abortOutcome(seen: RolloutView): ControlOutcome {
  const { status } = seen;
  if (seen.queryError !== undefined && seen.running)
    return { done: false, text: notAnswered('abort', seen.queryError) };
  if (zeroConfirmed(status)) {
    const atMs = status.outcome?.atMs ?? status.wait?.sinceMs ?? status.health.atMs;
    return {
      done: true,
      text: `${nameOf(status)}: 0 % confirmed at ${formatTime(atMs, localZone(), Date.now())}.`,
      zeroConfirmedAtMs: atMs,
    };
  }
  if (status.outcome?.undelivered === true)
    return { done: false, text: `${nameOf(status)} has ended: ${singleLine(status.outcome.why)}.` };
  if (!seen.running)
    return {
      done: false,
      text: `${nameOf(status)} ended before the abort arrived${status.percentage === undefined ? '; where it left the flag is NOT KNOWN' : `; it ended at ${percent(status.percentage)}`}.`,
    };
  return {
    done: false,
    text: `${nameOf(status)}: abort accepted, ${underWay(status)}; the rollout retries until it is confirmed.`,
  };
}

function underWay({ delivery }: RolloutStatus): string {
  if (delivery?.percentage !== 0) return '0 % is still being written';
  const { reporting, of, weights } = delivery;
  if (weights === true) return `0 % is in the flag document, and the weights of ${delivery.to} are being set`;
  const count = reporting === undefined || of === undefined ? 'NOT KNOWN yet' : `${reporting} of ${of}`;
  return `0 % is in the flag document; instances that report it: ${count}`;
}

/** A rollout that was resumed to a delivery is in that phase. */
const raises = ({ phase, delivery }: RolloutStatus): boolean => phase === 'raising' && delivery?.done !== false;

/** A pause and a hold name the verb that ends them. */
const waitsForResume = (status: RolloutStatus): boolean =>
  status.wait?.verbs.some((verb) => verb.startsWith('resume')) === true;

const nameOf = (status: RolloutStatus): string => `${status.service} ${status.environment}`;

const notAnswered = (verb: Verb, why: string): string =>
  `NOT CONFIRMED: Temporal has the ${verb}, but no worker has confirmed it: ${why}. It takes effect when a worker runs.`;

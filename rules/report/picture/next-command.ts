import type { RolloutStatus } from '../../rollout/status/status';
import { ticksHook } from '../waits';

/** The command that comes next, as typed in a terminal, and why this one. */
export interface NextCommand {
  readonly command: string;
  readonly why: string;
}

/** Verbs that a wait asks for. The others are always possible, and nothing that a page should suggest. */
const ANSWERS = ['approve', 'resume', 'checklist'];

export function nextCommand(status: RolloutStatus): NextCommand {
  const { environment, outcome, wait, phase } = status;
  const of = (verb: string, why: string): NextCommand => {
    const [name = '', ...rest] = verb.split(' ');
    return { command: ['rollout', name, environment, ...rest].join(' '), why };
  };
  switch (outcome?.outcome) {
    case 'completed':
      return of('history', 'it is completed: this shows who wrote what to the flag');
    case 'refused':
      return of('doctor', 'it was refused: this checks everything that a rollout needs');
    case 'rolled-back':
      return of('diagnose', 'it was rolled back: this finds the cause, before another one starts');
    case 'aborted':
      return status.percentage === 0
        ? of('history', 'it was aborted: this shows who did what')
        : of('rollback', 'the flag is not known to be at 0 %: this puts it there');
    case undefined:
      break;
  }
  if (phase === 'ended') return of('rollback', 'it ended without an outcome: this puts the flag to 0 %');
  if (phase === 'not-known') return of('doctor', 'it does not answer: this says what is missing');
  const asked = wait?.verbs.find((verb) => ANSWERS.includes(verb.split(' ')[0] ?? ''));
  if (asked === undefined) return of('watch', 'nobody needs to act: this shows what happens, live');
  return of(shownFor(asked, status), wait?.why ?? 'the rollout waits for it');
}

/** What to read before one decides: the items to tick, what hooks said, or how the flag was changed. */
function shownFor(asked: string, status: RolloutStatus): string {
  if (asked.startsWith('resume --') || ticksHook(asked, status)) return 'status';
  return asked.startsWith('checklist') ? 'checklist' : asked;
}

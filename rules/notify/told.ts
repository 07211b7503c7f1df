import { note } from '../rollout/state/state';
import type { LogEntry } from '../rollout/status/status';
import type { Notice, NoticeResult, Telling } from './notice';

/** Far more than can be due at once: what is forgotten is long past, and does not become due again. */
const KEPT = 100;

/** Whatever tells people: a rollout, or a deployment. */
export interface Teller {
  readonly told: readonly Telling[];
}

export const toldOf = (state: Teller, key: string): Telling | undefined =>
  state.told.find((telling) => telling.key === key);

/** `notice` is left out where nobody wants to hear of it. */
export function beginTelling<State extends Teller>(
  state: State,
  { key }: Pick<Notice, 'key'>,
  nowMs: number,
  notice?: Notice,
): State {
  return { ...state, told: [...state.told, { key, atMs: nowMs, notice }].slice(-KEPT) };
}

/** What was under way when the state was handed on. What came of it nobody knows. */
export const underWay = ({ told }: Teller): readonly Notice[] =>
  told.flatMap(({ notice, to }) => (notice === undefined || to !== undefined ? [] : [notice]));

/** Who could not be told stands in the log; that is all that follows from it. */
export function recordTold<State extends Teller & { readonly log: readonly LogEntry[] }>(
  state: State,
  { key, title }: Pick<Notice, 'key' | 'title'>,
  { told, failed }: NoticeResult,
  nowMs: number,
): State {
  const known: State = {
    ...state,
    told: state.told.map((telling) => (telling.key === key ? { key, atMs: telling.atMs, to: told } : telling)),
  };
  return failed.reduce<State>(
    (next, { channel, why }) => note(next, { atMs: nowMs, what: `${channel} was not told "${title}": ${why}` }),
    known,
  );
}

/** Proof `team-notified`: somebody took the message that this rollout, or this deployment, has begun. */
export function teamNotified(state: Teller): { readonly proved: boolean; readonly why: string } {
  const started = toldOf(state, STARTED);
  if (started?.to === undefined) return { proved: false, why: 'no channel has taken the message of the start yet' };
  if (started.to.length > 0) return { proved: true, why: `${started.to.join(', ')} took the message of the start` };
  return { proved: false, why: 'no channel took the message of the start: tell the team, and tick this' };
}

export const STARTED = 'started';

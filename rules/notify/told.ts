import { note } from '../rollout/state/state';
import type { LogEntry } from '../rollout/status/status';
import type { Notice, NoticeResult, Telling } from './notice';

/** Far more than can be due at once: a dropped entry is too old to become due again. */
const KEPT = 100;

/** The state of a workflow that sends notices: a rollout or a deployment. */
export interface Teller {
  readonly told: readonly Telling[];
}

export const toldOf = (state: Teller, key: string): Telling | undefined =>
  state.told.find((telling) => telling.key === key);

/** `notice` is left out when no channel wants it. */
export function beginTelling<State extends Teller>(
  state: State,
  { key }: Pick<Notice, 'key'>,
  nowMs: number,
  notice?: Notice,
): State {
  return { ...state, told: [...state.told, { key, atMs: nowMs, notice }].slice(-KEPT) };
}

/** Notices that were being sent when the workflow continued as new: their result is unknown. */
export const underWay = ({ told }: Teller): readonly Notice[] =>
  told.flatMap(({ notice, to }) => (notice === undefined || to !== undefined ? [] : [notice]));

/** Delivery failures are logged and otherwise ignored. */
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
    (next, { channel, why }) => note(next, { atMs: nowMs, what: `${channel} did not get "${title}": ${why}` }),
    known,
  );
}

/** Proof `team-notified`: a channel accepted the notice that this rollout or deployment has started. */
export function teamNotified(state: Teller): { readonly proved: boolean; readonly why: string } {
  const started = toldOf(state, STARTED);
  if (started?.to === undefined) return { proved: false, why: 'no channel has accepted the notice of the start yet' };
  if (started.to.length > 0) return { proved: true, why: `${started.to.join(', ')} accepted the notice of the start` };
  return { proved: false, why: 'no channel accepted the notice of the start: inform the team, then tick this item' };
}

export const STARTED = 'started';

import { type CheckAnswer, no, unknown, yes } from '../checks/check';
import { type Log, note } from '../rollout/state/log';
import type { Notice, NoticeResult, SentNotice } from './notice';

/** Far more than can be due at once: a dropped entry is too old to become due again. */
const KEPT = 100;

/** The state of a workflow that sends notices: a rollout or a deployment. */
export interface HasNotices {
  readonly log: Log;
}

export const sentNotice = ({ log }: HasNotices, key: string): SentNotice | undefined =>
  log.sentNotices.find((sent) => sent.key === key);

/** `notice` is left out when no channel wants it. */
export function recordSending<State extends HasNotices>(
  state: State,
  { key }: Pick<Notice, 'key'>,
  nowMs: number,
  notice?: Notice,
): State {
  const sentNotices = [...state.log.sentNotices, { key, atMs: nowMs, notice }].slice(-KEPT);
  return { ...state, log: { ...state.log, sentNotices } };
}

/** Notices that were being sent when the workflow continued as new: their result is unknown. */
export const underWay = ({ log }: HasNotices): readonly Notice[] =>
  log.sentNotices.flatMap(({ notice, to }) => (notice === undefined || to !== undefined ? [] : [notice]));

/** Delivery failures are logged and otherwise ignored. */
export function recordSent<State extends HasNotices>(
  state: State,
  { key, title }: Pick<Notice, 'key' | 'title'>,
  { told, failed, threads }: NoticeResult,
  nowMs: number,
): State {
  const sentNotices = state.log.sentNotices.map((sent) =>
    sent.key === key ? { key, atMs: sent.atMs, to: told } : sent,
  );
  const log = { ...state.log, sentNotices };
  const known: State = {
    ...state,
    log: threads === undefined ? log : { ...log, threads: { ...log.threads, ...threads } },
  };
  return failed.reduce<State>(
    (next, { channel, why }) => note(next, { atMs: nowMs, what: `${channel} did not get "${title}": ${why}` }),
    known,
  );
}

/** Check `team-notified`: a channel accepted the notice that this rollout or deployment has started. */
export function teamNotified(state: HasNotices): CheckAnswer {
  const started = sentNotice(state, STARTED);
  if (started?.to === undefined) return unknown('no channel has accepted the notice of the start yet');
  if (started.to.length > 0) return yes(`${started.to.join(', ')} accepted the notice of the start`);
  return no('no channel accepted the notice of the start: inform the team, then tick this item');
}

export const STARTED = 'started';

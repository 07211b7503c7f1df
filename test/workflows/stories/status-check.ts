import type { RolloutStatus } from '../../../rules/rollout/status/status';

/** Invariant 12: what is wrong with how a rollout explains itself, at a moment at which nothing is under way. */
export function unexplained(status: RolloutStatus, nowMs: number): string[] {
  if (status.outcome !== undefined) return status.phase === 'ended' ? [] : [`ended, and its phase is ${status.phase}`];
  const { wait, phase } = status;
  if (wait === undefined) return [`no wait is shown in the phase ${phase}`];
  const { why, sinceMs, untilMs, deadline, verbs } = wait;
  const goesBack = phase === 'rolling-back';
  const wrong: [boolean, string][] = [
    [why.length <= 10, 'says too little'],
    [sinceMs > nowMs, 'is since later'],
    [untilMs !== undefined && untilMs <= nowMs, 'is until earlier'],
    [deadline?.then === 'abort' && deadline.atMs <= nowMs, 'is beyond its limit'],
    [!verbs.includes('abort') && !goesBack, 'is left by no abort'],
    [goesBack && untilMs === undefined && !/NOT confirmed/.test(why), 'goes back, and has neither end nor problem'],
    [untilMs === undefined && deadline === undefined && !goesBack, 'has no end at all'],
    [phase === 'paused' && !verbs.some((verb) => verb.startsWith('resume')), 'is paused, and resume is not told'],
  ];
  return wrong.flatMap(([is, what]) => (is ? [`a wait ${what}: ${JSON.stringify(wait)} (${phase})`] : []));
}

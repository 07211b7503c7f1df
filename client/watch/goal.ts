import { InvalidArgumentError } from 'commander';
import { percent, formatDuration, unescaped } from '../../rules/format';
import { headline } from '../../rules/report/rollout-headline';
import type { RolloutView } from '../temporal/find-rollout';
import { poll } from '../temporal/poll';
import { warn } from '../terminal/output';
import { localZone } from '../terminal/render';

/** What `status --until` waits for: the end at 100 %, or a percentage. */
export type Goal = { readonly kind: 'completed' } | { readonly kind: 'at'; readonly percentage: number };

/** `completed` or `at:25`. */
export function goalOf(text: string): Goal {
  if (text === 'completed') return { kind: 'completed' };
  const [, digits = ''] = /^at:(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  const percentage = Number(digits);
  if (digits !== '' && percentage > 0 && percentage <= 100) return { kind: 'at', percentage };
  throw new InvalidArgumentError('Write completed, or at: and a percentage above 0, such as at:25.');
}

export type Standing = 'reached' | 'missed' | 'open';

/** A rollout that goes back to 0 % does not raise again. */
export function standing(goal: Goal, { status, running, queryError }: RolloutView): Standing {
  if (queryError !== undefined && running) return 'open';
  if (status.outcome?.outcome === 'completed') return 'reached';
  if (!running || status.phase === 'rolling-back') return 'missed';
  const { percentage = 0 } = status;
  return goal.kind === 'at' && percentage >= goal.percentage ? 'reached' : 'open';
}

const words = (goal: Goal): string =>
  goal.kind === 'completed' ? 'it has completed' : `it is at ${percent(goal.percentage)}`;

const EVERY_MS = 1_000;

/** Follows the rollout to the goal, and says on standard error what it waits for and each change. */
export async function waitedFor(
  goal: Goal,
  first: RolloutView,
  { read, withinMs }: { readonly read: () => Promise<RolloutView | undefined>; readonly withinMs: number },
): Promise<{ readonly seen: RolloutView; readonly standing: Standing }> {
  let seen = first;
  if (standing(goal, seen) !== 'open') return { seen, standing: standing(goal, seen) };
  const limit = Number.isFinite(withinMs) ? `, for at most ${formatDuration(withinMs)}` : '';
  warn(`Waiting until ${words(goal)}${limit}. Ctrl-C ends the wait, not the rollout.`);
  let said = '';
  const look = async (): Promise<Standing> => {
    seen = (await read()) ?? seen;
    const { status } = seen;
    const news = `${status.phase} ${status.percentage} ${status.health.outcome}`;
    if (news !== said) warn(unescaped(headline(status, Date.now(), localZone(), 'still')));
    said = news;
    return standing(goal, seen);
  };
  const last = await poll(look, { until: (now) => now !== 'open', everyMs: EVERY_MS, withinMs });
  return { seen, standing: last };
}

import type { RolloutStatus } from '../../rules/rollout/status/status';
import type { Temporal } from '../temporal/connect';
import { explain } from '../temporal/explain-error';
import type { ExitCode } from '../terminal/cli-error';
import { findRollout } from '../temporal/find-rollout';
import type { RolloutView } from '../temporal/find-rollout';
import type { CommonOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { endsWhenLeft, isRead } from '../terminal/output';
import { answerOf, currentRollout, shown } from '../watch/current';
import { type Screen, watchScreen } from '../watch/screen';
import { poll } from '../temporal/poll';

const POLL_MS = 1_000;

interface WatchOptions extends CommonOptions {
  readonly plain?: boolean;
}

export const verb = defineVerb<WatchOptions>({
  name: 'watch',
  argument: '[env]',
  group: 'Inspect',
  summary: 'shows the rollout live in the size of the terminal, until it ends; one line per change without a terminal',
  examples: [['rollout watch staging --sandbox', 'live, until it ends']],
  options: [
    {
      flags: '--plain',
      summary: 'one line per change in a terminal too: for a screen reader, or to keep what was shown',
    },
  ],
  handler: async (target, options) => follow(target, (await currentRollout(target)).which.workflowId, options),
});

/** Shows a rollout live until it ends. Ctrl-C and the end of the reader stop the watch, never the rollout. */
export async function follow(
  target: Target,
  workflowId: string,
  options: WatchOptions = target.options,
): Promise<ExitCode> {
  const temporal = await target.temporal();
  const screen = watchScreen(options);
  const stay = endsWhenLeft('\nThe watch has ended. The rollout continues.', screen.close);
  try {
    const read = async (): Promise<RolloutView | undefined> => {
      const seen = await ifReachable(target, temporal, workflowId, screen);
      if (seen !== undefined) screen.show(seen, answerOf(temporal, seen));
      return seen;
    };
    // Without a reader the watch is useless: it ends, and the rollout continues.
    const last = await poll(read, { until: (seen) => seen?.running === false || !isRead(), everyMs: POLL_MS });
    return last?.running === false ? exitCodeOf(last.status) : 0;
  } finally {
    stay();
    screen.close();
  }
}

/** 0 only when the traffic is where the plan wanted it; 3 when a rule refused the rollout at the start; 1 for all other ends. */
export function exitCodeOf(status: RolloutStatus): ExitCode {
  switch (status.outcome?.outcome) {
    case 'completed':
      return 0;
    case 'refused':
      return 3;
    case 'rolled-back':
    case 'aborted':
    case undefined:
      return 1;
  }
}

/** A watch lasts for days: wait for a server that is away for a while. */
export async function ifReachable(
  target: Target,
  temporal: Temporal,
  workflowId: string,
  { note }: Pick<Screen, 'note'>,
): Promise<RolloutView | undefined> {
  try {
    const seen = await findRollout(temporal, workflowId);
    return seen === undefined ? undefined : await shown(target, seen);
  } catch (error) {
    const failure = explain(error, temporal);
    if (failure.facts['unreachable'] === undefined) throw failure;
    note(`Temporal does not answer at ${temporal.address}; trying again. The rollout continues without this terminal.`);
    return undefined;
  }
}

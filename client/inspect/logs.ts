import type { LogEntry } from '../../rules/rollout/state/log';
import { escaped, formatTime, singleLine } from '../../rules/format';
import type { CommonOptions } from '../options';
import { defineVerb } from '../program/verb';
import { currentRollout } from '../watch/current';
import type { Target } from '../target';
import { findRollout, type RolloutView } from '../temporal/find-rollout';
import { poll } from '../temporal/poll';
import type { ExitCode } from '../terminal/cli-error';
import { endsWhenLeft, isRead, say, warn } from '../terminal/output';
import { localZone } from '../terminal/render';
import { newEntries } from '../watch/screen';

const POLL_MS = 1_000;

interface LogsOptions extends CommonOptions {
  readonly follow?: boolean;
}

export const verb = defineVerb<LogsOptions>({
  name: 'logs',
  argument: '[env]',
  group: 'Inspect',
  summary: 'prints what the newest rollout logged, one line each: raises, verdicts, verbs and by whom',
  examples: [['rollout logs prod --follow', 'and what it logs from now on']],
  options: [{ flags: '--follow', summary: 'print new entries too, until the rollout ends' }],
  handler: logs,
});

/** The worker's own log is where its process writes it; Temporal does not have it. */
async function logs(target: Target, options: LogsOptions): Promise<ExitCode> {
  const { which, seen } = await currentRollout(target);
  if (seen.queryError !== undefined) warn(`What it logged is NOT KNOWN: ${singleLine(seen.queryError)}.`);
  print(seen.status.log, options);
  if (options.follow !== true || !seen.running) return seen.queryError === undefined ? 0 : 1;
  const temporal = await target.temporal();
  const stay = endsWhenLeft('\nThe rollout continues.');
  let before = seen;
  const read = async (): Promise<RolloutView> => {
    const now = (await findRollout(temporal, which.workflowId)) ?? before;
    print(newEntries(before.status.log, now.status.log), options);
    before = now.status.log.length === 0 ? before : now;
    return now;
  };
  try {
    await poll(read, { until: ({ running }) => !running || !isRead(), everyMs: POLL_MS });
    return 0;
  } finally {
    stay();
  }
}

function print(entries: readonly LogEntry[], options: LogsOptions): void {
  for (const { atMs, what, by } of entries) {
    const who = by === undefined ? '' : ` (by ${singleLine(by)})`;
    const text = escaped(`${formatTime(atMs, localZone(), Date.now())}  ${singleLine(what)}${who}`);
    say(options, 'log-entry', { text, json: { atMs, what, by } });
  }
}

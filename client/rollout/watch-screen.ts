import { clearScreenDown, moveCursor } from 'node:readline';
import { stripVTControlCharacters } from 'node:util';
import { logEntryLine } from '../../rules/report/rollout';
import { headline } from '../../rules/report/rollout-headline';
import type { RolloutStatus } from '../../rules/rollout/status/status';
import type { LogEntry } from '../../rules/rollout/state/log';
import type { RolloutView } from '../temporal/find-rollout';
import type { CommonOptions } from '../options';
import type { Answer } from '../terminal/output';
import { localZone, paint } from '../terminal/render';

export type Screen = (seen: RolloutView, answer: Answer) => void;

/** How a watch is shown: one picture redrawn on a terminal, lines in a file, one JSON object per change with `--json`. */
export function watchScreen(options: CommonOptions): Screen {
  if (options.json === true) return jsonLines();
  return process.stdout.isTTY ? picture() : lines();
}

function picture(): Screen {
  let rows = 0;
  return (seen, answer) => {
    const text = paint(answer.text) + (seen.queryError === undefined ? '' : `\n(${seen.queryError})`);
    if (rows > 0) moveCursor(process.stdout, -process.stdout.columns, -rows);
    clearScreenDown(process.stdout);
    process.stdout.write(`${text}\n`);
    rows = rowsOf(text, process.stdout.columns);
  };
}

/** Long lines take several rows of the terminal. */
function rowsOf(text: string, columns: number): number {
  const widths = stripVTControlCharacters(text)
    .split('\n')
    .map((line) => [...line].length);
  return widths.reduce((sum, width) => sum + Math.max(1, Math.ceil(width / columns)), 0);
}

function lines(): Screen {
  let last: RolloutStatus | undefined;
  return (seen, answer) => {
    const { status } = seen;
    const before = last;
    last = status;
    if (before === undefined) return void process.stdout.write(`${paint(answer.text)}\n\n`);
    for (const entry of newEntries(before.log, status.log))
      process.stdout.write(`${paint(`- ${logEntryLine(entry, localZone(), Date.now())}`)}\n`);
    if (
      status.phase !== before.phase ||
      status.percentage !== before.percentage ||
      status.health.outcome !== before.health.outcome
    )
      process.stdout.write(`${paint(`**${headline(status, Date.now(), localZone(), 'still')}**`)}\n`);
  };
}

/** The new entries of a log of bounded length. */
export function newEntries(before: readonly LogEntry[], now: readonly LogEntry[]): readonly LogEntry[] {
  const last = before.at(-1);
  if (last === undefined) return now;
  const at = now.findLastIndex((entry) => entry.atMs === last.atMs && entry.what === last.what);
  return now.slice(at + 1);
}

function jsonLines(): Screen {
  let last = '';
  return (seen, answer) => {
    // A check that finds the same is no change, although its time differs.
    const { atMs: _atMs, ...health } = seen.status.health;
    const key = JSON.stringify({ ...answer.json, health });
    if (key === last) return;
    last = key;
    process.stdout.write(`${JSON.stringify(answer.json)}\n`);
  };
}

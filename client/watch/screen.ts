import { headline } from '../../rules/report/rollout-headline';
import { logEntryLine } from '../../rules/report/rollout';
import type { RolloutStatus } from '../../rules/rollout/status/status';
import type { LogEntry } from '../../rules/rollout/state/log';
import { singleLine } from '../../rules/format';
import type { RolloutView } from '../temporal/find-rollout';
import { withLook } from '../temporal/last-look';
import { type CommonOptions, commandLine } from '../options';
import type { RolloutAnswer } from '../answers/answers';
import { type Answer, jsonLine, say, warn } from '../terminal/output';
import { pasteable } from '../terminal/hints';
import { sayWaits } from '../terminal/patience';
import { localZone, paint } from '../terminal/render';
import { frameOf } from './frame';

type RolloutShown = Answer<RolloutAnswer>;

/** How a watch is shown. */
export interface Screen {
  readonly show: (seen: RolloutView, answer: RolloutShown) => void;
  /** What went wrong with the watch itself. */
  readonly note: (text: string) => void;
  /** Leaves the terminal as it was. */
  readonly close: () => void;
}

/**
 * A picture of the size of the terminal; one line per change where there is none, or where it is asked for; one JSON object per
 * change with `--json`.
 */
export function watchScreen(options: CommonOptions & { readonly plain?: boolean }): Screen {
  if (options.json === true) return jsonLines();
  const isPlain = options.plain === true || process.env['TERM'] === 'dumb';
  return process.stdout.isTTY && !isPlain ? picture(options) : lines();
}

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
/** The row is cleared before it is written: after a full row the cursor is still on its last character. */
const row = (index: number, text: string): string => `\u001b[${index + 1};1H\u001b[2K${text}`;

/** On the alternate screen: nothing scrolls, and the end of the watch gives back what was there before. */
function picture(options: CommonOptions): Screen {
  const { stdout } = process;
  let last: { readonly seen: RolloutView; readonly answer: RolloutShown } | undefined;
  let problem: string | undefined;
  const draw = (): void => {
    if (last === undefined) return;
    const { seen } = last;
    const typed = commandLine('VERB', seen.status.environment, options);
    const { columns = 80, rows = 24 } = stdout;
    const around = { columns, rows, nowMs: Date.now(), zone: localZone(), typed, note: problem ?? noteOf(seen) };
    const frame = frameOf(withLook(seen.status, seen.look), around);
    stdout.write(frame.map((text, index) => row(index, text)).join(''));
  };
  const enter = (): void => {
    stdout.write(ENTER);
    draw();
  };
  const leave = (): void => void stdout.write(LEAVE);
  // Ctrl-Z: the shell gets its own screen meanwhile.
  const stop = (): void => {
    leave();
    process.kill(process.pid, 'SIGSTOP');
  };
  sayWaits(false);
  stdout.on('resize', draw);
  process.on('SIGTSTP', stop).on('SIGCONT', enter).on('exit', leave);
  enter();
  return {
    show: (seen, answer) => {
      [last, problem] = [{ seen, answer }, undefined];
      draw();
    },
    note: (text) => {
      problem = text;
      draw();
    },
    close: () => {
      stdout.off('resize', draw);
      process.off('SIGTSTP', stop).off('SIGCONT', enter).off('exit', leave);
      leave();
      if (last !== undefined) say(options, 'rollout', last.answer);
    },
  };
}

function noteOf({ concerns = [], queryError }: RolloutView): string | undefined {
  const [concern] = concerns;
  if (concern !== undefined) return `UNWATCHED: ${singleLine(concern.why)}. ${singleLine(concern.remedy)}.`;
  return queryError === undefined ? undefined : `Shown is only what Temporal knows: ${singleLine(queryError)}.`;
}

function lines(): Screen {
  let last: RolloutStatus | undefined;
  const show = ({ status }: RolloutView, answer: Answer): void => {
    const before = last;
    last = status;
    if (before === undefined) return void process.stdout.write(`${paint(pasteable(answer.text))}\n\n`);
    for (const entry of newEntries(before.log, status.log))
      process.stdout.write(`${paint(`- ${logEntryLine(entry, localZone(), Date.now())}`)}\n`);
    if (
      status.phase !== before.phase ||
      status.percentage !== before.percentage ||
      status.health.outcome !== before.health.outcome
    )
      process.stdout.write(`${paint(`**${headline(status, Date.now(), localZone(), 'still')}**`)}\n`);
  };
  return { show, note: warn, close: () => undefined };
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
  const show = (seen: RolloutView, answer: RolloutShown): void => {
    const key = changeKey(seen, answer);
    if (key === last) return;
    last = key;
    process.stdout.write(`${jsonLine('rollout', answer.json)}\n`);
  };
  return { show, note: warn, close: () => undefined };
}

/** A check that finds the same is no change, although its time and its measurements differ. */
function changeKey({ status }: RolloutView, { json }: RolloutShown): string {
  const { atMs: _atMs, ...health } = status.health;
  return JSON.stringify({
    ...json,
    health,
    checkedAtMs: undefined,
    guards: status.guards.map(({ name, outcome }) => [name, outcome]),
  });
}

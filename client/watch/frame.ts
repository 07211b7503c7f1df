import pc from 'picocolors';
import { formatDuration, formatTime, percent, singleLine, unescaped } from '../../rules/format';
import { guardRows } from '../../rules/report/guards';
import { bar, logEntryLine, stepLine, untilWords } from '../../rules/report/rollout';
import { headline } from '../../rules/report/rollout-headline';
import { gateWords, sayingOnce, type Unsaid } from '../../rules/report/waits';
import type { RolloutStatus } from '../../rules/rollout/status/status';
import { paintOf } from '../terminal/render';
import { cut, widthOf, wrapped } from '../terminal/width';

/** The size of a terminal, and the moment that is shown. */
export interface Around {
  readonly columns: number;
  readonly rows: number;
  readonly nowMs: number;
  /** IANA name of the zone for the times. */
  readonly zone: string;
  /** How the verbs are typed here: `npx rollout VERB prod`. */
  readonly typed: string;
  /** What went wrong with the watch itself. */
  readonly note?: string | undefined;
}

interface Line {
  readonly text: string;
  readonly paint?: (text: string) => string;
}

const HEADLINE_ROWS = 3;
const FOOT = 'Ctrl-C ends the watch, not the rollout.';

/**
 * A rollout in a terminal of any size: exactly so many rows, none wider than the columns. Headline, bar and the last row are always
 * there; of the rest the wait comes first, then guards, gates and diagnosis, and the log gets what is left.
 */
export function frameOf(status: RolloutStatus, around: Around): readonly string[] {
  const { columns, rows, nowMs, zone, note } = around;
  const first = headline(status, nowMs, zone);
  const unsaid = sayingOnce(first);
  const top = [
    ...firstRows(plain(first), HEADLINE_ROWS, columns).map((text): Line => ({ text, paint: paintOf(first) })),
    { text: [bar(status).replaceAll('`', ''), stepLine(status)].join('  ').trim(), paint: pc.cyan },
  ];
  const foot: Line[] = [
    ...(note === undefined ? [] : [{ text: note, paint: pc.yellow }]),
    { text: `${formatTime(nowMs, zone, nowMs)}  ${FOOT}`, paint: pc.dim },
  ];
  const blocks = [
    { lines: waitBlock(status, around, unsaid), keep: 'first' },
    { lines: guardBlock(status, around, unsaid), keep: 'first' },
    { lines: gateBlock(status, around, unsaid), keep: 'first' },
    { lines: diagnosisBlock(status), keep: 'first' },
    { lines: logBlock(status, around), keep: 'last' },
  ] as const;
  let room = rows - top.length - foot.length;
  const middle: Line[] = [];
  for (const { lines, keep } of blocks) {
    const shown = fitted(lines, room - 1, keep);
    if (shown.length === 0) continue;
    middle.push({ text: '' }, ...shown);
    room -= shown.length + 1;
  }
  const all = [...top, ...middle].slice(0, Math.max(0, rows - foot.length));
  const blank = Array.from({ length: Math.max(0, rows - all.length - foot.length) }, (): Line => ({ text: '' }));
  return [...all, ...blank, ...foot].slice(-rows).map(({ text, paint = String }) => paint(cut(text, columns)));
}

/** As many lines of a block as there is room for, with its title; nothing when there is room for the title alone. */
function fitted(lines: readonly Line[], room: number, keep: 'first' | 'last'): readonly Line[] {
  if (lines.length <= room) return lines;
  if (room < 2) return [];
  const [title, ...rest] = lines;
  if (title === undefined) return [];
  if (keep === 'last') return [title, ...rest.slice(-(room - 1))];
  const shown = rest.slice(0, room - 2);
  return [title, ...shown, { text: `… and ${rest.length - shown.length} more`, paint: pc.dim }];
}

/** A text in at most so many rows, the last one cut. */
function firstRows(text: string, most: number, columns: number): readonly string[] {
  const lines = wrapped(text, Math.max(1, columns));
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), lines.slice(most - 1).join(' ')];
}

/** A text made for Markdown, as plain text of one line. */
const plain = (text: string): string => unescaped(text.replace(/(?<!\\)[`*]/g, ''));

const labelled = (label: string, words: string | undefined): string =>
  words === undefined ? label : `${label}: ${plain(words)}`;

function waitBlock(status: RolloutStatus, { nowMs, zone, typed }: Around, unsaid: Unsaid): readonly Line[] {
  const { wait, outcome } = status;
  if (outcome !== undefined || wait === undefined) return [];
  const words = unsaid(wait.why);
  const since = `since ${formatTime(wait.sinceMs, zone, nowMs)} (${formatDuration(nowMs - wait.sinceMs)})`;
  const { deadline, verbs } = wait;
  const late = deadline === undefined ? [] : [deadlineLine(deadline, nowMs, zone)];
  return [
    { text: `Waiting: ${words === undefined ? '' : `${plain(words)}, `}${since}` },
    { text: `Until:   ${plain(untilWords(status, { nowMs, zone, reading: 'live' }))}` },
    ...late,
    ...(verbs.length === 0 ? [] : [{ text: `You can: ${verbs.join(', ')}  (${typed})` }]),
  ];
}

function deadlineLine(
  { atMs, then }: NonNullable<NonNullable<RolloutStatus['wait']>['deadline']>,
  nowMs: number,
  zone: string,
): Line {
  const when = formatTime(atMs, zone, nowMs);
  if (atMs <= nowMs) return { text: `OVERDUE: it should have ended by ${when}`, paint: pc.red };
  return { text: `At most: ${when}, then it is ${then === 'abort' ? 'aborted' : 'reported as overdue'}` };
}

function guardBlock(status: RolloutStatus, { nowMs, zone, columns }: Around, unsaid: Unsaid): readonly Line[] {
  const { guards, checkedAtMs, outcome } = status;
  if (guards.length === 0 || outcome !== undefined) return [];
  const when = checkedAtMs === undefined ? '' : ` (checked ${formatTime(checkedAtMs, zone, nowMs)})`;
  const rows = guardRows(status).map(({ text, why, isHealthy }): Line => {
    const words = why === undefined || widthOf(text) + 20 > columns ? undefined : unsaid(why);
    return { text: labelled(text, words), paint: isHealthy ? pc.green : pc.red };
  });
  return [{ text: `Guards${when}`, paint: pc.bold }, ...rows];
}

/** Each closed gate with its reason, all open ones in one line. */
function gateBlock(status: RolloutStatus, { nowMs, zone }: Around, unsaid: Unsaid): readonly Line[] {
  const { gates, next, checklist, health } = status;
  if (gates.length === 0) return [];
  const open = gates.filter((gate) => gate.open).map(({ gate }) => gate);
  const closed = gates.flatMap((one): Line[] => {
    const { gate, fromMs } = one;
    if (one.open) return [];
    const from = fromMs === undefined ? '' : `, not before ${formatTime(fromMs, zone, nowMs)}`;
    const items = gate === 'checklist' ? checklist.filter(({ state }) => state === 'open') : [];
    return [
      { text: `${labelled(`✗ ${gate}`, gateWords(one, health, unsaid))}${from}`, paint: pc.yellow },
      ...items.map(({ id, why }) => ({ text: `  ☐ ${id}: ${singleLine(why ?? 'open')}` })),
    ];
  });
  const title = `Before ${next === undefined ? 'the next raise' : percent(next)}: ${open.length} of ${gates.length} gates open`;
  return [
    { text: title, paint: pc.bold },
    ...closed,
    ...(open.length === 0 ? [] : [{ text: `✓ ${open.join(', ')}`, paint: pc.green }]),
  ];
}

function diagnosisBlock({ diagnosis }: RolloutStatus): readonly Line[] {
  if (diagnosis === undefined) return [];
  const { line, causes } = diagnosis;
  return [
    { text: `Diagnosis: ${singleLine(line)}`, paint: pc.bold },
    ...causes.map(({ cause, remedy }) => ({ text: `  ${singleLine(cause)} → ${singleLine(remedy)}` })),
  ];
}

function logBlock({ log }: RolloutStatus, { nowMs, zone }: Around): readonly Line[] {
  if (log.length === 0) return [];
  return [
    { text: 'Last entries', paint: pc.bold },
    ...log.map((entry) => ({ text: plain(logEntryLine(entry, zone, nowMs)) })),
  ];
}

import { figure, lasting } from '../guards/judgement';
import type { GuardHealth, Measured } from '../guards/verdict';
import type { RolloutStatus } from '../rollout/status/status';
import { singleLine } from '../format';

const MARKS = { healthy: '✓', breach: '✗', error: '?', 'no-data': '?', inconclusive: '…' } as const;
const BARS = '▁▂▃▄▅▆▇█';
const BARS_SHOWN = 12;

/** One row of a guard: its state, and what it measured beside its limit. */
export interface GuardRow {
  readonly name: string;
  readonly isHealthy: boolean;
  /** Plain text, in columns. */
  readonly text: string;
  /** Without the name of the guard; only where there is no measurement, or it is not healthy. */
  readonly why?: string;
}

/**
 * The guards of the present step, the worst first: one row each. What is in order and has no figure, as an alarm that
 * is OK, shares one row.
 */
export function guardRows({ guards }: Pick<RolloutStatus, 'guards'>): readonly GuardRow[] {
  const quiet = guards.filter(isQuiet);
  const shown = guards.filter((guard) => !isQuiet(guard)).toSorted((a, b) => urgency(a) - urgency(b));
  const cells = shown.map(cellsOf);
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(0, ...cells.map((row) => lengthOf(row[column] ?? ''))));
  const rows = shown.map((guard, i): GuardRow => {
    const text = (cells[i] ?? [])
      .map((cell, column) => padded(cell, widths[column] ?? 0))
      .filter((cell) => cell !== '');
    const isHealthy = guard.outcome === 'healthy';
    const why = isHealthy && guard.measured !== undefined ? undefined : whyOf(guard);
    return { name: guard.name, isHealthy, text: text.join('  ').trimEnd(), why };
  });
  return quiet.length === 0 ? rows : [...rows, quietRow(quiet, rows.length > 0)];
}

const isQuiet = ({ outcome, measured }: GuardHealth): boolean => outcome === 'healthy' && measured === undefined;

function quietRow(quiet: readonly GuardHealth[], hasOthers: boolean): GuardRow {
  const [only] = quiet;
  const name =
    quiet.length === 1 && only !== undefined ? only.name : hasOthers ? `${quiet.length} others` : `all ${quiet.length}`;
  return { name, isHealthy: true, text: `✓ ${name}: OK` };
}

const URGENCY = ['breach', 'error', 'no-data', 'inconclusive', 'healthy'];
const urgency = ({ outcome }: GuardHealth): number => URGENCY.indexOf(outcome);

/** Name, value, limit, samples, trend. */
function cellsOf({ name, outcome, measured, samples }: GuardHealth): readonly string[] {
  const state = outcome === 'healthy' ? '' : outcome;
  const count = samples === undefined ? '' : `${samples.seen} of ${samples.wanted} samples`;
  const value = measured === undefined ? state : [state, valueWords(measured)].filter((word) => word !== '').join(': ');
  return [`${MARKS[outcome]} ${singleLine(name)}`, value, limitWords(measured), count, sparkline(measured?.trend)];
}

/** `97.5 % (91.2 to 99.1)` */
function valueWords({ value, unit, low, high }: Measured): string {
  const between = low === undefined || high === undefined ? '' : ` (${figure(low)} to ${figure(high)})`;
  return `${amount(value, unit)}${between}`;
}

function limitWords(measured: Measured | undefined): string {
  if (measured === undefined) return '';
  const { above, below, unit } = measured;
  const bounds = [
    ...(above === undefined ? [] : [`above ${bound(above, unit)}`]),
    ...(below === undefined ? [] : [`below ${bound(below, unit)}`]),
  ];
  return bounds.length === 0 ? '' : `limit ${bounds.join(', ')}`;
}

const amount = (value: number, unit: string): string =>
  unit === 'ms' ? lasting(value) : `${figure(value)} ${singleLine(unit)}`.trim();

/** Beside the value, which has the whole unit. */
const bound = (value: number, unit: string): string =>
  unit === 'ms' ? lasting(value) : unit.startsWith('%') ? `${figure(value)} %` : figure(value);

/** The last values between the lowest and the highest of them; empty for a single one. */
export function sparkline(values: readonly number[] = []): string {
  const shown = values.slice(-BARS_SHOWN);
  if (shown.length < 2) return '';
  const [low, high] = [Math.min(...shown), Math.max(...shown)];
  const level = (value: number): number => (high === low ? 0 : Math.round(((value - low) / (high - low)) * 7));
  return shown.map((value) => BARS[level(value)]).join('');
}

/** A finding begins with the name of its guard. */
const whyOf = ({ name, why }: GuardHealth): string => (why.startsWith(`${name} `) ? why.slice(name.length + 1) : why);

const lengthOf = (text: string): number => [...text].length;
const padded = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - lengthOf(text)));

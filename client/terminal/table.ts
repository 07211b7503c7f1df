import Table from 'cli-table3';
import pc from 'picocolors';
import { widthOf, wrapped } from './width';

interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Columns of the terminal; without one, as in a pipe, lines have no limit. */
export const terminalWidth = ({ isTTY, columns }: NodeJS.WriteStream = process.stdout): number =>
  isTTY ? columns : Infinity;

/** A border and a space on both sides of each cell, and the last border. */
const frameWidth = (columns: number): number => 3 * columns + 1;
const NARROWEST = 8;

/** A table no wider than `width`: the widest columns give way, and their cells are wrapped. */
export function tableText(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width = terminalWidth(),
): string {
  const natural = columns.map(({ title }, i) =>
    Math.max(...[title, ...rows.map((row) => row[i] ?? '')].flatMap((cell) => cell.split('\n')).map(widthOf)),
  );
  const widths = narrowed(natural, width - frameWidth(columns.length));
  const table = new Table({
    head: columns.map(({ title }) => pc.bold(title)),
    style: { head: [], border: [], compact: true },
    colAligns: columns.map(({ align = 'left' }) => align),
  });
  for (const row of rows) table.push(row.map((cell, i) => fitted(cell, widths[i] ?? Infinity)));
  return table.toString();
}

const fitted = (cell: string, width: number): string =>
  cell
    .split('\n')
    .flatMap((line) => (widthOf(line) <= width ? [line] : wrapped(line, width)))
    .join('\n');

/** The widths that fit into the room: only the widest are reduced, and all of these to the same width. */
function narrowed(natural: readonly number[], room: number): readonly number[] {
  let most = Math.max(...natural);
  const sum = (): number => natural.reduce((total, width) => total + Math.min(width, most), 0);
  while (sum() > room && most > NARROWEST) most -= 1;
  return natural.map((width) => Math.min(width, most));
}

import type { BenchTable } from './bench';
import type { Machine } from './machine';

/** The table as text: the first column to the left, numbers to the right. */
export function inWords({ title, columns, rows, notes = [] }: BenchTable, machine: Machine): string {
  const cells = [columns, ...rows].map((row) => row.map(cell));
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => (row[index] ?? '').length)));
  const lines = cells.map((row) =>
    row
      .map((text, index) => (index === 0 ? text.padEnd(widths[index]!) : text.padStart(widths[index]!)))
      .join('  ')
      .trimEnd(),
  );
  const { cpu, cores, memoryGiB, node, commit } = machine;
  const where = `${cpu}, ${cores} cores, ${memoryGiB} GiB, Node ${node}, commit ${commit}`;
  return [title, '', ...lines, '', ...notes, where].join('\n');
}

const count = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

const cell = (value: string | number): string => (typeof value === 'number' ? count.format(value) : value);

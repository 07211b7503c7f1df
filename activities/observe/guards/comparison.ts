import type { ComparisonGuard } from '../../../rules/guards/guard';
import type { ComparisonReading, SideReading } from '../../../rules/guards/readings';
import { readEvents } from './log-events';
import type { Observation } from './observation';

/** The newest of both sides together: enough for any test, and quick to read. */
const MOST_LINES = 20_000;

/**
 * Durations and outcomes of both backends in the same time, from the JSON lines that both write. Skips a line that is no
 * JSON object, or of neither backend.
 * @throws when the group does not exist, or CloudWatch Logs does not answer.
 */
export async function readComparison(guard: ComparisonGuard, look: Observation): Promise<ComparisonReading> {
  const { name, group, pattern, side } = guard;
  const { events } = await readEvents(
    { group, pattern, fromMs: look.sinceMs, toMs: look.nowMs, most: MOST_LINES },
    look,
  );
  const lines = events.flatMap(({ message }) => linesOf(message));
  const of = (value: string): SideReading =>
    sideOf(
      lines.filter((line) => String(fieldOf(line, side.field)) === value),
      guard,
    );
  return { name, kind: 'comparison', fresh: of(side.fresh), baseline: of(side.baseline) };
}

type Line = Readonly<Record<string, unknown>>;

function sideOf(lines: readonly Line[], { durationField, failure }: ComparisonGuard): SideReading {
  const durations = durationField === undefined ? [] : lines.map((line) => fieldOf(line, durationField));
  const failed = lines.filter(
    (line) => failure !== undefined && (failure.values as readonly unknown[]).includes(fieldOf(line, failure.field)),
  );
  return {
    durationsMs: durations.filter((value): value is number => typeof value === 'number' && Number.isFinite(value)),
    total: lines.length,
    failed: failed.length,
  };
}

function linesOf(message: string): readonly Line[] {
  try {
    const parsed: unknown = JSON.parse(message);
    return typeof parsed === 'object' && parsed !== null ? [parsed as Line] : [];
  } catch {
    return [];
  }
}

/** The field of that name, or by a path such as `request.backend`. */
function fieldOf(line: Line, path: string): unknown {
  if (path in line) return line[path];
  return path
    .split('.')
    .reduce<unknown>(
      (value, key) => (typeof value === 'object' && value !== null ? (value as Line)[key] : undefined),
      line,
    );
}

import type { GuardHealth, HealthOutcome, Measured } from '../../guards/verdict';
import type { Fact } from './facts';
import type { PlannedGuard } from './planned-guards';

/** What is known of one guard or alarm over time. */
export interface GuardCourse {
  readonly name: string;
  /** As the plan has it; absent when only the history knows it. */
  readonly planned?: PlannedGuard;
  /** The newest finding; absent when none is known. */
  readonly now?: GuardHealth & { readonly atMs: number };
  /** Its outcome from each of these moments on. A check without news has the same outcome, so there is no gap. */
  readonly outcomes: readonly { readonly atMs: number; readonly outcome: HealthOutcome }[];
  /** Known only for the checks that brought news. */
  readonly values: readonly (Measured & { readonly atMs: number })[];
}

export interface Newest {
  readonly atMs: number;
  readonly guards: readonly GuardHealth[];
}

/**
 * One for each guard of the plan, in its order, then those that only the history knows.
 * @param newest the findings that the rollout itself reports, if it answers.
 */
export function guardCourses(
  planned: readonly PlannedGuard[],
  facts: readonly Fact[],
  newest: Newest | undefined,
): readonly GuardCourse[] {
  const checks: Newest[] = facts
    .filter((fact) => fact.kind === 'checked')
    .map(({ atMs, verdict: { guards } }) => ({ atMs, guards }));
  if (newest !== undefined && newest.guards.length > 0) checks.push(newest);
  checks.sort((a, b) => a.atMs - b.atMs);
  const names = new Set([
    ...planned.map(({ name }) => name),
    ...checks.flatMap(({ guards }) => guards.map(({ name }) => name)),
  ]);
  return [...names].map((name) => ({
    ...courseOfGuard(name, checks),
    planned: planned.find((one) => one.name === name),
  }));
}

function courseOfGuard(name: string, checks: readonly Newest[]): GuardCourse {
  const found = checks.flatMap(({ atMs, guards }) =>
    guards.filter((guard) => guard.name === name).map((guard) => ({ ...guard, atMs })),
  );
  return {
    name,
    now: found.at(-1),
    outcomes: found
      .filter(({ outcome }, index) => outcome !== found[index - 1]?.outcome)
      .map(({ atMs, outcome }) => ({ atMs, outcome })),
    values: found.flatMap(({ atMs, measured }) => (measured === undefined ? [] : [{ ...measured, atMs }])),
  };
}

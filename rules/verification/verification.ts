import type { EnvironmentPlan } from '../plan/environment-plan';
import type { Refusal } from '../refusal';
import { type CheckAnswer, namedCheck, questionWords } from '../checks/check';
import { PARTS } from './part-names';
import { isNamed, isRequired, partsOf, PART_WORDS, unverifiable } from './parts';

/** "Post-Deployment Verification", part by part; the same for the query, the CLI and the Web UI. Plain JSON, times in ms since 1970. */
export interface Verification {
  readonly service: string;
  readonly environment: string;
  readonly by: string;
  readonly reason?: string;
  readonly startedAtMs: number;
  readonly parts: readonly Part[];
  /** Template of the verified deployment; without it the result belongs to no deployment and is not recorded. */
  readonly template?: string;
  readonly outcome?: 'passed' | 'failed' | 'refused';
  readonly endedAtMs?: number;
  /** Reason of the outcome, in one line. */
  readonly why?: string;
  readonly refusal?: Refusal;
  /** What else the operator should know: what is not recorded, what is not verified. */
  readonly notes: readonly string[];
}

/**
 * `not-verified`: the part could not run, and the plan decides whether that counts. `left-out`: a rule skipped it, with the
 * reason; it counts only if `require` names it.
 */
export type PartState = 'open' | 'running' | 'passed' | 'failed' | 'not-verified' | 'left-out';

export interface Part extends PartFacts {
  /** Name of a part or of a check. */
  readonly part: string;
  readonly state: PartState;
  readonly why: string;
  /** Whether the verification fails when this part cannot run. */
  readonly required: boolean;
  /** Set if the plan's `require` names it: then it also fails when a rule leaves it out. */
  readonly named?: boolean;
  readonly startedAtMs?: number;
  /** Its time limit while it runs. */
  readonly untilMs?: number;
  readonly endedAtMs?: number;
}

/** Evidence of a part, for programs. */
export interface PartFacts {
  /** Id of the job at the API. */
  readonly job?: string;
  /** Name of the execution of Step Functions. */
  readonly execution?: string;
  /** The side it ran on, as the API names it. */
  readonly backend?: string;
  /** How the new side was reached: through the API, or by starting its execution directly. */
  readonly way?: 'api' | 'direct';
  /** Differences from the golden results. */
  readonly differences?: readonly string[];
  /** What a check found: status, exit code, output. */
  readonly evidence?: CheckAnswer['evidence'];
  /** It could not be checked: there was no answer, or no worker. */
  readonly unseen?: boolean;
}

interface Beginning {
  readonly plan: EnvironmentPlan;
  readonly by: string;
  readonly reason?: string;
  readonly nowMs: number;
  readonly template?: string;
}

export function beginVerification({ plan, by, reason, nowMs, template }: Beginning): Verification {
  return {
    service: plan.service,
    environment: plan.environment,
    by,
    reason,
    startedAtMs: nowMs,
    parts: partsOf(plan).map((part) => partAtFirst(plan, part)),
    template,
    notes: [],
  };
}

function partAtFirst(plan: EnvironmentPlan, part: string): Part {
  const required = isRequired(plan, part);
  const named = isNamed(plan, part) || undefined;
  const check = plan.verification.checks?.includes(part) === true ? namedCheck(plan.checks, part) : undefined;
  if (check !== undefined) return { part, state: 'open', why: questionWords(check), required, named };
  const known = PARTS.find((one) => one === part);
  const cannot = known === undefined ? `the plan has no check ${part}` : unverifiable(plan, known);
  if (known !== undefined && cannot === undefined)
    return { part, state: 'open', why: PART_WORDS[known], required, named };
  return { part, state: 'not-verified', why: cannot ?? '', required, named };
}

export function withPart(verification: Verification, part: string, change: Partial<Part>): Verification {
  const parts = verification.parts.map((one) => (one.part === part ? { ...one, ...change } : one));
  return { ...verification, parts };
}

export const stateOf = ({ parts }: Verification, part: string): PartState | undefined =>
  parts.find((one) => one.part === part)?.state;

/**
 * The parts that prevent it from passing: failed parts, and required parts that could not run or be checked. A part that was
 * checked and is wrong always counts.
 */
export function inTheWay({ parts }: Pick<Verification, 'parts'>): readonly Part[] {
  return parts.filter(
    ({ state, required, named }) =>
      state === 'failed' || (state === 'not-verified' && required) || (state === 'left-out' && named === true),
  );
}

/** The change of an ended part: one that could not be checked fails only if the plan requires it. */
export function endedPart({ parts }: Verification, part: string, change: Partial<Part>): Partial<Part> {
  const required = parts.find((one) => one.part === part)?.required ?? true;
  if (change.state !== 'failed' || change.unseen !== true || required) return change;
  return { ...change, state: 'not-verified' };
}

/** Passed only if every part that ran passed and every required part ran. Without any passed part nothing is verified. */
export function conclude(verification: Verification, nowMs: number): Verification {
  const bad = inTheWay(verification);
  const count = (wanted: PartState): number => verification.parts.filter(({ state }) => state === wanted).length;
  const passed = bad.length === 0 && count('passed') > 0;
  const others = verification.parts.filter(({ state }) => state === 'not-verified' || state === 'left-out');
  const aside = others.map(
    ({ part, state, why }) => `${state === 'left-out' ? 'left out' : 'not verified'}: ${part} (${why})`,
  );
  const good = `${count('passed')} of ${verification.parts.length} parts passed`;
  return {
    ...verification,
    outcome: passed ? 'passed' : 'failed',
    endedAtMs: nowMs,
    why: passed ? [good, ...aside].join('; ') : failureWords(bad),
  };
}

const ENDED: Readonly<Partial<Record<PartState, string>>> = { failed: 'failed', 'left-out': 'required and left out' };

function failureWords(bad: readonly Part[]): string {
  if (bad.length === 0) return 'nothing was verified';
  return bad.map(({ part, state, why }) => `${part} ${ENDED[state] ?? 'not verified'}: ${why}`).join('; ');
}

/** Undefined when the plan says what to verify. */
export function notAsked({ verification, environment }: EnvironmentPlan): Refusal | undefined {
  if (verification.monitorMs > 0) return undefined;
  const why = `the plan names nothing to verify in ${environment}`;
  return { rule: 'plan', why, remedy: 'write `verification` under the environment, at least `{ monitor: 30m }`' };
}

export const refused = (verification: Verification, refusal: Refusal, nowMs: number): Verification => ({
  ...verification,
  outcome: 'refused',
  endedAtMs: nowMs,
  why: refusal.why,
  refusal,
});

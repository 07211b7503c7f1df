import type { EnvironmentPlan } from '../plan/environment-plan';
import type { Refusal } from '../refusal';
import { singleLine } from '../format';
import type { PartName } from './part-names';
import { isNamed, isRequired, partsOf, PART_WORDS, unverifiable } from './parts';

/** "Post-Deployment Verification", part by part; the same for the query, the CLI and the Web UI. Plain JSON, times in ms since 1970. */
export interface Verification {
  readonly service: string;
  readonly environment: string;
  readonly by: string;
  readonly reason?: string;
  readonly startedAtMs: number;
  readonly parts: readonly Part[];
  /** Of the deployment that is verified; without it the result is bound to none, and nothing is recorded. */
  readonly template?: string;
  readonly outcome?: 'passed' | 'failed' | 'refused';
  readonly endedAtMs?: number;
  /** Of the outcome, in one line. */
  readonly why?: string;
  readonly refusal?: Refusal;
  /** What somebody should know beside it: what is not recorded, what is not verified. */
  readonly notes: readonly string[];
}

/**
 * `not-verified` could not be run, and whether that counts is the plan's decision; `left-out` was not run by a rule, with the
 * reason, and counts only where `require` names it.
 */
export type PartState = 'open' | 'running' | 'passed' | 'failed' | 'not-verified' | 'left-out';

export interface Part extends PartFacts {
  readonly part: PartName;
  readonly state: PartState;
  readonly why: string;
  /** Whether the verification fails when this part cannot be run. */
  readonly required: boolean;
  /** Set where the plan's `require` names it: then it fails too when a rule leaves it out. */
  readonly named?: boolean;
  readonly startedAtMs?: number;
  /** Its time limit while it runs. */
  readonly untilMs?: number;
  readonly endedAtMs?: number;
}

/** What a part rests on, for programs. */
export interface PartFacts {
  /** Of the job at the API. */
  readonly job?: string;
  /** Name of the execution of Step Functions. */
  readonly execution?: string;
  readonly backend?: 'step-functions' | 'nextflow';
  /** How Step Functions was reached: through the API, or by starting its execution directly. */
  readonly way?: 'api' | 'direct';
  /** From the golden results. */
  readonly differences?: readonly string[];
  /** It could not be looked at: nobody answered, or no worker was there. */
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

function partAtFirst(plan: EnvironmentPlan, part: PartName): Part {
  const cannot = unverifiable(plan, part);
  const required = isRequired(plan, part);
  const named = isNamed(plan, part) || undefined;
  if (cannot === undefined) return { part, state: 'open', why: PART_WORDS[part], required, named };
  return { part, state: 'not-verified', why: cannot, required, named };
}

export function withPart(verification: Verification, part: PartName, change: Partial<Part>): Verification {
  const parts = verification.parts.map((one) => (one.part === part ? { ...one, ...change } : one));
  return { ...verification, parts };
}

export const stateOf = ({ parts }: Verification, part: PartName): PartState | undefined =>
  parts.find((one) => one.part === part)?.state;

/**
 * What stops it from passing: parts that failed, and parts that could not be run or looked at although the plan requires them.
 * One that was looked at and is wrong counts in any case.
 */
export function inTheWay({ parts }: Pick<Verification, 'parts'>): readonly Part[] {
  return parts.filter(
    ({ state, required, named }) =>
      state === 'failed' || (state === 'not-verified' && required) || (state === 'left-out' && named === true),
  );
}

/** The change of a part that has ended: one that could not be looked at fails only where the plan requires it. */
export function endedPart({ parts }: Verification, part: PartName, change: Partial<Part>): Partial<Part> {
  const required = parts.find((one) => one.part === part)?.required ?? true;
  if (change.state !== 'failed' || change.unseen !== true || required) return change;
  return { ...change, state: 'not-verified' };
}

/** Passed only when every part that was run passed and every required one was run. Nothing that was run is no verification. */
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
  return { rule: 'plan', why, remedy: 'write `verification` under the environment, at the least `{ monitor: 30m }`' };
}

export const refused = (verification: Verification, refusal: Refusal, nowMs: number): Verification => ({
  ...verification,
  outcome: 'refused',
  endedAtMs: nowMs,
  why: refusal.why,
  refusal,
});

const MARKS: Readonly<Record<PartState, string>> = {
  open: '·',
  running: '…',
  passed: '✓',
  failed: '✗',
  'not-verified': '?',
  'left-out': '–',
};
const SAID: Readonly<Partial<Record<PartState, string>>> = {
  'not-verified': 'not verified: ',
  'left-out': 'left out: ',
};

export const partLine = ({ part, state, why }: Part): string =>
  `${MARKS[state]} ${part}: ${SAID[state] ?? ''}${singleLine(why)}`;

/** Markdown, one line a part, with the differences under it. */
export function describeVerification(verification: Verification): string {
  const { service, environment, by, reason, parts, outcome, why, notes } = verification;
  const title = `**${service} ${environment}: verification**, by ${by}${reason === undefined ? '' : `: ${singleLine(reason)}`}`;
  const lines = parts.flatMap((part) => [
    `- ${partLine(part)}`,
    ...(part.differences ?? []).map((difference) => `  - ${singleLine(difference)}`),
  ]);
  const end = outcome === undefined ? [] : ['', `**${outcome}**: ${singleLine(why ?? '')}`];
  return [title, '', ...lines, ...end, ...notes.map((note) => `- Note: ${singleLine(note)}`)].join('\n');
}

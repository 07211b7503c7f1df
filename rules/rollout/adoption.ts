import type { EnvironmentPlan } from '../plan/environment-plan';
import { formatDuration, percent } from '../format';
import { whoWrote } from './drift';
import { hold } from './pause-hold';
import { momentOf } from './state/clock';
import type { Adoption, AdoptionState } from './state/adoption';
import { type FlagFound, withGeneration } from './state/flag';
import { note } from './state/log';
import { end, type RolloutState } from './state/state';
import { entering } from './state/step';
import { CLOCKS_DIFFER_MS } from './state/watch';

type Asked = Pick<EnvironmentPlan, 'steps' | 'flag' | 'delivery'>;

const HOUR_MS = 3_600_000;
/** CloudWatch keeps the history of an alarm for this long. */
const ALARMS_KNOWN_MS = 30 * 24 * HOUR_MS;

/** From when alarms and guards count for a flag that is adopted. */
export const countedFromMs = ({ sinceMs }: Pick<Adoption, 'sinceMs'>, nowMs: number): number =>
  Math.max(Math.min(sinceMs ?? nowMs, nowMs), nowMs - ALARMS_KNOWN_MS);

/** The flag to take over; undefined when there is none, and once it was taken over. */
export function openAdoption({ adoption }: Pick<RolloutState, 'adoption'>): AdoptionState | undefined {
  return adoption?.adoptedAtMs === undefined ? adoption : undefined;
}

/**
 * The flag as an adopting rollout found it, which writes nothing. Any other value than the operator saw ends it as refused: it has
 * raised nothing, and somebody else may have written 0 %.
 */
export function recordAdopted(
  plan: Asked,
  state: RolloutState & { readonly adoption: AdoptionState },
  flag: FlagFound,
  nowMs: number,
): RolloutState {
  const { adoption } = state;
  const { percentage } = flag;
  const read = { ...withGeneration(state.flag, flag.generation, flag.version), percentage, known: true };
  const why = changedSince(adoption, flag);
  if (why !== undefined)
    return end({ ...state, flag: { ...read, readAtMs: nowMs } }, { outcome: 'refused', why, atMs: nowMs });
  const index = stepAt(plan, percentage);
  const soak = soakOf(plan.steps[index]?.soakMs ?? 0, adoption, nowMs);
  const fromMs = countedFromMs(adoption, nowMs) - CLOCKS_DIFFER_MS;
  const highestGeneration = Math.max(read.highestGeneration, adoption.highestGeneration);
  const adopted: RolloutState = {
    ...state,
    adoption: { ...adoption, adoptedAtMs: nowMs },
    flag: { ...read, readAtMs: nowMs, highestGeneration, raiseRequested: true },
    // What an operator asked before it was adopted still holds it.
    step: {
      ...entering(state.step, index, momentOf(state, soak.fromMs)),
      extendedUntil: state.step.extendedUntil,
      promoted: undefined,
      promotedAt: undefined,
    },
    watch: { ...state.watch, sinceMs: fromMs, holdsSinceMs: fromMs, health: undefined },
    delivery: plan.delivery === undefined ? undefined : deliveredBefore(state, percentage, nowMs),
  };
  const what = `adopts ${percent(percentage)}, as found, ${whoWrote(flag)}; ${soak.words}`;
  const noted = note(adopted, { atMs: nowMs, what, by: state.startedBy });
  const unfit = unfitFor(plan, flag);
  return unfit === undefined ? noted : hold(noted, { why: unfit, sinceMs: nowMs, because: 'drift' });
}

/** The highest step not above the percentage; -1 when every step is above it. */
export const stepAt = ({ steps }: Pick<EnvironmentPlan, 'steps'>, percentage: number): number =>
  steps.filter((step) => step.percentage <= percentage).length - 1;

/** Why a rollout of this plan may not continue from this value unless an operator resumes it; undefined when it may. */
export function unfitFor(
  { steps, flag }: Pick<EnvironmentPlan, 'steps' | 'flag'>,
  { percentage, salt = flag.salt }: Pick<FlagFound, 'percentage' | 'salt'>,
): string | undefined {
  if (salt !== flag.salt)
    return `the flag has another salt than the plan: the next raise would choose other jobs; correct flag.salt of the plan and adopt again, or abort; \`resume\` continues with the plan's salt`;
  if (steps.some((step) => step.percentage === percentage)) return undefined;
  const next = steps[stepAt({ steps }, percentage) + 1]?.percentage;
  const then = next === undefined ? 'no step is above it' : `\`resume\` continues with the step of ${percent(next)}`;
  const all = steps.map((step) => step.percentage).join(', ');
  return `the flag is at ${percent(percentage)}, which is no step of the plan (${all}): ${then}, \`abort\` writes 0 %`;
}

/** At least so much of a soak is watched by the adopting rollout itself, so that an operator sees it before it raises. */
export const ownSoakMs = (soakMs: number): number => Math.min(soakMs, HOUR_MS);

/** What is left of a soak: all of it, unless the record proves since when it counts. */
export const soakLeftMs = (soakMs: number, soakedSinceMs: number | undefined, nowMs: number): number =>
  Math.max(ownSoakMs(soakMs), Math.min(soakMs, (soakedSinceMs ?? nowMs) + soakMs - nowMs));

function soakOf(soakMs: number, { soakedSinceMs }: Adoption, nowMs: number) {
  const leftMs = soakLeftMs(soakMs, soakedSinceMs, nowMs);
  const fromMs = nowMs + leftMs - soakMs;
  const words =
    fromMs === nowMs
      ? `it soaks from now on, for ${formatDuration(soakMs)}`
      : `by the audit record it soaks since ${new Date(soakedSinceMs ?? nowMs).toISOString()}, and for ${formatDuration(leftMs)} more`;
  return { fromMs, words };
}

function changedSince(adoption: Adoption, flag: FlagFound): string | undefined {
  const { percentage, generation, version } = flag;
  if (percentage === 0)
    return `the flag is at 0 % by now, ${whoWrote(flag)}: there is nothing to adopt; \`rollout start\` begins at the first step`;
  const counted = version !== undefined && adoption.version !== undefined;
  const same =
    percentage === adoption.percentage &&
    generation === adoption.generation &&
    (!counted || version === adoption.version);
  if (same) return undefined;
  return `the flag was changed since you looked at it: ${percent(adoption.percentage)} (generation ${adoption.generation}) then, ${percent(percentage)} (generation ${generation}) now, ${whoWrote(flag)}; run \`rollout adopt\` again`;
}

/**
 * As after the lost rollout's own delivery: variables or weights that differ are an outside change, which stops or holds and is not
 * overwritten. Somebody may have switched the API itself to the old side meanwhile.
 */
const deliveredBefore = (state: RolloutState, percentage: number, nowMs: number): RolloutState['delivery'] => ({
  percentage,
  since: momentOf(state, nowMs),
  progress: { before: {}, stood: true },
});

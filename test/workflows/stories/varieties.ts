import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import type { StoryWorld } from './world';

/** What the stories of the pure model have not: probe jobs, and another Temporal that drives the same flag. */
const [OWNED_FROM_THE_START, PROBED, REFUSED_BY_A_PROBE] = [7, 5, 15];
const OF = 20;

const ANOTHER = 'rollout-of-another-temporal';
/** One of ten loses the flag to another rollout for two rounds. */
const LOSES_IT = 3;
const LOST_FOR = [2, 4] as const;

const probes = (nth: number): boolean => [PROBED, REFUSED_BY_A_PROBE].includes(nth % OF);

export const planOf = (nth: number, plan: EnvironmentPlan): EnvironmentPlan =>
  probes(nth) ? { ...plan, verification: { ...plan.verification, probeJobs: 1 } } : plan;

export function prepare(nth: number, world: StoryWorld): void {
  if (nth % OF === OWNED_FROM_THE_START) world.ownedBy(ANOTHER);
  if (nth % OF === REFUSED_BY_A_PROBE) world.aws.probe = { verdict: 'refused', why: 'a job is lost, by the story' };
}

/** Another Temporal takes the flag over, or leaves it. In words; undefined where nothing of it happens. */
export function owns(nth: number, round: number, world: StoryWorld): string | undefined {
  if (nth % 10 !== LOSES_IT || !LOST_FOR.some((one) => one === round)) return undefined;
  const owner = round === LOST_FOR[0] ? ANOTHER : undefined;
  world.ownedBy(owner);
  return `the flag is owned by ${owner ?? 'nobody'}`;
}

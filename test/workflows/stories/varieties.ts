import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { HOUR_MS } from '../../helpers/samples/plans';
import type { WriteGoes } from '../../rules/rollout/reference/happenings';
import { HEALTHY } from '../../rules/rollout/reference/world';
import type { Deed } from './deeds';
import type { StoryWorld } from './world';

/**
 * What the stories of the pure model have not, or too seldom for so few: probe jobs, another Temporal that drives the same
 * flag, and freezes by hand, long pauses, checks without a result, a first raise that is overtaken, and one person for two,
 * while nothing else is in the way of a raise.
 */
const [OWNED_FROM_THE_START, PROBED, REFUSED_BY_A_PROBE] = [7, 5, 15];
const OF = 20;

const ANOTHER = 'rollout-of-another-temporal';
/** One of ten loses the flag to another rollout for two rounds. */
const LOSES_IT = 3;
const LOST_FOR = [2, 4] as const;

/** One of ten is frozen, half of them without a word to the rollout. */
const FROZEN = 9;
const FROZEN_MS = 100 * HOUR_MS;
/** And one is paused twice, for two rounds each. */
const PAUSED = 1;
const PAUSES: Readonly<Record<number, Deed>> = {
  0: { kind: 'pause' },
  2: { kind: 'resume' },
  3: { kind: 'pause' },
  5: { kind: 'resume' },
};
/** And in one the checks have no result for four rounds: one half of them has no data, the other too little. */
const BLIND = 8;
const SEES_AGAIN = 4;
/** In one of ten something overtakes the first raise: each of `overtakes` in `deeds.ts` in turn, of which there are seven. */
const OVERTAKEN = 4;
/** Chooses the next one of them for each, and is as long as that raise is late. */
const LATER_MS = 701;
const OVERTAKEN_GOES: readonly WriteGoes[] = [
  'slow, written when overtaken',
  'slow, lost when overtaken',
  'slow, unanswered when overtaken',
  'slow, late when overtaken',
];
/** In one of ten one person approves under two names what two have to. */
const APPROVED_TWICE = 2;
const PLAIN: readonly number[] = [FROZEN, PAUSED, BLIND, OVERTAKEN, APPROVED_TWICE];

const probes = (nth: number): boolean => [PROBED, REFUSED_BY_A_PROBE].includes(nth % OF);

export function planOf(nth: number, plan: EnvironmentPlan): EnvironmentPlan {
  if (probes(nth)) return { ...plan, verification: { ...plan.verification, probeJobs: 1 } };
  if (!PLAIN.includes(nth % 10)) return plan;
  const approvals = { ...plan.approvals, required: nth % 10 === APPROVED_TWICE ? 2 : 0 };
  return { ...plan, windows: [], freezes: [], checklist: [], approvals, freezeParameter: '/pavi/prod/freezes' };
}

export function prepare(nth: number, world: StoryWorld): void {
  if (nth % OF === OWNED_FROM_THE_START) world.ownedBy(ANOTHER);
  if (nth % 10 === OVERTAKEN) {
    const which = Math.trunc(nth / 10);
    world.nextWrite = { goes: OVERTAKEN_GOES[which % OVERTAKEN_GOES.length] ?? 'well', ms: which * LATER_MS };
  }
  if (nth % OF === REFUSED_BY_A_PROBE) world.aws.probe = { verdict: 'refused', why: 'a job is lost, by the story' };
}

/** Another Temporal takes the flag over, or leaves it. In words; undefined where nothing of it happens. */
export function owns(nth: number, round: number, world: StoryWorld): string | undefined {
  if (nth % 10 !== LOSES_IT || !LOST_FOR.some((one) => one === round)) return undefined;
  const owner = round === LOST_FOR[0] ? ANOTHER : undefined;
  world.ownedBy(owner);
  return `the flag is owned by ${owner ?? 'nobody'}`;
}

/** What happens first in a round. In the first one the first raise may have been written already. */
export function firstDeeds(nth: number, round: number): readonly Deed[] {
  const freeze: Deed = { kind: 'freeze', forMs: FROZEN_MS, told: nth % OF === FROZEN };
  if (nth % 10 === FROZEN) return round === 0 ? [freeze] : [];
  if (nth % 10 === BLIND) return blind(nth, round);
  if (nth % 10 === APPROVED_TWICE) return round > 0 ? [] : ['bob', 'BOB '].map((by): Deed => ({ kind: 'approve', by }));
  const pause = nth % 10 === PAUSED ? PAUSES[round] : undefined;
  return pause === undefined ? [] : [pause];
}

function blind(nth: number, round: number): readonly Deed[] {
  const outcome = nth % OF === BLIND ? 'no-data' : 'inconclusive';
  if (round === 0) return [{ kind: 'verdict', verdict: { ...HEALTHY, outcome, why: `${outcome} by the story` } }];
  return round === SEES_AGAIN ? [{ kind: 'verdict', verdict: HEALTHY }] : [];
}

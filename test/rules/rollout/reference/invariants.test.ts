import fc from 'fast-check';
import { FAILED_ALARM } from '../../../helpers/samples/plans';
import type { Happening } from './happenings';
import { spanOf, tell } from './happenings';
import { Simulation } from './simulation';
import type { Story } from './stories';
import { CONSENT, HELPS, story } from './stories';

/** Repeats a run: `STORY_SEED=… npm run test:rules`. Without it every run tells the same stories. */
const SEED = Number(process.env['STORY_SEED'] ?? 20_260_310);
let tried = 0;
afterAll(() => void process.stdout.write(`interleavings tried: ${tried} (STORY_SEED=${SEED})\n`));

/** Runs a story to its end, or to the first violation. */
function play(
  { plan, startMs, happenings }: Story,
  check: (simulation: Simulation, now: Happening) => void,
): Simulation {
  const simulation = new Simulation(plan, startMs);
  for (const happening of happenings) {
    simulation.happen(happening);
    complaintsOf(simulation);
    check(simulation, happening);
  }
  return simulation;
}

function complaintsOf({ reference }: Simulation): void {
  if (reference.complaints.length > 0) throw new Error(reference.complaints.join('; '));
}

/** A failing story is shrunk to the shortest, and printed. */
function always(
  numRuns: number,
  check: (simulation: Simulation, now: Happening) => void,
  atTheEnd: (simulation: Simulation) => void = () => undefined,
): void {
  const property = fc.property(story, (one) => {
    tried += 1;
    atTheEnd(play(one, check));
  });
  const { failed, counterexample, errorInstance, numShrinks } = fc.check(property, { numRuns, seed: SEED });
  if (!failed || counterexample === null) return;
  const why = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  throw new Error(`${why}\n${told(counterexample[0])}\n(STORY_SEED=${SEED}, shrunk ${numShrinks} times)`);
}

function told({ plan, startMs, happenings }: Story): string {
  const { steps, windows, freezes, approvals, checklist, limits, freezeParameter } = plan;
  const parts = { steps, windows, freezes, approvals, checklist, limits, freezeParameter };
  const lines = Object.entries(parts).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`);
  let atMs = 0;
  for (const happening of happenings) {
    lines.push(`  ${spanOf(atMs)}: ${tell(happening)}`);
    if ('ms' in happening && happening.kind !== 'write') atMs += happening.ms;
  }
  return [`a rollout started at ${new Date(startMs).toISOString()}`, ...lines].join('\n');
}

function must(holds: boolean, why: string): void {
  if (!holds) throw new Error(why);
}

/** Invariants 1 and 3: what asks for a stop is heard at once, and what does not ask for one is not. */
function stopsWhenItMust({ state, reference, world }: Simulation): void {
  if (reference.ended) return;
  must(!reference.stopped || state.stop !== undefined, 'a stop is not heard');
  must(state.stop === undefined || reference.stopped || reference.mayStop, `stopped for nothing: ${state.stop?.why}`);
  const waitsForAWrite = state.zero.problem !== undefined || world.zeroUndone;
  must(state.stop === undefined || waitsForAWrite || world.flag.percentage === 0, 'stopped, and not at 0');
}

/** Invariant 12. */
function explainsEveryWait({ last, nowMs, state }: Simulation): void {
  if (last?.do !== 'wait' || state.outcome !== undefined) return;
  const { why, verbs, phase, sinceMs, untilMs, deadline } = last;
  must(why.length > 10, `a wait says too little: ${why}`);
  must(verbs.includes('abort') || phase === 'rolling-back', `a wait that no verb leaves: ${why}`);
  must(sinceMs <= nowMs, `a wait since later: ${why}`);
  must(untilMs === undefined || untilMs > nowMs, `a wait until earlier: ${why}`);
  must(deadline?.then !== 'abort' || deadline.atMs > nowMs, `a wait beyond its limit: ${why}`);
}

const everyTime = (simulation: Simulation): void => {
  stopsWhenItMust(simulation);
  explainsEveryWait(simulation);
};

const going = ({ reference }: Simulation): boolean => !reference.ended && !reference.stopped;
const SECOND_LOOK: Happening = { kind: 'pass', ms: 12_000 };
const MANY_LOOKS = Array.from({ length: 4 }, () => SECOND_LOOK);

function then(simulation: Simulation, happenings: readonly Happening[]): void {
  for (const happening of happenings) {
    simulation.happen(happening);
    complaintsOf(simulation);
    everyTime(simulation);
  }
}

describe('rollout, whatever happens in whatever order', () => {
  it('keeps the invariants, as a reference counts them', () => always(6_000, everyTime));

  it('is at 0 at once and ends there when an abort is given, in every state, also over a late write or edit', () =>
    always(1_500, everyTime, (simulation) => {
      const { outcome } = simulation.state;
      const wasGoing = going(simulation);
      simulation.happen({ kind: 'zero-fails', times: 0 });
      then(simulation, [{ kind: 'abort' }]);
      if (outcome !== undefined) return expect(simulation.state.outcome).toEqual(outcome);
      if (wasGoing) expect(simulation.world.flag.percentage).toBe(0);
      then(simulation, [{ kind: 'edit', percentage: 30, generations: 1 }, ...MANY_LOOKS]);
      expect(simulation.state.outcome?.outcome).toMatch(/aborted|rolled-back/);
      expect(simulation.world.flag.percentage).toBe(0);
    }));

  it('goes back at once on a breach, whatever timer, pause, window, hold or approval is pending', () =>
    always(2_000, everyTime, (simulation) => {
      if (!going(simulation) || !simulation.reference.exposed) return;
      simulation.happen({ kind: 'zero-fails', times: 0 });
      then(simulation, [{ kind: 'push', alarm: FAILED_ALARM, agoMs: 0 }]);
      expect(simulation.state.stop?.kind).toBe('breach');
      expect(simulation.world.flag.percentage).toBe(0);
      then(simulation, MANY_LOOKS);
      expect(simulation.state.outcome?.outcome).toBe('rolled-back');
    }));

  it('is never stuck: an operator who does what each wait asks for brings every story to its end', () =>
    always(2_000, everyTime, (simulation) => {
      then(simulation, [
        { kind: 'zero-fails', times: 0 },
        { kind: 'unfreeze', told: true },
      ]);
      for (let round = 0; round < 40 && !simulation.reference.ended; round += 1) {
        then(simulation, HELPS);
        const { last } = simulation;
        then(simulation, last?.do === 'wait' && last.phase === 'approving' ? CONSENT : [{ kind: 'wait' }]);
      }
      expect(simulation.state.outcome).toBeDefined();
      if (simulation.state.stop === undefined) expect(simulation.state.outcome?.outcome).toMatch(/completed|refused/);
    }));
});

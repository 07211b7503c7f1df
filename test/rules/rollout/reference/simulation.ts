import { verdictKey } from '../../../../rules/guards/verdict-of';
import type { EnvironmentPlan } from '../../../../rules/plan/environment-plan';
import { recordProof } from '../../../../rules/rollout/checklist';
import type { Decision } from '../../../../rules/rollout/decision';
import type { WaitDecision } from '../../../../rules/rollout/wait';
import { decide } from '../../../../rules/rollout/decide';
import { isKnown, knownFlags, recordDrift, recordFlagSeen } from '../../../../rules/rollout/drift';
import { recordFlag } from '../../../../rules/rollout/reconcile';
import { recordOwned } from '../../../../rules/rollout/owner';
import * as halt from '../../../../rules/rollout/pause-hold';
import * as record from '../../../../rules/rollout/state/state';
import type { FlagReading } from '../../../../rules/rollout/state/flag';
import type { RolloutState } from '../../../../rules/rollout/state/state';
import { recordZero, recordZeroCheck, recordZeroProblem } from '../../../../rules/rollout/zero';
import type { Happening } from './happenings';
import { happen } from './happen';
import { Reference } from './reference';
import { STARTER } from './reference-people';
import { World } from './world';

type Raise = Extract<Decision, { do: 'set-traffic' }>;

/** How often a passing time wakes the rollout at most; then the rest of it passes at once. */
const WAKES = 30;
const [BETWEEN_ZEROS_MS, LONGEST_WAIT_MS] = [3_000, 10 * 86_400_000] as const;

/**
 * The rules driven without Temporal, as `workflows/rollout/rollout.ts` drives them: everything that can happen happens in
 * any order, also while a raise is under way, and every event is passed to the reference.
 */
export class Simulation {
  nowMs: number;
  state: RolloutState;
  readonly world = new World();
  readonly reference: Reference;
  last: Decision | undefined;
  private flight: (Raise & { readonly generation: number; readonly endsAtMs: number }) | undefined;
  private zeroAgainMs = -Infinity;
  private owns = false;

  constructor(
    readonly plan: EnvironmentPlan,
    startMs: number,
  ) {
    this.nowMs = startMs;
    this.state = record.begin(STARTER, undefined, startMs);
    this.reference = new Reference(plan, startMs);
  }

  happen(happening: Happening): void {
    if (happening.kind === 'pass') return this.pass(happening.ms);
    if (happening.kind === 'wait') return this.pass(Math.min(LONGEST_WAIT_MS, this.wakesAtMs() - this.nowMs));
    if (happening.kind === 'away') this.go(this.nowMs + happening.ms);
    else happen(this, happening);
    this.settle();
  }

  /** Time passes, and the rollout wakes whenever it wanted to. */
  private pass(ms: number): void {
    this.settle();
    const endMs = this.nowMs + ms;
    for (let wakes = 0; wakes < WAKES && this.nowMs < endMs; wakes += 1) {
      this.go(Math.min(endMs, this.wakesAtMs()));
      this.settle();
    }
    this.go(endMs);
    this.settle();
  }

  private go(toMs: number): void {
    this.nowMs = Math.max(this.nowMs, toMs);
    this.reference.nowMs = this.nowMs;
    for (const { percentage } of this.world.arrive(this.nowMs)) this.reference.tookEffect(percentage, true);
  }

  private wakesAtMs(): number {
    const { untilMs, deadline } = (this.last?.do === 'wait' ? this.last : {}) as Partial<WaitDecision>;
    const times = [untilMs, deadline?.atMs, this.flight?.endsAtMs, this.zeroAgainMs, this.world.nextArrivalMs];
    return Math.min(...times.map((atMs) => (atMs === undefined || atMs <= this.nowMs ? Infinity : atMs)));
  }

  /** Carries out decisions until there is only waiting left. */
  settle(): void {
    for (let turn = 0; turn < 60; turn += 1) {
      if (this.flight !== undefined && !this.flies()) return;
      if (this.nowMs < this.zeroAgainMs) return;
      const decision = decide(this.plan, this.state, this.nowMs);
      this.last = decision;
      if (decision.do === 'finish') return this.finish(decision);
      if (decision.do !== 'wait') this.carryOut(decision);
      else if (!this.watchTellsMore()) return;
    }
    this.reference.complain('it does not come to rest');
  }

  private finish({ outcome }: Extract<Decision, { do: 'finish' }>): void {
    if (this.reference.ended) return;
    if (this.state.outcome === undefined) this.state = record.end(this.state, outcome);
    this.reference.finished(outcome.outcome, this.world.flag.percentage);
  }

  /** The watch goes on during every wait, except on the way to zero, and tells when something is new. */
  private watchTellsMore(): boolean {
    const { state, world } = this;
    if (state.stop !== undefined) return false;
    const sameHealth = state.watch.health !== undefined && verdictKey(state.watch.health) === verdictKey(world.looks);
    if (sameHealth && !this.flagIsNews()) return false;
    this.look();
    return true;
  }

  private look(): void {
    this.state = halt.recordVerdict(this.state, { ...this.world.looks, atMs: this.nowMs });
    this.reference.looked(this.world.looks);
    if (this.state.stop !== undefined || !this.flagIsNews()) return;
    const { flag } = this.world;
    this.state = recordFlagSeen(this.plan, this.state, { found: true, ...flag }, this.nowMs);
    this.reference.drifted(flag.percentage);
  }

  private flagIsNews(): boolean {
    const known = knownFlags(this.state);
    return known !== undefined && !isKnown(known, { found: true, ...this.world.flag });
  }

  private carryOut(decision: Exclude<Decision, { do: 'wait' | 'finish' }>): void {
    const { nowMs, world, reference } = this;
    if (!this.owns && /read-flag|-traffic/.test(decision.do)) reference.complain(`${decision.do} by no owner`);
    switch (decision.do) {
      case 'read-flag':
        return this.readFlag();
      case 'take-owner':
        return void ([this.owns, this.state] = [true, recordOwned(this.state)]);
      case 'look':
        return this.look();
      case 'read-freezes': {
        const problem = world.frozenUnreadable ? { problem: 'no answer by the story' } : {};
        const list = world.frozenUnreadable ? (this.state.gates.freezes?.list ?? []) : world.frozen;
        this.state = record.recordFreezes(this.state, { list, readAtMs: nowMs, ...problem });
        return reference.freezesRead(!world.frozenUnreadable);
      }
      case 'prove':
        for (const item of decision.items) {
          this.state = recordProof(this.state, { item, proved: world.proves, why: 'by the story', atMs: nowMs });
          if (world.proves) reference.people.proved(item);
        }
        return;
      case 'probe':
      case 'ask-hooks':
      case 'look-at-deployment':
        throw new Error('no story has a plan that asks for it');
      case 'time-out':
        this.state = halt.stop(this.state, { kind: 'abort', why: decision.why, sinceMs: nowMs });
        return reference.timedOut(decision.why);
      case 'set-traffic':
        return this.raise(decision);
      case 'restore-traffic':
        return this.restore(decision);
      case 'roll-back':
        return this.toZero();
      case 'check-zero':
        this.state = recordZeroCheck(this.state, this.reading(), nowMs);
    }
  }

  private readFlag(): void {
    const reading = this.reading();
    this.state = recordFlag(this.plan, this.state, reading, this.nowMs);
    this.reference.read(reading.found ? reading.percentage : undefined);
  }

  private reading(): FlagReading {
    if (!this.world.readFails) return { found: true, ...this.world.flag };
    this.world.readFails = false;
    return { found: false, why: 'the flag cannot be read, says the story' };
  }

  private toZero(): void {
    const { world, nowMs } = this;
    if (world.zeroFails > 0) {
      world.zeroFails -= 1;
      this.zeroAgainMs = nowMs + BETWEEN_ZEROS_MS;
      this.state = recordZeroProblem(this.state, 'no answer by the story', nowMs);
      return;
    }
    const generation = Math.max(world.flag.generation, this.state.flag.highestGeneration + 1) + 1;
    world.write(0, generation, nowMs);
    this.state = recordZero(this.state, generation, nowMs);
  }

  private raise(decision: Raise): void {
    const { world, state, nowMs } = this;
    const generation = state.flag.highestGeneration + 1;
    this.reference.ordered(decision.percentage);
    this.state = record.raising(state, decision.percentage);
    if (world.flag.generation !== state.flag.generation || world.flag.percentage !== state.flag.percentage) {
      this.state = recordDrift(this.plan, this.state, { found: true, ...world.flag }, nowMs);
      return this.reference.drifted(world.flag.percentage);
    }
    const { goes, ms } = world.nextWrite;
    this.flight = { ...decision, generation, endsAtMs: goes.startsWith('slow') ? nowMs + ms : nowMs };
  }

  private restore({ percentage, stepIndex, over }: Extract<Decision, { do: 'restore-traffic' }>): void {
    const { world, state, nowMs } = this;
    this.reference.restores(percentage);
    if (!over.found || !isKnown([over], { found: true, ...world.flag })) {
      this.state = recordDrift(this.plan, state, { found: true, ...world.flag }, nowMs);
      return this.reference.drifted(world.flag.percentage);
    }
    const generation = state.flag.highestGeneration + 2;
    world.write(percentage, generation, nowMs);
    this.state = record.recordRaise(state, { percentage, generation }, stepIndex, nowMs);
    this.reference.confirmed(percentage);
  }

  /** Whether the raise under way is over now, one way or the other. */
  private flies(): boolean {
    const { flight, world, state, nowMs } = this;
    if (flight === undefined) return true;
    const overtaken = (state.stop ?? state.paused ?? state.held) !== undefined;
    if (!overtaken && nowMs < flight.endsAtMs) return false;
    this.flight = undefined;
    const { goes, ms } = world.nextWrite;
    world.nextWrite = { goes: 'well', ms: 0 };
    const cancelled = goes.startsWith('slow') && !goes.includes('unanswered') && overtaken;
    const { percentage, generation } = flight;
    const ends = goes.startsWith('slow') && !overtaken ? 'well' : goes;
    if (ends.includes('late')) world.writeLate({ percentage, generation, atMs: nowMs + ms });
    if (/well|written|unanswered/.test(ends)) {
      world.write(percentage, generation, nowMs);
      this.reference.tookEffect(percentage);
    }
    this.endFlight(flight, /well|written/.test(ends), cancelled);
    return true;
  }

  private endFlight(
    { percentage, stepIndex, generation }: NonNullable<typeof this.flight>,
    well: boolean,
    cancelled: boolean,
  ): void {
    const { nowMs, reference } = this;
    if (well) {
      this.state = record.recordRaise(this.state, { percentage, generation }, stepIndex, nowMs);
      return reference.confirmed(percentage);
    }
    if (cancelled) return void (this.state = record.recordRaiseCancelled(this.state));
    this.state = halt.hold(this.state, { why: 'unconfirmed', sinceMs: nowMs, because: 'unconfirmed' });
    reference.hold();
  }
}

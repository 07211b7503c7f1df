import { verdictKey } from '../../../rules/health';
import type { Verdict } from '../../../rules/health';
import { recordAlarmChange } from '../../../rules/alarm-change';
import { recordProof } from '../../../rules/checklist';
import type { EnvironmentPlan, Freeze } from '../../../rules/environment-plan';
import type { Decision } from '../../../rules/rollout';
import { decide } from '../../../rules/rollout';
import type { RolloutState } from '../../../rules/rollout-state';
import * as halt from '../../../rules/rollout-halt';
import * as record from '../../../rules/rollout-state';
import { recordDrift, recordFlag } from '../../../rules/rollout-flag';
import { recordZero, recordZeroCheck } from '../../../rules/rollout-zero';

export type Happening =
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'pause' | 'resume' | 'abort' }
  | { readonly kind: 'verdict'; readonly verdict: Omit<Verdict, 'atMs'> }
  | { readonly kind: 'push'; readonly alarm: string; readonly agoMs: number }
  | { readonly kind: 'write'; readonly goes: 'well' | 'lost' | 'unanswered' }
  | { readonly kind: 'edit'; readonly percentage: number; readonly generations: number };

export interface Write {
  readonly percentage: number;
  readonly state: RolloutState;
  readonly atMs: number;
  readonly byUs: boolean;
}

/**
 * The rules driven without Temporal: decisions are carried out at once against a flag that others may edit and that may
 * lose or not answer a write, and everything that can happen happens in any order.
 */
export class Simulation {
  nowMs: number;
  state: RolloutState;
  flag = { percentage: 0, generation: 0, writer: 'cloudformation' };
  readonly writes: Write[] = [];
  readonly decisions: Decision[] = [];
  looks: Omit<Verdict, 'atMs'> = { outcome: 'healthy', why: 'all OK', ringing: [], noticed: [], guards: [] };
  /** As written by hand; read by the rollout when it looks. */
  frozen: Freeze[] = [];
  /** Whether the proofs of the checklist succeed. */
  proves = true;
  nextWrite: 'well' | 'lost' | 'unanswered' = 'well';

  constructor(
    readonly plan: EnvironmentPlan,
    startMs: number,
  ) {
    this.nowMs = startMs;
    this.state = record.begin('ada', undefined, startMs);
  }

  happen(happening: Happening): void {
    const { state, nowMs } = this;
    const why = { why: 'test', sinceMs: nowMs, by: 'bob' };
    switch (happening.kind) {
      case 'pass':
        this.nowMs += happening.ms;
        break;
      case 'pause':
        this.state = halt.pause(state, why);
        break;
      case 'resume':
        this.state = halt.resume(state, why);
        break;
      case 'abort':
        this.state = halt.stop(state, { kind: 'abort', ...why });
        break;
      case 'verdict':
        this.looks = happening.verdict;
        this.see();
        break;
      case 'push': {
        const change = {
          alarm: happening.alarm,
          state: 'ALARM' as const,
          atMs: nowMs - happening.agoMs,
          why: 'threshold crossed',
        };
        this.state = recordAlarmChange(state, this.plan.watch.alarms, change, nowMs);
        break;
      }
      case 'write':
        this.nextWrite = happening.goes;
        break;
      case 'edit':
        this.flag = {
          percentage: happening.percentage,
          generation: this.flag.generation + happening.generations,
          writer: 'somebody',
        };
        this.writes.push({ percentage: happening.percentage, state, atMs: nowMs, byUs: false });
        break;
    }
    this.settle();
  }

  /** Carries out decisions until there is only waiting left. Returns whether it came to rest. */
  settle(): boolean {
    for (let turn = 0; turn < 50; turn += 1) {
      const decision = decide(this.plan, this.state, this.nowMs);
      this.decisions.push(decision);
      if (decision.do === 'wait') return true;
      if (decision.do === 'finish') {
        if (this.state.outcome === undefined) this.state = record.end(this.state, decision.outcome);
        return true;
      }
      this.carryOut(decision);
    }
    return false;
  }

  private carryOut(decision: Exclude<Decision, { do: 'wait' | 'finish' }>): void {
    switch (decision.do) {
      case 'read-flag':
        this.state = recordFlag(this.plan, this.state, { found: true, ...this.flag }, this.nowMs);
        return;
      case 'look':
        this.state = halt.recordVerdict(this.state, { ...this.looks, atMs: this.nowMs });
        return;
      case 'read-freezes':
        this.state = record.recordFreezes(this.state, { list: this.frozen, readAtMs: this.nowMs });
        return;
      case 'prove':
        for (const item of decision.items)
          this.state = recordProof(this.state, { item, proved: this.proves, why: 'test', atMs: this.nowMs });
        return;
      case 'give-up':
        this.state = halt.stop(this.state, { kind: 'abort', why: decision.why, sinceMs: this.nowMs });
        return;
      case 'set-traffic':
        return this.raise(decision);
      case 'roll-back': {
        const generation = Math.max(this.flag.generation, this.state.highestGeneration + 1) + 1;
        this.write(0, generation);
        this.state = recordZero(this.state, generation, this.nowMs);
        return;
      }
      case 'check-zero':
        this.state = recordZeroCheck(this.state, { found: true, ...this.flag }, this.nowMs);
    }
  }

  private raise({ percentage, stepIndex }: Extract<Decision, { do: 'set-traffic' }>): void {
    const { generation: expected, percentage: before } = this.state;
    const generation = this.state.highestGeneration + 1;
    const goes = this.nextWrite;
    this.nextWrite = 'well';
    this.state = record.raising(this.state, percentage);
    if (this.flag.generation !== expected || this.flag.percentage !== before) {
      this.state = recordDrift(this.state, this.flag, this.nowMs);
      return;
    }
    if (goes !== 'lost') this.write(percentage, generation);
    if (goes === 'well') this.state = record.recordRaise(this.state, { percentage, generation }, stepIndex, this.nowMs);
    else this.state = halt.hold(this.state, { why: 'unconfirmed', sinceMs: this.nowMs, because: 'unconfirmed' });
  }

  private write(percentage: number, generation: number): void {
    this.flag = { percentage, generation, writer: 'rollout' };
    this.writes.push({ percentage, state: this.state, atMs: this.nowMs, byUs: true });
  }

  /** The watch tells what is new. */
  private see(): void {
    const { health } = this.state;
    if (health !== undefined && verdictKey(health) === verdictKey(this.looks)) return;
    this.state = halt.recordVerdict(this.state, { ...this.looks, atMs: this.nowMs });
  }
}

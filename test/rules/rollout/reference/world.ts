import type { Freeze } from '../../../../rules/plan/environment-plan';
import type { Verdict } from '../../../../rules/guards/verdict';
import type { WriteGoes } from './happenings';

type Look = Omit<Verdict, 'atMs'>;

export const HEALTHY: Look = { outcome: 'healthy', why: 'all OK', ringing: [], noticed: [], guards: [] };

export interface Write {
  readonly percentage: number;
  readonly atMs: number;
  readonly byUs: boolean;
}

/** A write that was given up and is still on its way. */
interface Late {
  readonly percentage: number;
  readonly generation: number;
  readonly atMs: number;
}

/** Everything outside the rollout: the flag, which any program may edit and which may take a write late, checks, freezes. */
export class World {
  flag = { percentage: 0, generation: 0, writer: 'cloudformation' };
  readonly writes: Write[] = [];
  looks: Look = HEALTHY;
  /** Undefined while they cannot be read. */
  frozen: readonly Freeze[] = [];
  frozenUnreadable = false;
  proves = true;
  readFails = false;
  zeroFails = 0;
  nextWrite: { readonly goes: WriteGoes; readonly ms: number } = { goes: 'well', ms: 0 };
  /** Whether something was written over our last zero. */
  zeroUndone = false;
  private late: Late[] = [];

  write(percentage: number, generation: number, atMs: number): void {
    this.flag = { percentage, generation, writer: 'rollout' };
    this.writes.push({ percentage, atMs, byUs: true });
    this.zeroUndone = percentage !== 0;
  }

  writeLate(late: Late): void {
    this.late.push(late);
  }

  /** Those that arrive now; and when the next one does. */
  arrive(nowMs: number): readonly Late[] {
    const arrived = this.late.filter(({ atMs }) => atMs <= nowMs);
    this.late = this.late.filter(({ atMs }) => atMs > nowMs);
    for (const { percentage, generation, atMs } of arrived) this.write(percentage, generation, atMs);
    return arrived;
  }

  get nextArrivalMs(): number {
    return Math.min(Infinity, ...this.late.map(({ atMs }) => atMs));
  }

  edit(percentage: number, generations: number, atMs: number): void {
    this.flag = { percentage, generation: this.flag.generation + generations, writer: 'somebody' };
    this.writes.push({ percentage, atMs, byUs: false });
    this.zeroUndone = true;
  }
}

import { createHash } from 'node:crypto';
import { Bench } from 'tinybench';
import { bench } from '../bench';
import { median } from '../summary';
import { bytesPerCall } from './allocation';
import { type Contender, contenders } from './contenders';
import { outageReadP99Us } from './outage';

interface FlagsResult {
  readonly rows: readonly {
    readonly name: string;
    readonly evaluationsPerSecond: number;
    readonly bytesPerEvaluation: number;
  }[];
  readonly outageReadP99Us: number;
}

const PERCENTAGE = 25;
const ROUNDS = 5;
/** Evaluations measured at once: enough for the clock, and a fraction of a millisecond for the slowest. */
const PASS = 128;

/** Many different ids, so that no library can profit from caching one. */
const JOBS = Array.from({ length: 4_096 }, (_, index) => uuidOf(index));

export const flags = bench<FlagsResult>({
  run: ({ quick, rounds = ROUNDS, budgetMs = quick ? 5_000 : 10_000 }) => benchFlags(budgetMs, rounds),
  table: ({ rows, outageReadP99Us: p99Us }) => ({
    title: `The same flag at ${PERCENTAGE} %, sticky by job id`,
    columns: ['library', 'evaluations/s', 'bytes each'],
    rows: rows.map(({ name, evaluationsPerSecond, bytesPerEvaluation }) => [
      name,
      evaluationsPerSecond,
      bytesPerEvaluation,
    ]),
    notes: [`A read while SSM is down: p99 ${p99Us} µs`],
  }),
});

/**
 * Evaluations per second and bytes allocated per evaluation, of ours beside other libraries, and how long a read takes
 * while the store of the flags is down. The libraries take turns, so that a busy moment of the machine affects all of them
 * alike.
 */
async function benchFlags(budgetMs: number, times: number): Promise<FlagsResult> {
  const all = await contenders(PERCENTAGE);
  try {
    for (const contender of all) checkShare(contender);
    const timeMs = budgetMs / (all.length + 1) / times;
    const rounds = Array.from({ length: times }, () => msPerPass(all, timeMs));
    const rows = all.map((contender, index) => ({
      name: contender.name,
      evaluationsPerSecond: Math.round((1_000 * PASS) / median(rounds.map((times) => times[index]!))),
      bytesPerEvaluation: Math.round(bytesPerCall(JOBS, contender.isIn)),
    }));
    return { rows, outageReadP99Us: await outageReadP99Us(JOBS, budgetMs / (all.length + 1)) };
  } finally {
    for (const { close } of all) close();
  }
}

/** A fast but wrong answer is worthless. */
function checkShare({ name, isIn }: Contender): void {
  const percentage = (100 * JOBS.filter(isIn).length) / JOBS.length;
  if (Math.abs(percentage - PERCENTAGE) > 3) throw new Error(`${name} lets ${percentage} % in, not ${PERCENTAGE} %`);
}

/**
 * The median time of a pass over some of the ids, of each contender. A pass is so short that other processes interrupt few
 * of them, for any library.
 */
function msPerPass(all: readonly Contender[], timeMs: number): number[] {
  const bench = new Bench({ time: timeMs, iterations: 1, warmupTime: timeMs / 4, warmupIterations: 1 });
  for (const { name, isIn } of all) {
    let next = 0;
    bench.add(name, () => {
      let taken = 0;
      for (let count = 0; count < PASS; count += 1) {
        if (isIn(JOBS[next]!)) taken += 1;
        next = (next + 1) % JOBS.length;
      }
      return taken;
    });
  }
  return bench.runSync().map(({ name, result }) => {
    if (result.state !== 'completed') throw new Error(`${name} was not measured: ${result.state}`);
    return result.latency.p50;
  });
}

function uuidOf(index: number): string {
  const hex = createHash('sha256').update(String(index)).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(12, 15)}`, `a${hex.slice(15, 18)}`, hex.slice(18, 30)].join(
    '-',
  );
}

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchOptions, bench, type BenchTable } from '../bench';
import { type Summary, summary } from '../summary';
import { msUntilZero } from './clock';
import { Fleet } from './fleet';
import { Stage } from './stage';
import { usageOf } from './usage';

interface Level {
  readonly rollouts: number;
  readonly startsPerSecond: number;
  readonly workerCpuMsPerStart: number;
  /** Of the worker while all are live and nothing happens. */
  readonly workerCpuPercent: number;
  readonly workerMb: number;
  /** By API, while all are live and nothing happens. */
  readonly callsPerMinute: Readonly<Record<string, number>>;
  /** Ms from the alarm of one among them until 0 %. */
  readonly reaction: Summary;
}

interface ScaleResult {
  readonly levels: readonly Level[];
  /** Of the worker, from the second level to the last: beyond what its cache of workflows holds. */
  readonly kbPerRollout?: number;
}

const LEVELS = [100, 1_000, 10_000];
const QUICK = [10, 40];
const REACTIONS = 10;
const MINUTE_MS = 60_000;

async function run({ quick, rollouts: asked }: BenchOptions): Promise<ScaleResult> {
  const levels: Level[] = [];
  for (const rollouts of asked === undefined ? (quick ? QUICK : LEVELS) : [asked])
    levels.push(await measure(rollouts, quick ? 10_000 : MINUTE_MS));
  const [before, last] = levels.slice(-2);
  if (before === undefined || last === undefined) return { levels };
  const kbPerRollout = (1_024 * (last.workerMb - before.workerMb)) / (last.rollouts - before.rollouts);
  return { levels, kbPerRollout: Math.round(kbPerRollout) };
}

async function measure(rollouts: number, idleMs: number): Promise<Level> {
  const stage = await Stage.open();
  try {
    const fleet = new Fleet(
      stage,
      Array.from({ length: rollouts }, (_, index) => `scale-${index}`),
    );
    await fleet.setUp();
    const calls = join(stage.place.folder.path, 'calls.json');
    const { pid } = await stage.work(fleet.planFile, {
      env: { BENCH_CALLS: calls },
      preload: './bench/live/count-calls.ts',
    });
    const before = usageOf(pid);
    const startedMs = performance.now();
    await fleet.start();
    await fleet.untilLive();
    const liveS = (performance.now() - startedMs) / 1_000;
    const live = usageOf(pid);
    const counted = (): Record<string, number> => JSON.parse(readFileSync(calls, 'utf8')) as Record<string, number>;
    // A whole interval, so that each look is counted once.
    const first = counted();
    await sleep(idleMs);
    const idle = usageOf(pid);
    const callsPerMinute = Object.entries(counted()).flatMap(([api, count]) => {
      const more = Math.round(((count - (first[api] ?? 0)) * MINUTE_MS) / idleMs);
      return more === 0 ? [] : [[api, more] as const];
    });
    const took: number[] = [];
    for (const { environment, flag } of fleet.plans.slice(0, REACTIONS))
      took.push(await msUntilZero(stage.aws.ssm, flag.parameter, () => fleet.setAlarm(environment, 'ALARM')));
    return {
      rollouts,
      startsPerSecond: Number((rollouts / liveS).toFixed(1)),
      workerCpuMsPerStart: Math.round((1_000 * (live.cpuS - before.cpuS)) / rollouts),
      workerCpuPercent: Number(((100_000 * (idle.cpuS - live.cpuS)) / idleMs).toFixed(1)),
      workerMb: Math.round(idle.residentMb),
      callsPerMinute: Object.fromEntries(callsPerMinute),
      reaction: summary(took),
    };
  } finally {
    await stage.close();
  }
}

function table({ levels, kbPerRollout }: ScaleResult): BenchTable {
  return {
    title: 'One worker process and many live rollouts of one account, with a look each minute',
    columns: [
      'live',
      'starts/s',
      'CPU ms/start',
      'idle CPU %',
      'memory MB',
      'alarm → 0, ms: median',
      'p99',
      'AWS calls a minute',
    ],
    rows: levels.map(({ reaction, ...level }) => [
      level.rollouts,
      level.startsPerSecond,
      level.workerCpuMsPerStart,
      level.workerCpuPercent,
      level.workerMb,
      Math.round(reaction.median),
      Math.round(reaction.p99),
      Object.entries(level.callsPerMinute)
        .map(([api, count]) => `${api} ${count}`)
        .join(', '),
    ]),
    notes:
      kbPerRollout === undefined
        ? []
        : [`Worker memory from the second level to the last: ${kbPerRollout} KB a rollout.`],
  };
}

export const scale = bench({ run, table });

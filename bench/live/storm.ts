import { type BenchOptions, bench, type BenchTable } from '../bench';
import { type Summary, summary } from '../summary';
import { Fleet } from './fleet';
import { Stage } from './stage';

interface StormResult {
  readonly alarms: number;
  /** Ms from the first of the alarms until each parameter was written to 0 %. */
  readonly zero: Summary;
  readonly lastMs: number;
  /** How long it took to set all the alarms: the emulator takes them one after the other. */
  readonly alarmsSetMs: number;
}

const ALARMS = 1_000;
const QUICK = 30;

async function run({ quick, rollouts }: BenchOptions): Promise<StormResult> {
  const stage = await Stage.open();
  try {
    const alarms = rollouts ?? (quick ? QUICK : ALARMS);
    const fleet = new Fleet(
      stage,
      Array.from({ length: alarms }, (_, index) => `storm-${index}`),
    );
    await fleet.setUp();
    await stage.work(fleet.planFile);
    await fleet.start();
    await fleet.untilLive();
    const startedAtMs = Date.now();
    await fleet.setAllAlarms('ALARM');
    const alarmsSetMs = Date.now() - startedAtMs;
    await fleet.until(0);
    const writtenAtMs = await fleet.writtenAtMs();
    const took = writtenAtMs.map((atMs) => atMs - startedAtMs);
    return { alarms, zero: summary(took), lastMs: Math.max(...took), alarmsSetMs };
  } finally {
    await stage.close();
  }
}

function table({ alarms, zero, lastMs, alarmsSetMs }: StormResult): BenchTable {
  const seconds = (ms: number): string => (ms / 1_000).toFixed(1);
  return {
    title: `${alarms} alarms at once among ${alarms} live rollouts: seconds until 0 % is written`,
    columns: ['median', 'p99', 'last', 'all alarms set after'],
    rows: [[seconds(zero.median), seconds(zero.p99), seconds(lastMs), seconds(alarmsSetMs)]],
    notes: [
      'AWS itself takes 3 writes of parameters a second by default (10 with higher throughput): docs/performance.md.',
    ],
  };
}

export const storm = bench({ run, table });

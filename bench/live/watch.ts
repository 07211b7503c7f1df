import { setTimeout as sleep } from 'node:timers/promises';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { type BenchOptions, bench, type BenchTable } from '../bench';
import { type Summary, summary } from '../summary';
import { msUntilZero } from './clock';
import { alarmOf, Fleet } from './fleet';
import { FLOOR_QUEUE } from './floor-worker';
import type { floor } from './floor-workflows';
import { goSignal } from './floor-workflows';
import { measureLoops } from './loops';
import { atMost, Stage } from './stage';

interface Level {
  /** Live rollouts in the account. */
  readonly rollouts: number;
  /** Ms from the alarm until the parameter is confirmed at 0 %. */
  readonly push: Summary;
  /** The same for alarms that no queue brings: the next look of the minute. */
  readonly poll?: Summary;
  /** A bare signal, one activity, a put and a get, between the others' samples. */
  readonly floor: Summary;
}

interface WatchResult {
  readonly levels: readonly Level[];
  readonly minuteLoop: Summary;
  readonly secondLoop: Summary;
}

const MINUTE_MS = 60_000;
const SAMPLES = 40;
const LEVELS = [1, 100, 1_000];
const QUICK = { levels: [1, 20], samples: 10 };
const POLLED = 20;

async function run({ quick, rounds }: BenchOptions): Promise<WatchResult> {
  const samples = rounds ?? (quick ? QUICK.samples : SAMPLES);
  const stage = await Stage.open();
  try {
    await stage.work('none', { program: 'bench/live/floor-worker.ts' });
    const levels: Level[] = [];
    for (const rollouts of quick ? QUICK.levels : LEVELS)
      levels.push(await measure(stage, rollouts, { samples, quick }));
    // Beside the rollouts that are still live.
    const [minuteLoop, secondLoop] = await Promise.all([
      measureLoops(stage, MINUTE_MS, quick ? 2 : POLLED),
      measureLoops(stage, 1_000, POLLED),
    ]);
    return { levels, minuteLoop: summary(minuteLoop), secondLoop: summary(secondLoop) };
  } finally {
    await stage.close();
  }
}

/** One after the other, each beside all others that are live; a floor's sample between two of ours. */
async function measure(
  stage: Stage,
  rollouts: number,
  { samples, quick }: { readonly samples: number; readonly quick: boolean },
): Promise<Level> {
  const count = rollouts === 1 ? samples : Math.max(rollouts, 2 * samples);
  const fleet = new Fleet(
    stage,
    Array.from({ length: count }, (_, index) => `n${rollouts}-${index}`),
  );
  await fleet.setUp();
  const worker = await stage.work(fleet.planFile);
  const [push, floors]: [number[], number[]] = [[], []];
  if (rollouts > 1) {
    await fleet.start();
    await fleet.untilLive();
  }
  const pushed = fleet.plans.slice(0, samples);
  for (const [index, plan] of pushed.entries()) {
    if (rollouts === 1) {
      const alone = fleet.only(index);
      await alone.start();
      await alone.untilLive();
    }
    floors.push(await measureFloor(stage, `/floor/${rollouts}/${index}`));
    const fire = () => fleet.setAlarm(plan.environment, 'ALARM');
    push.push(await msUntilZero(stage.aws.ssm, plan.flag.parameter, fire));
    await sleep(100);
  }
  const poll = rollouts > 1 && !quick ? await measurePoll(stage, fleet, samples) : undefined;
  await worker.stop();
  return { rollouts, push: summary(push), poll: poll && summary(poll), floor: summary(floors) };
}

async function measureFloor(stage: Stage, parameter: string): Promise<number> {
  const { ssm } = stage.aws;
  await ssm.send(new PutParameterCommand({ Name: parameter, Value: '10', Type: 'String' }));
  const handle = await stage.client.workflow.start<typeof floor>('floor', {
    ...{ taskQueue: FLOOR_QUEUE, workflowId: parameter, args: [parameter] },
  });
  await sleep(100);
  return msUntilZero(ssm, parameter, () => handle.signal(goSignal));
}

/** Their alarms have no action any more, so that only a look finds them; they fire at evenly spread moments of the minute. */
async function measurePoll(stage: Stage, fleet: Fleet, from: number): Promise<readonly number[]> {
  const polled = fleet.plans.slice(from, from + POLLED);
  await atMost(8, polled, ({ environment }) => fleet.silence(environment));
  return Promise.all(
    polled.map(async ({ environment, flag }, index) => {
      await sleep((MINUTE_MS * index) / polled.length);
      return msUntilZero(stage.aws.ssm, flag.parameter, () => fleet.setAlarm(environment, 'ALARM'));
    }),
  );
}

function table({ levels, minuteLoop, secondLoop }: WatchResult): BenchTable {
  const row = (what: string, rollouts: number | string, { count, median, p99 }: Summary) => [
    what,
    rollouts,
    count,
    Math.round(median),
    Math.round(p99),
  ];
  return {
    title: 'From the alarm until the parameter is confirmed at 0 %, in ms',
    columns: ['how', 'live rollouts', 'samples', 'median', 'p99'],
    rows: [
      ...levels.flatMap(({ rollouts, push, poll, floor }) => [
        row('floor: signal, activity, put, get', rollouts, floor),
        row('push: alarm, topic, queue, rollout', rollouts, push),
        ...(poll === undefined ? [] : [row('poll: the next look of the minute', rollouts, poll)]),
      ]),
      row('a script that looks each second', '–', secondLoop),
      row('a script that looks each minute', '–', minuteLoop),
    ],
    notes: [`Alarm ${alarmOf('{env}')} of each environment, one queue for all, one worker process.`],
  };
}

export const watch = bench({ run, table });

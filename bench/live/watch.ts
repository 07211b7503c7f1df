import { setTimeout as sleep } from 'node:timers/promises';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { freePort } from '../../sandbox/process/free-port';
import { type BenchOptions, bench, type BenchTable } from '../bench';
import { type Summary, summary } from '../summary';
import { msUntilZero } from './clock';
import { failJob, setUpEvents } from './failing-jobs';
import { alarmOf, Fleet } from './fleet';
import { FLOOR_QUEUE } from './floor-worker';
import type { floor } from './floor-workflows';
import { goSignal } from './floor-workflows';
import { measureLoops } from './loops';
import { measureReaders, type ReadersAfter, REFRESH_MS } from './readers';
import { atMost, Stage } from './stage';

interface Level {
  /** Live rollouts in the account. */
  readonly rollouts: number;
  /** Ms from the alarm until the parameter is confirmed at 0 %. */
  readonly push: Summary;
  /** The same for alarms that no queue brings: the next look of the minute. */
  readonly poll?: Summary;
  /** Ms from the start of the first job that fails until the parameter is confirmed at 0 %, by an event of EventBridge. */
  readonly events?: Summary;
  /** Ms from then until the last of ten instances of an API is at 0 %: told by the relay, and by its own refresh alone. */
  readonly readersByRelay?: Summary;
  readonly readersByRefresh?: Summary;
  /** A bare signal, one activity, a put and a get, between the others' samples. */
  readonly floor: Summary;
}

interface WatchResult {
  readonly levels: readonly Level[];
  /** Not in a quick run, because it takes a minute. */
  readonly minuteLoop?: Summary;
  readonly secondLoop: Summary;
}

const MINUTE_MS = 60_000;
const SAMPLES = 40;
const LEVELS = [1, 100, 1_000];
const QUICK = { levels: [20], samples: 10 };
const POLLED = 20;
const FEW = 10;

interface Size {
  readonly samples: number;
  readonly quick: boolean;
}

async function run({ quick, rounds, rollouts: asked }: BenchOptions): Promise<WatchResult> {
  const samples = rounds ?? (quick ? QUICK.samples : SAMPLES);
  const stage = await Stage.open();
  try {
    await stage.work('none', { program: 'bench/live/floor-worker.ts' });
    const levels: Level[] = [];
    for (const rollouts of asked === undefined ? (quick ? QUICK.levels : LEVELS) : [asked]) {
      console.error(`${rollouts} live rollouts …`);
      levels.push(await measure(stage, rollouts, { samples, quick }));
    }
    console.error('scripts that look each second and each minute …');
    // Beside the rollouts that are still live.
    const [secondLoop, minuteLoop] = await Promise.all([
      measureLoops(stage, 1_000, POLLED),
      quick ? undefined : measureLoops(stage, MINUTE_MS, POLLED),
    ]);
    return { levels, minuteLoop: minuteLoop && summary(minuteLoop), secondLoop: summary(secondLoop) };
  } finally {
    await stage.close();
  }
}

/** One after the other, each beside all others that are live; a floor's sample between two of ours. */
async function measure(stage: Stage, rollouts: number, { samples, quick }: Size): Promise<Level> {
  const count = rollouts === 1 ? samples : Math.max(rollouts, 2 * samples);
  const fleet = new Fleet(
    stage,
    Array.from({ length: count }, (_, index) => `n${rollouts}-${index}`),
  );
  await fleet.setUp();
  const failing = new Fleet(
    stage,
    Array.from({ length: FEW }, (_, index) => `f${rollouts}-${index}`),
    { events: true },
  );
  await setUpEvents(stage, failing.queue, failing.names);
  await failing.setUp();
  const relayPort = await freePort();
  const worker = await stage.work(`${fleet.planFile},${failing.planFile}`, {
    env: { ROLLOUT_RELAY_PORT: String(relayPort) },
  });
  const [push, floors]: [number[], number[]] = [[], []];
  if (rollouts > 1) await liveOnes(fleet, failing);
  const followed: ReadersAfter[] = [];
  for (const [index, plan] of fleet.plans.slice(0, samples).entries()) {
    if (rollouts === 1) {
      await liveOnes(fleet.only(index));
      // The emulator cuts the times of alarms to seconds.
      await sleep(1_000);
    }
    floors.push(await measureFloor(stage, `/floor/${rollouts}/${index}`));
    const fire = () => fleet.setAlarm(plan.environment, 'ALARM');
    const toZero = () => msUntilZero(stage.aws.ssm, plan.flag.parameter, fire);
    if (rollouts > 1 && index < FEW) followed.push(await measureReaders(plan, `http://127.0.0.1:${relayPort}`, toZero));
    else push.push(await toZero());
    await sleep(100);
  }
  const events = rollouts > 1 ? await measureEvents(stage, failing) : undefined;
  const poll = rollouts > 1 && !quick ? await measurePoll(stage, fleet, samples) : undefined;
  await worker.stop();
  const summed = (values: readonly number[] | undefined) =>
    values === undefined || values.length === 0 ? undefined : summary(values);
  return {
    rollouts,
    floor: summary(floors),
    push: summary([...push, ...followed.map(({ zeroMs }) => zeroMs)]),
    events: summed(events),
    poll: summed(poll),
    readersByRelay: summed(followed.map(({ byRelayMs }) => byRelayMs)),
    readersByRefresh: summed(followed.map(({ byRefreshMs }) => byRefreshMs)),
  };
}

async function liveOnes(...fleets: readonly Fleet[]): Promise<void> {
  for (const fleet of fleets) await fleet.start();
  for (const fleet of fleets) await fleet.untilLive();
}

/** The first failed job of each. */
async function measureEvents(stage: Stage, { plans }: Fleet): Promise<readonly number[]> {
  const took: number[] = [];
  for (const { environment, flag } of plans)
    took.push(await msUntilZero(stage.aws.ssm, flag.parameter, () => failJob(stage, environment)));
  return took;
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
      ...levels.flatMap(({ rollouts, push, poll, floor, events, readersByRelay, readersByRefresh }) =>
        [
          ['floor: signal, activity, put, get', floor] as const,
          ['push: alarm, topic, queue, rollout', push] as const,
          ['events: the first job fails, rule, queue, look', events] as const,
          ['poll: the next look of the minute', poll] as const,
          ['then ten API instances, by relay', readersByRelay] as const,
          [`then ten API instances, each ${REFRESH_MS / 1_000} s`, readersByRefresh] as const,
        ].flatMap(([what, found]) => (found === undefined ? [] : [row(what, rollouts, found)])),
      ),
      row('a script that looks each second', '–', secondLoop),
      ...(minuteLoop === undefined ? [] : [row('a script that looks each minute', '–', minuteLoop)]),
    ],
    notes: [`Alarm ${alarmOf('{env}')} of each environment, one queue for all, one worker process.`],
  };
}

export const watch = bench({ run, table });

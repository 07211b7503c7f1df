import type { PayloadCodec } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import fc from 'fast-check';
import { DATA_CONVERTER } from '../../worker/bundle';
import type { RolloutStatus } from '../../rules/rollout/status';
import {
  abortSignal,
  extendUpdate,
  pauseSignal,
  promoteUpdate,
  resumeSignal,
  skipUpdate,
  TASK_QUEUE,
} from '../../workflows/messages';
import { aPlan, DAY_MS } from '../helpers/plans';
import { Rig, type RolloutHandle, statusOf } from '../helpers/rig';
import { until } from '../helpers/until';

/** Two real servers: one that suggests a new run after 50 events. The time-skipping one knows no update without a worker. */
let rig: Rig;
let short: Rig;
beforeAll(
  async () =>
    ([rig, short] = await Promise.all([Rig.startReal(), Rig.startReal('limit.historyCount.suggestContinueAsNew=50')])),
);
afterAll(() => Promise.all([rig.stop(), short.stop()]));

/** Shut for a day, so that nothing comes between two verbs. */
const shut = async (from: Rig) => {
  const nowMs = await from.env.currentTimeMs();
  return aPlan({ freezes: [{ fromMs: nowMs - DAY_MS, toMs: nowMs + DAY_MS, reason: 'by the test' }] });
};

const SIGNALS = { pause: pauseSignal, resume: resumeSignal, abort: abortSignal };
const UPDATES = { extend: extendUpdate, promote: promoteUpdate, skip: skipUpdate };
type Verb = keyof typeof SIGNALS | keyof typeof UPDATES;

/** Sends it; its answer, which a signal has at once and an update only from a worker, is in a list, so that nobody waits for it. */
async function send(handle: RolloutHandle, verb: Verb, by: string): Promise<readonly [Promise<unknown>]> {
  if (verb in SIGNALS) {
    await handle.signal(SIGNALS[verb as keyof typeof SIGNALS], { by });
    return [Promise.resolve()];
  }
  const updateId = `${by}-${Math.random()}`;
  const args: [object] = [{ by, untilMs: Date.now() + DAY_MS, percentage: 10 }];
  const answer = handle.executeUpdate(UPDATES[verb as keyof typeof UPDATES], { args, updateId }).catch(() => undefined);
  const { workflowId } = handle;
  const updateRef = { workflowExecution: { workflowId }, updateId };
  const known = (): Promise<boolean> =>
    rig.env.connection.workflowService.pollWorkflowExecutionUpdate({ namespace: 'default', updateRef }).then(
      () => true,
      () => false,
    );
  await until(known, 'the server has the update');
  return [answer];
}

/** What became of it: who did what, in which order, and what is left of that. How far it has gone on by then does not matter. */
const madeOf = ({ phase, log }: RolloutStatus) => ({
  halted: phase === 'ended' || phase === 'rolling-back' ? 'stops' : phase === 'paused' ? phase : 'goes on',
  did: log.filter(({ by }) => by?.startsWith('no-')).map(({ what, by }) => `${by} ${what.split(':')[0]}`),
});

/** It may have ended by itself. */
const settled = (ending: Promise<unknown>): Promise<unknown> => ending.catch(() => undefined);

async function sendAll(handle: RolloutHandle, verbs: readonly Verb[]): Promise<Promise<unknown>[]> {
  const answers: Promise<unknown>[] = [];
  for (const [index, verb] of verbs.entries()) answers.push(...(await send(handle, verb, `no-${index}`)));
  return answers;
}

const begun = (handle: RolloutHandle): Promise<void> =>
  until(async () => (await statusOf(handle)).phase !== 'starting', 'it has begun');

async function oneByOne(handle: RolloutHandle, verbs: readonly Verb[]): Promise<void> {
  await begun(handle);
  for (const [index, verb] of verbs.entries()) {
    const [answer] = await send(handle, verb, `no-${index}`);
    await answer;
    await statusOf(handle);
  }
}

/** The server puts an update that nobody has taken yet behind all signals: only what is alike has an order before the first task. */
const ALIKE = [Object.keys(SIGNALS), Object.keys(UPDATES)] as readonly (readonly Verb[])[];
const groups = ALIKE.flatMap((names) => names.map((name): readonly [Verb, readonly Verb[]] => [name, names]));

it.each(groups)(
  'what is sent before the first task is obeyed in its order: %s, and then any of %j',
  async (name, names) => {
    const plan = await shut(rig);
    const pairs = names.map((second): readonly Verb[] => [name, second]);
    const more = fc.sample(fc.array(fc.constantFrom(...names), { minLength: 2, maxLength: 3 }), {
      numRuns: 4,
      seed: 5,
    });
    const all = [...pairs, ...more.map((rest): readonly Verb[] => [name, ...rest])];
    const before: RolloutHandle[] = [];
    const asked: Promise<unknown>[] = [];
    for (const verbs of all) {
      const handle = await rig.rollout(plan);
      before.push(handle);
      asked.push(...(await sendAll(handle, verbs)));
    }
    const activities = { ...rig.aws().activities(), takeOwner: async () => ({ taken: true }) };
    await rig.runWith(activities, async () => {
      await Promise.all(asked);
      const compared = await Promise.all(
        all.map(async (verbs, index) => {
          const single = await rig.rollout(plan);
          await oneByOne(single, verbs);
          const at = before[index] as RolloutHandle;
          await begun(at);
          const made = [madeOf(await statusOf(at)), madeOf(await statusOf(single))] as const;
          await Promise.all([at, single].map((one) => settled(one.terminate())));
          return { verbs, together: made[0], alone: made[1] };
        }),
      );
      for (const { verbs, together, alone } of compared) expect({ verbs, ...together }).toEqual({ verbs, ...alone });
    });
  },
);

/** Lets the worker go that is about to hand on to a new run, so that nobody begins that one. */
class BetweenRuns implements PayloadCodec {
  lettingGo: (() => void) | undefined;
  async encode<T extends readonly unknown[]>(payloads: T): Promise<T> {
    // Input and state: what a run hands on.
    if (payloads.length !== 2 || this.lettingGo === undefined) return payloads;
    this.lettingGo();
    this.lettingGo = undefined;
    // Until it asks for no more tasks.
    await new Promise((resolve) => setTimeout(resolve, 500));
    return payloads;
  }
  async decode<T>(payloads: T): Promise<T> {
    return payloads;
  }
}

it.each<[string, readonly Verb[], string]>([
  ['resume, pause', ['resume', 'pause'], 'paused'],
  ['pause, resume, pause', ['pause', 'resume', 'pause'], 'paused'],
])('what is sent between two runs is obeyed in its order: %s', async (_name, verbs, phase) => {
  const between = new BetweenRuns();
  const aws = short.aws();
  const worker = await Worker.create({
    ...{ connection: short.env.nativeConnection, taskQueue: TASK_QUEUE, workflowBundle: short.workflowBundle },
    ...{ activities: aws.activities(), dataConverter: { ...DATA_CONVERTER, payloadCodecs: [between] } },
  });
  let gone = false;
  between.lettingGo = () => {
    gone = true;
    worker.shutdown();
  };
  const running = worker.run();
  const first = await short.rollout(await shut(short));
  const newest = short.env.client.workflow.getHandle(first.workflowId) as RolloutHandle;
  const { runId: firstRunId } = await newest.describe();
  // One at a time: one that comes in while the run hands on would keep it from that.
  while (!gone) {
    await newest.signal(pauseSignal, { by: 'the test' });
    await until(async () => gone || !(await newest.describe()).raw.pendingWorkflowTask, 'it was heard');
  }
  await running;
  const { runId } = await newest.describe();
  expect(runId).not.toBe(firstRunId);
  await Promise.all(await sendAll(newest, verbs));
  await short.run(aws, async () => {
    await until(async () => madeOf(await statusOf(newest)).did.length > 0, 'the new run has begun');
    expect((await statusOf(newest)).phase).toBe(phase);
    await newest.signal(abortSignal);
    await first.result();
  });
});

import type { PayloadCodec } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { DATA_CONVERTER, PATIENCE } from '../../../worker/bundle';
import type { RolloutStatus } from '../../../rules/rollout/status/status';
import { abortSignal, pauseSignal, resumeSignal, TASK_QUEUE, tickUpdate } from '../../../workflows/messages';
import { aPlan, DAY_MS } from '../../helpers/samples/plans';
import { Rig, type RolloutHandle, statusOf } from '../../helpers/temporal/rig';
import { until } from '../../helpers/until';

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
type Verb = keyof typeof SIGNALS;
const VERBS = Object.keys(SIGNALS) as readonly Verb[];

async function sendAll(handle: RolloutHandle, verbs: readonly Verb[]): Promise<void> {
  for (const [index, verb] of verbs.entries()) await handle.signal(SIGNALS[verb], { by: `no-${index}` });
}

/** What is left of verbs in the order in which they were sent. */
function leftOf(verbs: readonly Verb[]): string {
  if (verbs.includes('abort')) return 'stops';
  return verbs.at(-1) === 'pause' ? 'paused' : 'goes on';
}

const madeOf = ({ phase }: RolloutStatus): string =>
  phase === 'ended' || phase === 'rolling-back' ? 'stops' : phase === 'paused' ? phase : 'goes on';

/** It may have ended by itself. */
const settled = (ending: Promise<unknown>): Promise<unknown> => ending.catch(() => undefined);

const begun = (handle: RolloutHandle): Promise<void> =>
  until(async () => (await statusOf(handle)).phase !== 'starting', 'it has begun');

it.each(VERBS)('what is sent before the first task is obeyed in its order: %s, and then any others', async (first) => {
  const plan = await shut(rig);
  const pairs = VERBS.map((second): readonly Verb[] => [first, second]);
  const triples = pairs.flatMap((pair) => VERBS.map((third): readonly Verb[] => [...pair, third]));
  const sent = await Promise.all(
    [...pairs, ...triples].map(async (verbs) => {
      const handle = await rig.rollout(plan);
      await sendAll(handle, verbs);
      return { handle, verbs };
    }),
  );
  await rig.runWith({ ...rig.aws().activities(), takeOwner: async () => ({ taken: true }) }, async () => {
    const made = await Promise.all(
      sent.map(async ({ handle, verbs }) => {
        await begun(handle);
        const left = madeOf(await statusOf(handle));
        await settled(handle.terminate());
        return { verbs, left };
      }),
    );
    expect(made).toEqual(sent.map(({ verbs }) => ({ verbs, left: leftOf(verbs) })));
  });
});

/** Items without any proof. */
const ITEMS = ['a', 'b', 'c', 'd'];
const ticking = async (from: Rig) => ({ ...(await shut(from)), checklist: ITEMS.map((id) => ({ id, text: id })) });

/** The updates of the newest run, in the order in which the server has them. */
async function acceptedIn(from: Rig, { workflowId }: RolloutHandle): Promise<readonly string[]> {
  const { events } = await from.env.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(({ workflowExecutionUpdateAcceptedEventAttributes: accepted }) => {
    const [payload] = accepted?.acceptedRequest?.input?.args?.payloads ?? [];
    if (payload?.data === undefined || payload.data === null) return [];
    return [String((JSON.parse(Buffer.from(payload.data).toString()) as { item: string }).item)];
  });
}

const tickedIn = ({ log }: RolloutStatus): readonly string[] =>
  log.flatMap(({ what }) => /^ticked (\w+)/.exec(what)?.[1] ?? []);

it('updates that are sent before the first task act in the order in which the server has them, and each once', async () => {
  const handle = await rig.rollout(await ticking(rig));
  // The server answers none of them before a worker has it, and promises no order of what is on its way at the same time.
  const answers = ITEMS.map((item) => handle.executeUpdate(tickUpdate, { args: [{ by: 'ada', item }] }));
  await rig.run(rig.aws(), async () => {
    expect(await Promise.all(answers)).toHaveLength(ITEMS.length);
    const acted = tickedIn(await statusOf(handle));
    expect([...acted].sort()).toEqual(ITEMS);
    expect(acted).toEqual(await acceptedIn(rig, handle));
    await handle.signal(abortSignal);
    await handle.result();
  });
});

it('an update that was answered comes before every later one, also when a new run begins between them', async () => {
  await short.run(short.aws(), async () => {
    const handle = await short.rollout(await ticking(short));
    const newest = short.env.client.workflow.getHandle(handle.workflowId) as RolloutHandle;
    const { runId } = await newest.describe();
    const tick = (item: string) => newest.executeUpdate(tickUpdate, { args: [{ by: 'ada', item }] });
    await tick('b');
    await tick('a');
    while ((await newest.describe()).runId === runId) await newest.signal(pauseSignal);
    await tick('d');
    await tick('c');
    expect(tickedIn(await statusOf(newest))).toEqual(['b', 'a', 'd', 'c']);
    await newest.signal(abortSignal);
    await handle.result();
  });
});

/** Lets the worker go that is about to start a new run, so that no worker begins that one. */
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
  await short.withoutWorker();
  const worker = await Worker.create({
    ...PATIENCE,
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
  await sendAll(newest, verbs);
  await short.run(aws, async () => {
    await until(async () => (await statusOf(newest)).phase === phase, 'the new run has begun');
    expect((await statusOf(newest)).phase).toBe(phase);
    await newest.signal(abortSignal);
    await first.result();
  });
});

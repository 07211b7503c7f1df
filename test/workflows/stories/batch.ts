import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { ReplayHistoriesIterable } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import fc from 'fast-check';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { statusQuery, TASK_QUEUE } from '../../../workflows/messages';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../helpers/samples/plans';
import { settingFrom } from '../../rules/rollout/reference/story-plans';
import { STARTER } from '../../rules/rollout/reference/reference-people';
import { tell } from '../../rules/rollout/reference/happenings';
import type { Story } from '../../rules/rollout/reference/stories';
import { storyOf } from '../../rules/rollout/reference/stories';
import { Chronicle } from './chronicle';
import type { Deed, Scene } from './deeds';
import { isOver, overtakes, perform } from './deeds';
import { Finale } from './finale';
import { HistoryReader } from './history';
import { inWords } from './in-words';
import { WORKFLOW_BUNDLE } from './mortal-worker';
import { Stage } from './stage';
import { unexplained } from './status-check';
import { firstDeeds, owns, planOf, prepare } from './varieties';
import { StoryWorld } from './world';

/** Divides no soak (see `aPlan`), and is long: what a story costs is its looks. */
const INTERVAL_MS = 19 * HOUR_MS + 53 * MINUTE_MS + 7_919;
const BETWEEN_DEEDS_MS = 41_237;
const ROUNDS = 6;
/** The worker is lost in every third round, and asked how everything is in every second one. */
const ROUNDS_A_WORKER = 3;
const ROUNDS_A_LOOK = 2;
const DEEDS_PER_ROUND = 2;
/** Of the wall's clock: a worker that takes over builds up all of them at once, on a machine that may have other work. */
const TASK_TIMEOUT = '2 minutes';
/** Ten times what it takes on a machine that does nothing else. */
const ENDS_WITHIN_MS = 300_000;
/** So many of five are replayed as a whole. Each of those whose worker is lost has been built up from its history before. */
const REPLAYED = 2;

type History = Awaited<ReturnType<Scene['handle']['fetchHistory']>>;

/** One story at the workflow, and what happened in it. */
interface Cast extends Scene {
  readonly left: Story['happenings'][number][];
  readonly done: { readonly atMs: number; readonly what: string }[];
  readonly complaints: string[];
}

export interface Told {
  readonly nth: number;
  readonly complaints: readonly string[];
  /** In words, moment by moment. */
  readonly story: string;
}

interface BatchOptions {
  readonly seed: number;
  readonly count: number;
  /** Whether the worker is lost again and again, and things happen while there is none. */
  readonly restless: boolean;
  /** Runs only this one of them. */
  readonly only?: number;
}

/**
 * Many stories at once on one server and one clock: each has its own AWS, told apart by the workflow's id. Between any two
 * deeds the server is given time, because it refuses a cancellation that meets its activity's beginning, and then skips no
 * more time.
 */
export class Batch {
  private readonly casts: Cast[] = [];
  private readonly stage: Stage;

  constructor(
    private readonly env: TestWorkflowEnvironment,
    private readonly options: BatchOptions,
  ) {
    this.stage = new Stage(env);
  }

  /** Leaves no worker behind, whatever goes wrong. */
  async play(): Promise<readonly Told[]> {
    try {
      return await this.stage.within(ENDS_WITHIN_MS, this.plays());
    } finally {
      await this.stage.close();
    }
  }

  private async plays(): Promise<readonly Told[]> {
    const startMs = await this.tuesday();
    const { seed, count, restless, only } = this.options;
    const stories = fc.sample(storyOf(settingFrom(startMs), 10), { seed, numRuns: count });
    await this.stage.work();
    for (const [nth, story] of stories.entries())
      if (only === undefined || only === nth) this.casts.push(await this.begin(story, nth));
    await this.stage.settle(BETWEEN_DEEDS_MS);
    for (const [round, ms] of fc.sample(roundMs, { seed, numRuns: ROUNDS }).entries()) {
      if (restless && round % ROUNDS_A_WORKER === 1) await this.loseWorker();
      for (const { nth, world, done, left } of this.casts) {
        left.unshift(...firstDeeds(nth, round));
        const what = owns(nth, round, world);
        if (what !== undefined) done.push({ atMs: await this.stage.nowMs(), what });
      }
      for (let deed = 0; deed < DEEDS_PER_ROUND; deed += 1) await this.deeds();
      await this.stage.settle(ms);
      await this.stage.settle(BETWEEN_DEEDS_MS);
      if (round % ROUNDS_A_LOOK === 1) await this.look();
    }
    await new Finale(this.casts, this.stage, INTERVAL_MS).play();
    await this.stage.stop();
    return this.tell();
  }

  /** At the same hour of the same weekday, so that a seed means the same windows on any day. */
  private async tuesday(): Promise<number> {
    const nowMs = await this.stage.nowMs();
    const now = new Date(nowMs);
    const todayMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), 15);
    const days = (2 - now.getUTCDay() + 7) % 7;
    await this.env.sleep(todayMs + (days === 0 ? 7 : days) * DAY_MS - nowMs);
    return this.stage.nowMs();
  }

  private async begin({ plan, ...story }: Story, nth: number): Promise<Cast> {
    const own: EnvironmentPlan = { ...planOf(nth, plan), watch: { ...plan.watch, intervalMs: INTERVAL_MS } };
    const workflowId = `story-${nth}`;
    const world = new StoryWorld(() => this.stage.nowMs(), workflowId);
    prepare(nth, world);
    this.stage.worlds.set(workflowId, world);
    const handle = await this.env.client.workflow.start('rollout', {
      workflowId,
      taskQueue: TASK_QUEUE,
      workflowTaskTimeout: TASK_TIMEOUT,
      args: [{ plan: own, startedBy: STARTER }],
    });
    const left = [...story.happenings];
    const cast = { nth, story: { ...story, plan: own }, world, handle, left, done: [], complaints: [], isOver: false };
    world.overtake = overtakes(cast);
    return cast;
  }

  /** What happens while there is no worker meets the next one all at once. */
  private async loseWorker(): Promise<void> {
    const lost = await this.stage.loseWorker(async () => (await this.running()).map(({ handle }) => handle));
    const nowMs = await this.stage.nowMs();
    for (const cast of this.casts) {
      cast.done.push({ atMs: nowMs, what: 'the worker is lost' });
      while (needsNoWorker(cast.left[0])) await this.does(cast, next(cast), nowMs);
    }
    await this.stage.takeOver(lost);
    await this.stage.settle(BETWEEN_DEEDS_MS);
  }

  private async deeds(): Promise<void> {
    const nowMs = await this.stage.nowMs();
    await Promise.all(this.casts.map((cast) => this.does(cast, next(cast), nowMs)));
    await this.stage.settle(BETWEEN_DEEDS_MS);
  }

  private async does(cast: Cast, deed: Deed | undefined, atMs: number): Promise<void> {
    if (deed === undefined || cast.isOver) return;
    cast.done.push({ atMs, what: tell(deed) });
    await perform(cast, deed, atMs);
  }

  private async look(): Promise<void> {
    const nowMs = await this.stage.nowMs();
    const looking = (await this.running()).map(async ({ handle, complaints }) =>
      complaints.push(...unexplained(await handle.query(statusQuery), nowMs)),
    );
    await Promise.all(looking);
  }

  private async running(): Promise<readonly Cast[]> {
    const over = await Promise.all(this.casts.map(isOver));
    return this.casts.filter((_cast, index) => over[index] !== true);
  }

  /** Judged, and replayed. */
  private async tell(): Promise<readonly Told[]> {
    const histories = new Map<string, History>();
    const unreplayed = new Map<string, string>();
    const replays = Worker.runReplayHistories({ workflowBundle: WORKFLOW_BUNDLE }, this.histories(histories));
    for await (const { workflowId, error } of replays)
      if (error !== undefined) unreplayed.set(workflowId, `it is not replayed: ${error.message}`);
    return this.casts.map(({ nth, story, world, handle: { workflowId }, done, complaints: seen }) => {
      const tasks = HistoryReader.read(histories.get(workflowId)?.events ?? []);
      const { complaints } = new Chronicle(story, world, tasks);
      const replayed = unreplayed.get(workflowId);
      const all = [...seen, ...world.trespasses, ...complaints, ...(replayed === undefined ? [] : [replayed])];
      return { nth, complaints: all, story: all.length === 0 ? '' : inWords(story.plan, done, tasks) };
    });
  }

  /** One by one, as they are replayed: the server ends a connection on which nothing is asked for a minute or two. */
  private async *histories(fetched: Map<string, History>): ReplayHistoriesIterable {
    for (const { nth, handle } of this.casts) {
      const { workflowId } = handle;
      const history = await handle.fetchHistory();
      fetched.set(workflowId, history);
      if (this.options.only !== undefined || nth % 5 < REPLAYED) yield { workflowId, history };
    }
  }
}

/** Signals and the world: a verb that may be refused waits for its answer. */
const NEEDS_NO_WORKER = [
  'pause',
  'resume',
  'abort',
  'push',
  'freeze',
  'unfreeze',
  'verdict',
  'edit',
  'zero-fails',
  'write',
];
const needsNoWorker = (happening: Story['happenings'][number] | undefined): boolean =>
  happening !== undefined && NEEDS_NO_WORKER.includes(happening.kind);

/** The next thing that is not time; time ends the round. */
function next({ left }: Cast): Deed | undefined {
  const happening = left.shift();
  if (happening === undefined || happening.kind === 'pass' || happening.kind === 'away' || happening.kind === 'wait')
    return undefined;
  return happening;
}

const roundMs = fc.oneof(
  { weight: 2, arbitrary: fc.integer({ min: 3_000, max: 90_000 }) },
  { weight: 3, arbitrary: fc.integer({ min: 90_000, max: 8 * HOUR_MS }) },
  { weight: 4, arbitrary: fc.integer({ min: 8 * HOUR_MS, max: 2 * DAY_MS }) },
);

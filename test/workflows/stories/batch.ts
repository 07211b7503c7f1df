import { readFileSync } from 'node:fs';
import { Context } from '@temporalio/activity';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import fc from 'fast-check';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { statusQuery, TASK_QUEUE } from '../../../workflows/messages';
import { BUNDLE } from '../../helpers/bundle-workflows';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../helpers/plans';
import { settingFrom } from '../../rules/rollout/story-plans';
import { STARTER } from '../../rules/rollout/reference-people';
import { tell } from '../../rules/rollout/happenings';
import type { Story } from '../../rules/rollout/stories';
import { storyOf } from '../../rules/rollout/stories';
import { Chronicle } from './chronicle';
import type { Deed, Scene } from './deeds';
import { isOver, overtakes, perform } from './deeds';
import { Finale } from './finale';
import { HistoryReader } from './history';
import { unexplained } from './status-check';
import { StoryWorld } from './world';

/** Divides no soak (see `aPlan`), and is long: what a story costs is its looks. */
const INTERVAL_MS = 11 * HOUR_MS + 53 * MINUTE_MS + 7_919;
const BETWEEN_DEEDS_MS = 41_237;
const IDLE_CHECK_MS = 15;
const ROUNDS = 6;
/** Every third round begins without a worker. */
const ROUNDS_A_WORKER = 3;
const DEEDS_PER_ROUND = 2;

/** One story at the workflow, and what happened in it. */
interface Cast extends Scene {
  readonly left: Happenings;
  readonly done: string[];
  readonly complaints: string[];
}
type Happenings = Story['happenings'][number][];

export interface Told {
  readonly complaints: readonly string[];
  readonly story: string;
}

/**
 * Many stories at once on one server and one clock: each has its own AWS, told apart by the workflow's id. Between any two
 * deeds the server is given time, because it refuses a cancellation that meets its activity's beginning, and then skips no
 * more time. With `restless` the worker is replaced again and again, and things happen while there is none.
 */
export class Batch {
  private readonly casts: Cast[] = [];
  private readonly worlds = new Map<string, StoryWorld>();
  private readonly code = readFileSync(BUNDLE, 'utf8');
  private running: { readonly worker: Worker; readonly ended: Promise<void> } | undefined;

  constructor(
    private readonly env: TestWorkflowEnvironment,
    private readonly options: { readonly seed: number; readonly count: number; readonly restless: boolean },
  ) {}

  async play(): Promise<readonly Told[]> {
    const startMs = await this.tuesday();
    const { seed, count, restless } = this.options;
    const stories = fc.sample(storyOf(settingFrom(startMs), 10), { seed, numRuns: count });
    await this.work();
    for (const [index, story] of stories.entries()) this.casts.push(await this.begin(story, index));
    await this.settle(BETWEEN_DEEDS_MS);
    const rounds = fc.sample(roundMs, { seed, numRuns: ROUNDS });
    for (const [round, ms] of rounds.entries()) {
      if (restless && round % ROUNDS_A_WORKER === 1) await this.replaceWorker();
      for (let deed = 0; deed < DEEDS_PER_ROUND; deed += 1) await this.deeds();
      await this.settle(ms);
      await this.settle(BETWEEN_DEEDS_MS);
      await this.look();
    }
    const nowMs = (): Promise<number> => this.env.currentTimeMs();
    await new Finale(this.casts, nowMs, (ms) => this.settle(ms)).play();
    await this.rest();
    return this.tell();
  }

  /** At the same hour of the same weekday, so that a seed means the same windows on any day. */
  private async tuesday(): Promise<number> {
    const nowMs = await this.env.currentTimeMs();
    const now = new Date(nowMs);
    const todayMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate(), 15);
    const days = (2 - now.getUTCDay() + 7) % 7;
    await this.env.sleep(todayMs + (days === 0 ? 7 : days) * DAY_MS - nowMs);
    return this.env.currentTimeMs();
  }

  private async begin({ plan, ...story }: Story, index: number): Promise<Cast> {
    const own: EnvironmentPlan = { ...plan, watch: { ...plan.watch, intervalMs: INTERVAL_MS } };
    const workflowId = `story-${index}`;
    const world = new StoryWorld(() => this.env.currentTimeMs());
    this.worlds.set(workflowId, world);
    const handle = await this.env.client.workflow.start('rollout', {
      workflowId,
      taskQueue: TASK_QUEUE,
      args: [{ plan: own, startedBy: STARTER }],
    });
    const left = [...story.happenings];
    const cast = { story: { ...story, plan: own }, world, handle, left, done: [], complaints: [], isOver: false };
    world.overtake = overtakes(cast);
    return cast;
  }

  private async work(): Promise<void> {
    const own = (): ReturnType<StoryWorld['activities']> => {
      const id = Context.current().info.workflowExecution?.workflowId ?? '';
      const world = this.worlds.get(id);
      if (world === undefined) throw new Error(`no story is called ${id}`);
      return world.activities();
    };
    const names = Object.keys(new StoryWorld(async () => 0).activities()) as (keyof ReturnType<
      StoryWorld['activities']
    >)[];
    const activities = Object.fromEntries(
      names.map((name) => [name, (input: never) => (own()[name] as (order: never) => unknown)(input)]),
    );
    const worker = await Worker.create({
      connection: this.env.nativeConnection,
      taskQueue: TASK_QUEUE,
      workflowBundle: { code: this.code },
      activities,
      maxHeartbeatThrottleInterval: '50ms',
      // The queue of a worker that is gone would be waited for.
      ...(this.options.restless ? { maxCachedWorkflows: 0 } : {}),
    });
    this.running = { worker, ended: worker.run() };
  }

  /**
   * Time passes, until nothing is under way. Time that is not skipped passes as by the wall's clock, so that a slow machine
   * may still be at work when it has.
   */
  private async settle(ms: number): Promise<void> {
    await this.env.sleep(ms);
    for (let idle = 0; idle < 2; idle = this.isIdle() ? idle + 1 : 0)
      await new Promise((resolve) => setTimeout(resolve, IDLE_CHECK_MS));
  }

  private isIdle(): boolean {
    const status = this.running?.worker.getStatus();
    return status?.numInFlightWorkflowActivations === 0 && status.numInFlightActivities === 0;
  }

  private async rest(): Promise<void> {
    this.running?.worker.shutdown();
    await this.running?.ended;
  }

  /** What happens while there is no worker meets the next one all at once. */
  private async replaceWorker(): Promise<void> {
    await this.rest();
    const nowMs = await this.env.currentTimeMs();
    for (const cast of this.casts) while (needsNoWorker(cast.left[0])) await this.does(cast, next(cast), nowMs);
    await this.work();
    await this.settle(BETWEEN_DEEDS_MS);
  }

  private async deeds(): Promise<void> {
    const nowMs = await this.env.currentTimeMs();
    await Promise.all(this.casts.map((cast) => this.does(cast, next(cast), nowMs)));
    await this.settle(BETWEEN_DEEDS_MS);
  }

  private async does(cast: Cast, deed: Deed | undefined, nowMs: number): Promise<void> {
    if (deed === undefined || cast.isOver) return;
    cast.done.push(`${new Date(nowMs).toISOString()}: ${tell(deed)}`);
    await perform(cast, deed, nowMs);
  }

  private async look(): Promise<void> {
    const nowMs = await this.env.currentTimeMs();
    await Promise.all(
      this.casts.map(async (cast) => {
        if (await isOver(cast)) return;
        cast.complaints.push(...unexplained(await cast.handle.query(statusQuery), nowMs));
      }),
    );
  }

  private async tell(): Promise<readonly Told[]> {
    const histories = await Promise.all(
      this.casts.map(async ({ handle }) => ({ workflowId: handle.workflowId, history: await handle.fetchHistory() })),
    );
    const complaints = new Map<string, string>();
    for await (const { workflowId, error } of Worker.runReplayHistories(
      { workflowBundle: { code: this.code } },
      histories,
    ))
      if (error !== undefined) complaints.set(workflowId, `it is not replayed: ${error.message}`);
    return this.casts.map(({ story, world, handle, done, complaints: seen }, index) => {
      const tasks = HistoryReader.read(histories[index]?.history.events ?? []);
      const chronicle = new Chronicle(story, world, tasks);
      const replayed = complaints.get(handle.workflowId);
      const all = [...seen, ...chronicle.complaints, ...(replayed === undefined ? [] : [replayed])];
      return { complaints: all, story: [JSON.stringify(story.plan), ...done, ...told(tasks)].join('\n  ') };
    });
  }
}

const told = (tasks: ReturnType<typeof HistoryReader.read>): string[] =>
  tasks.map(({ atMs, told, did }) => `${new Date(atMs).toISOString()} ${JSON.stringify({ told, did })}`.slice(0, 600));

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

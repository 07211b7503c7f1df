import { setTimeout as pass } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { MortalWorker } from './mortal-worker';
import { hasTask, standing } from './standing';
import { StoryWorld } from './world';

const CHECK_MS = 15;
/** A worker that does not shut down is left behind, so that the next batch has its turn. */
const CLOSES_WITHIN_MS = 20_000;

/** Where a batch is played: one server with one clock, one worker at a time, and the world of each story. */
export class Stage {
  readonly worlds = new Map<string, StoryWorld>();
  private worker: MortalWorker | undefined;
  private doing = 'to begin';
  private isClosed = false;

  constructor(private readonly env: TestWorkflowEnvironment) {}

  nowMs(): Promise<number> {
    return this.env.currentTimeMs();
  }

  async work(): Promise<void> {
    this.doing = 'for a new worker';
    type Activities = ReturnType<StoryWorld['activities']>;
    const own = (): Activities => {
      const id = Context.current().info.workflowExecution?.workflowId ?? '';
      const world = this.worlds.get(id);
      if (world === undefined) throw new Error(`no story is called ${id}`);
      return world.activities();
    };
    const names = Object.keys(new StoryWorld(async () => 0).activities()) as (keyof Activities)[];
    const activities = Object.fromEntries(
      names.map((name) => [name, (input: never) => (own()[name] as (order: never) => unknown)(input)]),
    );
    this.worker = await MortalWorker.start(this.env, activities);
  }

  /** Those that lost it. */
  async loseWorker(running: () => Promise<readonly WorkflowHandle[]>): Promise<readonly WorkflowHandle[]> {
    this.doing = 'for the loss of the worker';
    return (await this.worker?.isLost(running)) ?? [];
  }

  /**
   * The next worker has no task at first, and then all of them at once. Nothing may happen before each is done: a verb in between
   * has left the server with a task that was begun and that no worker had.
   */
  async takeOver(workflows: readonly WorkflowHandle[]): Promise<void> {
    await this.work();
    for (const workflow of workflows) {
      this.doing = `for ${workflow.workflowId} to be taken over`;
      while (await hasTask(workflow)) await this.pass();
    }
  }

  /**
   * Time passes, until nothing is under way. Time that is not skipped passes as by the wall's clock, so that a slow machine
   * may still be at work when it has.
   */
  async settle(ms: number): Promise<void> {
    this.doing = `for ${ms} ms to pass from ${new Date(await this.nowMs()).toISOString()}`;
    await this.env.sleep(ms);
    this.doing = 'for tasks to end';
    for (let idle = 0; idle < 2; idle = this.worker?.isIdle === true ? idle + 1 : 0) {
      await this.pass();
    }
    this.doing = 'for answers';
  }

  private async pass(): Promise<void> {
    if (this.isClosed) throw new Error('the stage is closed');
    await pass(CHECK_MS);
  }

  /** A story that neither ends nor fails fails here, with its position. */
  async within<T>(ms: number, work: Promise<T>): Promise<T> {
    const bound = new AbortController();
    const late = pass(ms, undefined, { signal: bound.signal }).then(async () => {
      const where = await standing(this.env, [...this.worlds.keys()]);
      throw new Error(`not ended after ${ms / 1_000} s, it waits ${this.doing}; ${this.worker?.status}; ${where}`);
    });
    // Given up when the work ends first.
    late.catch(() => undefined);
    return Promise.race([work, late]).finally(() => bound.abort());
  }

  async stop(): Promise<void> {
    this.doing = 'for the worker to stop';
    await this.worker?.stop();
  }

  /** Ends whatever still waits here. Never fails, and never takes long. */
  async close(): Promise<void> {
    this.isClosed = true;
    const stopped = this.worker?.stop().catch(() => undefined);
    await Promise.race([stopped, pass(CLOSES_WITHIN_MS, undefined, { ref: false })]);
  }
}

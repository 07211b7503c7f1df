import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { HistoryAndWorkflowId, WorkflowHandle } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { LISTED, rolloutWorkflowId, statusQuery, TASK_QUEUE } from '../../../workflows/messages';
import type { rollout } from '../../../workflows';
import type { RolloutInput } from '../../../workflows/messages';
import { BUNDLE } from './bundle-workflows';
import { SharedWorker } from './shared-worker';
import { keepWhenRecording } from '../../histories/keep';
import { FakeAws } from '../aws/fake-aws';

const BINARIES = resolve(__dirname, '../../../.sandbox/venv-temporal/bin');

/** Jest ends a test after 120 s, and then says nothing of its workflows. */
const STUCK_AFTER_MS = 100_000;

/** What a log entry is about. */
type Meta = Readonly<Record<string, unknown>>;

type IsExpected = (meta: Meta) => boolean;
let isExpected: IsExpected = () => false;

/** The runtime ends with its last server, unless a test that failed has left a worker behind: then it goes on. */
function quiet(expects: IsExpected = () => false): void {
  isExpected = expects;
  const logger = new DefaultLogger('ERROR', ({ level, message, meta = {} }) => {
    if (!isExpected(meta)) console.error(`[${level}] ${message}`, meta);
  });
  try {
    Runtime.install({ logger, telemetryOptions: { logging: { forward: {} } } });
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'IllegalStateError') throw error;
  }
}

export type RolloutHandle = WorkflowHandle<typeof rollout>;

type LocalServer = NonNullable<NonNullable<Parameters<typeof TestWorkflowEnvironment.createLocal>[0]>['server']>;

/** The dev server crashes at its start when another process takes a port that it has chosen; other ones are free. */
async function local(server: LocalServer): Promise<TestWorkflowEnvironment> {
  const start = (): Promise<TestWorkflowEnvironment> => TestWorkflowEnvironment.createLocal({ server });
  return start().catch(start).catch(start);
}

export const indexedAs = (type: (typeof LISTED)[number]['type']): temporal.api.enums.v1.IndexedValueType =>
  temporal.api.enums.v1.IndexedValueType[`INDEXED_VALUE_TYPE_${type}`];

/** Replays histories one after the other in one worker: to start one takes longer than most replays. */
export class Replayer {
  private next: HistoryAndWorkflowId | undefined;
  private readonly results: ReturnType<typeof Worker.runReplayHistories>;

  constructor(workflowBundle: { readonly code: string }) {
    this.results = Worker.runReplayHistories({ workflowBundle }, this.histories());
  }

  /** @throws when the code does not do again what is in the history. */
  async replay(history: HistoryAndWorkflowId): Promise<void> {
    this.next = history;
    const { value } = await this.results.next();
    if (value === undefined) throw new Error(`${history.workflowId} was not replayed`);
    if (value.error !== undefined) throw value.error;
  }

  async stop(): Promise<void> {
    await this.results.return?.();
  }

  /** Each result that is asked for takes one. */
  private *histories(): Generator<HistoryAndWorkflowId> {
    while (this.next !== undefined) {
      const { next } = this;
      this.next = undefined;
      yield next;
    }
  }
}

/**
 * A time-skipping Temporal with a worker. After each test the history of every workflow it started is
 * replayed, back along its continue-as-new chain: a test that passes proves that the code is deterministic too.
 */
export class Rig {
  readonly workflowBundle = { code: readFileSync(BUNDLE, 'utf8') };
  private readonly started: { readonly workflowId: string }[] = [];
  private count = 0;
  private replayer: Replayer | undefined;
  private worker: SharedWorker | undefined;
  private isRunning = false;

  private constructor(readonly env: TestWorkflowEnvironment) {}

  /** @param expects what is no error in this test, and need not be seen. */
  static async start(expects?: IsExpected): Promise<Rig> {
    quiet(expects);
    const server = { executable: { type: 'existing-path' as const, path: resolve(BINARIES, 'temporal-test-server') } };
    const env = await TestWorkflowEnvironment.createTimeSkipping({ server });
    const searchAttributes = Object.fromEntries(LISTED.map(({ name, type }) => [name, indexedAs(type)]));
    await env.connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes });
    return new Rig(env);
  }

  /** A real server whose namespace knows none of our search attributes. */
  static async startBare(expects?: IsExpected): Promise<Rig> {
    quiet(expects);
    const executable = { type: 'existing-path' as const, path: resolve(BINARIES, 'temporal') };
    return new Rig(await local({ executable }));
  }

  /** A real server with its own clock, for what the time-skipping one does not do. */
  static async startReal(...dynamicConfig: readonly string[]): Promise<Rig> {
    quiet(isExpected);
    const executable = { type: 'existing-path' as const, path: resolve(BINARIES, 'temporal') };
    const searchAttributes = [...LISTED];
    const extraArgs = dynamicConfig.flatMap((value) => ['--dynamic-config-value', value]);
    return new Rig(await local({ executable, searchAttributes, extraArgs }));
  }

  async stop(): Promise<void> {
    await this.withoutWorker();
    await this.replayer?.stop();
    await this.env.teardown();
  }

  aws(): FakeAws {
    return new FakeAws(() => this.env.currentTimeMs());
  }

  run(aws: FakeAws, body: () => Promise<void>): Promise<void> {
    return this.runWith(aws.activities(), body);
  }

  /** Runs a test's body with a worker beside it, then replays what it started. */
  async runWith(activities: object, body: () => Promise<void>): Promise<void> {
    this.worker ??= await SharedWorker.start(this.env.nativeConnection, this.workflowBundle);
    const stuck = this.stuck();
    let isIdle = false;
    this.isRunning = true;
    try {
      isIdle = await this.worker.runWith(activities, () => Promise.race([body(), stuck.told]));
    } finally {
      this.isRunning = false;
      clearTimeout(stuck.timer);
      if (!isIdle) await this.withoutWorker();
    }
    await this.replay();
  }

  /** Until the next `run`, as when every worker has gone. */
  async withoutWorker(): Promise<void> {
    const { worker } = this;
    this.worker = undefined;
    await worker?.stop();
  }

  /** A workflow that was started without `rollout` below is replayed too. */
  remember<Handle extends { readonly workflowId: string }>(handle: Handle): Handle {
    this.started.push(handle);
    return handle;
  }

  /** Outside `run` no worker does anything for it. */
  async rollout(plan: EnvironmentPlan, more: Partial<RolloutInput> = {}): Promise<RolloutHandle> {
    if (!this.isRunning) await this.withoutWorker();
    this.count += 1;
    const handle = await this.env.client.workflow.start<typeof rollout>('rollout', {
      workflowId: `${rolloutWorkflowId(plan.service, plan.environment)}-${this.count}`,
      taskQueue: TASK_QUEUE,
      args: [{ plan, startedBy: 'ada', ...more }],
    });
    return this.remember(handle);
  }

  /** A test that does not end fails with what its workflows did last, and leaves no worker behind for the next test. */
  private stuck(): { readonly told: Promise<never>; readonly timer: NodeJS.Timeout } {
    let reject: (error: Error) => void = () => undefined;
    const told = new Promise<never>((_resolve, rejects) => (reject = rejects));
    const tell = async (): Promise<void> => {
      const last = await Promise.all(this.started.map(({ workflowId }) => this.lastEvents(workflowId)));
      reject(new Error(`not ended after ${STUCK_AFTER_MS / 1000} s:\n${last.join('\n')}`));
    };
    return { told, timer: setTimeout(() => void tell(), STUCK_AFTER_MS) };
  }

  private async lastEvents(workflowId: string): Promise<string> {
    const { events } = await this.env.client.workflow.getHandle(workflowId).fetchHistory();
    const names = (events ?? []).map(({ eventType }) => temporal.api.enums.v1.EventType[eventType ?? 0]);
    return `${workflowId}: ${names.slice(-25).join(' ')}`;
  }

  async replay(): Promise<void> {
    for (const { workflowId } of this.started.splice(0)) await this.replayChain(workflowId);
  }

  private async replayChain(workflowId: string): Promise<void> {
    let runId: string | undefined;
    do {
      const history = await this.env.client.workflow.getHandle(workflowId, runId).fetchHistory();
      this.replayer ??= new Replayer(this.workflowBundle);
      await this.replayer.replay({ workflowId, history });
      keepWhenRecording(history);
      const started = history.events?.[0]?.workflowExecutionStartedEventAttributes;
      runId = started?.continuedExecutionRunId || undefined;
    } while (runId !== undefined);
  }
}

export const statusOf = (handle: RolloutHandle) => handle.query(statusQuery);

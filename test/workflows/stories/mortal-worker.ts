import { readFileSync } from 'node:fs';
import type { WorkflowHandle } from '@temporalio/client';
import type { PayloadCodec } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { DATA_CONVERTER } from '../../../worker/bundle';
import type { WorkerPair } from '../../../worker/pair';
import { alarmChangedSignal } from '../../../workflows/messages';
import { BUNDLE } from '../../helpers/temporal/bundle-workflows';
import { createPair } from '../../helpers/temporal/pair';

/** The SDK takes the stack of every promise of a workflow, which is a third of what a story costs. They are not read here. */
export const WORKFLOW_BUNDLE = { code: `Error.stackTraceLimit = 0;\n${readFileSync(BUNDLE, 'utf8')}` };

const LOST = 'the worker is lost, by the story';
const CHECK_MS = 15;
/** After it a worker that shuts down asks for no more tasks. */
const STOPS_ASKING_MS = 100;
/** So many tasks may be in its hands when it is lost. */
const MOST_TASKS = 200;

/** Changes no rollout: no plan names this alarm. */
const NOTHING = { alarm: 'of somebody else', state: 'ALARM', atMs: 0, why: 'told to everybody' } as const;

/** What an expected loss leaves in the log. */
export const isOfALostWorker = (meta: unknown): boolean =>
  String((meta as { readonly error?: unknown } | undefined)?.error).includes(LOST);

/** Keeps whatever comes in until it is let go, and then fails it. */
class Grip implements PayloadCodec {
  private kept: Promise<never> | undefined;
  letGo: () => void = () => undefined;

  close(): void {
    this.kept = new Promise((_resolve, reject) => (this.letGo = () => reject(new Error(LOST))));
    // Nothing may be kept at all.
    this.kept.catch(() => undefined);
  }

  async encode<T>(payloads: T): Promise<T> {
    return payloads;
  }

  async decode<T>(payloads: T): Promise<T> {
    await this.kept;
    return payloads;
  }
}

/** A worker that can be lost in the middle of its tasks, as with its machine. */
export class MortalWorker {
  private constructor(
    private readonly worker: WorkerPair,
    private readonly ended: Promise<void>,
    private readonly grip: Grip,
  ) {}

  static async start({ nativeConnection }: TestWorkflowEnvironment, activities: object): Promise<MortalWorker> {
    const grip = new Grip();
    const worker = await createPair({
      connection: nativeConnection,
      workflowBundle: WORKFLOW_BUNDLE,
      activities,
      maxHeartbeatThrottleInterval: '50ms',
      maxConcurrentWorkflowTaskExecutions: MOST_TASKS,
      dataConverter: { ...DATA_CONVERTER, payloadCodecs: [grip] },
    });
    return new MortalWorker(worker, worker.run(), grip);
  }

  get isIdle(): boolean {
    return this.tasks === 0 && this.activities === 0;
  }

  get status(): string {
    return `the worker is ${this.worker.getState()} with ${this.tasks} tasks of workflows and ${this.activities} activities`;
  }

  /** Also in the middle of a loss, and when it has stopped already. */
  async stop(): Promise<void> {
    this.grip.letGo();
    this.worker.shutdown();
    await this.ended;
  }

  /**
   * Every one of the workflows that run loses the worker in the middle of a task, and is built up again by the next worker
   * from its history. The test server sends the tasks of a workflow to the queue of a worker that is gone for ever, unless
   * that worker has failed one: so each is given one.
   */
  async isLost(running: () => Promise<readonly WorkflowHandle[]>): Promise<readonly WorkflowHandle[]> {
    this.grip.close();
    const workflows = await running();
    for (const workflow of workflows) await workflow.signal(alarmChangedSignal, NOTHING);
    while (this.tasks < workflows.length && this.worker.getState() === 'RUNNING') await pass(CHECK_MS);
    this.worker.shutdown();
    await pass(STOPS_ASKING_MS);
    this.grip.letGo();
    await this.ended;
    return workflows;
  }

  private get tasks(): number {
    return this.worker.rollouts.getStatus().numInFlightWorkflowActivations;
  }

  private get activities(): number {
    const { rollouts, zero } = this.worker;
    return rollouts.getStatus().numInFlightActivities + zero.getStatus().numInFlightActivities;
  }
}

const pass = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

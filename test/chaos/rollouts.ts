import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { rollout } from '../../workflows';
import {
  abortSignal,
  alarmChangedSignal,
  pauseSignal,
  promoteUpdate,
  resumeSignal,
  rolloutWorkflowId,
  statusQuery,
  TASK_QUEUE,
} from '../../workflows/messages';
import type { Counts } from './counts';
import type { Fleet } from './fleet';
import { historyOf } from './history';
import { CHECK_COUNTS_MS, type Seen } from './invariants';
import { isAbort, isBreach, type Scenario } from './scenarios';
import type { Stage } from './stage';

type Handle = WorkflowHandle<typeof rollout>;

/** Longer than a late write takes (`fault-proxy.ts`) and than an alarm counts for the next rollout. */
const BETWEEN_MS = 7_500;
const ASK_AGAIN_MS = 400;
/** An operator resumes what is on hold after a moment. */
const RESUME_AFTER_MS = 2_000;
const BETWEEN_JOBS_MS = 900;
const ONE_CALL_MS = 10_000;

export interface Played {
  readonly seen: Seen;
  readonly scenario: Scenario;
  readonly plan: EnvironmentPlan;
  readonly runs: number;
}

/** A window that opens in three days. */
function notToday(): EnvironmentPlan['windows'][number] {
  const day = new Date(Date.now() + 3 * 86_400_000).getUTCDay();
  return { zone: 'UTC', days: [day === 0 ? 7 : day], from: '01:00', to: '02:00' };
}

/** It completes only when a breach has counted for long, so that one that is not acted on is seen. */
function longAtEnd({ steps }: EnvironmentPlan): EnvironmentPlan['steps'] {
  return steps.map((step, at) => (at === steps.length - 1 ? { ...step, soakMs: 2 * CHECK_COUNTS_MS } : step));
}

interface End {
  readonly outcome: string;
  readonly why?: string | undefined;
  readonly atMs: number;
}

interface Acts {
  breachedAtMs?: number;
  abortAsked: boolean;
}

interface Parts {
  readonly stage: Stage;
  readonly fleet: Fleet;
  readonly counts: Counts;
  /** When a rollout that has not ended counts as stuck; grows while faults go on. */
  readonly stuckAtMs: () => number;
}

/** One rollout of one environment, and the people and programs around it, who try again until they are heard. */
export class PlayedRollout {
  private readonly workflowId: string;
  private readonly acts: Acts = { abortAsked: false };
  private ended = false;
  /** What it last said of itself. */
  private saidLast = '';

  constructor(
    private readonly parts: Parts,
    private readonly plan: EnvironmentPlan,
    private readonly scenario: Scenario,
    private readonly round: string,
  ) {
    this.workflowId = rolloutWorkflowId(plan.service, plan.environment);
  }

  async play(): Promise<Played> {
    const { fleet, stage } = this.parts;
    const base = (await fleet.values(this.plan)).at(-1)?.version ?? 0;
    const { scenario } = this;
    const open = isBreach(scenario) ? { ...this.plan, steps: longAtEnd(this.plan) } : this.plan;
    const plan = scenario.kind === 'closed' ? { ...open, windows: [notToday()] } : open;
    const firstRunId = await this.start(plan);
    const acting = this.act(base).catch((error: unknown) => {
      if (!this.ended) console.error(`  ${this.round}: ${String(error)}`);
    });
    const working = this.traffic();
    const end = await this.follow(firstRunId);
    this.ended = true;
    await Promise.all([acting, working]);
    await sleep(BETWEEN_MS);
    const history = await this.untilHeard(() => historyOf(stage.client, this.workflowId, firstRunId));
    const values = (await fleet.values(this.plan)).filter(({ version }) => version > base);
    const seen: Seen = {
      name: `${this.round} (${scenario.kind})`,
      writer: `${this.workflowId}/${firstRunId}`,
      steps: plan.steps,
      ...{ values, happened: history?.happened ?? [], longestHistory: history?.longest ?? 0 },
      ...{ outcome: end?.outcome, why: end?.why, endedAtMs: end?.atMs },
      ...this.acts,
      saidLast: this.saidLast,
      closed: scenario.kind === 'closed',
    };
    return { seen, scenario, plan, runs: history?.runs ?? 0 };
  }

  /** Ready for the next one: the alarm is OK, the flag at 0 %. */
  async tidyUp(): Promise<void> {
    const { fleet } = this.parts;
    if (isBreach(this.scenario)) await fleet.setAlarm(this.plan, 'OK');
    await fleet.writeZero(this.plan);
  }

  private get handle(): Handle {
    return this.parts.stage.client.workflow.getHandle<typeof rollout>(this.workflowId);
  }

  /** The first run's id. A start whose answer was lost is known by its memo; a rollout that a worker began is waited for. */
  private async start(plan: EnvironmentPlan): Promise<string> {
    const { client } = this.parts.stage;
    for (;;) {
      try {
        const handle = await this.call(() =>
          client.workflow.start<typeof rollout>('rollout', {
            ...{ taskQueue: TASK_QUEUE, workflowId: this.workflowId, memo: { chaos: this.round } },
            args: [{ plan, startedBy: 'chaos' }],
          }),
        );
        return handle.firstExecutionRunId;
      } catch {
        const there = await this.call(() => this.handle.describe()).catch(() => undefined);
        const firstRunId = there?.raw.workflowExecutionInfo?.firstRunId;
        if (there?.memo?.['chaos'] === this.round && firstRunId) return firstRunId;
        await sleep(ASK_AGAIN_MS);
      }
    }
  }

  /** Jobs of the service, without which no check is healthy. */
  private async traffic(): Promise<void> {
    while (!this.ended) {
      await this.parts.fleet.runJob(this.plan, false).catch(() => undefined);
      await sleep(BETWEEN_JOBS_MS);
    }
  }

  /** Its end; undefined when it is stuck. */
  private async follow(firstRunId: string): Promise<End | undefined> {
    let [nextLookMs, heldSinceMs] = [0, 0];
    while (Date.now() < this.parts.stuckAtMs()) {
      const there = await this.call(() => this.handle.describe()).catch(() => undefined);
      if (there !== undefined && there.status.name !== 'RUNNING') return this.endOf(firstRunId, there);
      if (Date.now() >= nextLookMs) {
        nextLookMs = Date.now() + 1_000;
        const isHeld = await this.isHeld();
        if (!isHeld) heldSinceMs = 0;
        else if (heldSinceMs === 0) heldSinceMs = Date.now();
        else if (Date.now() - heldSinceMs > RESUME_AFTER_MS)
          await this.call(() => this.handle.signal(resumeSignal, { by: 'chaos' })).catch(() => undefined);
      }
      await sleep(ASK_AGAIN_MS);
    }
    return undefined;
  }

  private async endOf(
    firstRunId: string,
    there: { status: { name: string }; closeTime?: Date | undefined },
  ): Promise<End> {
    const atMs = there.closeTime?.getTime() ?? Date.now();
    if (there.status.name !== 'COMPLETED') return { outcome: there.status.name, atMs };
    const { client } = this.parts.stage;
    const of = client.workflow.getHandle<typeof rollout>(this.workflowId, undefined, {
      firstExecutionRunId: firstRunId,
    });
    const result = await this.untilHeard(() => of.result());
    return { outcome: result?.outcome ?? 'not known', why: result?.why, atMs };
  }

  private async isHeld(): Promise<boolean> {
    const status = await this.call(() => this.handle.query(statusQuery)).catch(() => undefined);
    this.saidLast = status === undefined ? 'it does not answer' : `${status.phase}: ${status.wait?.why ?? ''}`;
    return status?.phase === 'holding' && status.wait?.verbs.includes('resume') === true;
  }

  /** What the scenario asks for. */
  private async act(base: number): Promise<void> {
    const { fleet } = this.parts;
    const { kind, afterMs, forMs } = this.scenario;
    if (kind === 'completes') return;
    if (kind !== 'closed') await this.untilRaised(base);
    await sleep(afterMs);
    if (this.ended) return;
    if (isBreach(this.scenario)) {
      this.acts.breachedAtMs = Date.now();
      await (kind === 'breach' ? fleet.setAlarm(this.plan, 'ALARM') : fleet.runJob(this.plan, true));
      // AWS may have been away for a while.
      this.acts.breachedAtMs = Date.now();
      return;
    }
    if (isAbort(this.scenario)) return this.abort();
    if (kind === 'pause') {
      await this.send(() => this.handle.signal(pauseSignal, { by: 'chaos' }));
      await sleep(forMs);
      await this.send(() => this.handle.signal(resumeSignal, { by: 'chaos' }));
    }
    if (kind === 'promote')
      for (const nth of [1, 2]) {
        const updateId = `${this.round}-${nth}`;
        await this.send(() => this.handle.executeUpdate(promoteUpdate, { updateId, args: [{ by: 'chaos' }] }));
        await sleep(forMs);
      }
  }

  private async abort(): Promise<void> {
    const { kind } = this.scenario;
    this.acts.abortAsked = true;
    if (kind === 'abort-by-cli') return this.abortByCli();
    const sent = { by: 'chaos', reason: 'chaos' };
    const send = (): Promise<unknown> =>
      kind === 'cancel' ? this.handle.cancel() : this.handle.signal(abortSignal, sent);
    await this.send(send);
    if (kind !== 'signals-twice') return;
    // After it, as events that come late, again and in another order.
    const change = {
      alarm: this.plan.watch.alarms[0]?.name ?? '',
      state: 'OK',
      atMs: Date.now() - 60_000,
      why: 'late',
    } as const;
    await this.send(() => this.handle.signal(resumeSignal, { by: 'chaos', flag: 'restore' }));
    await this.send(() => this.handle.signal(alarmChangedSignal, change));
    await this.send(() => this.handle.signal(abortSignal, sent));
    await this.send(() => this.handle.signal(resumeSignal, { by: 'chaos' }));
    this.parts.counts.add('signals-twice-and-late', 'temporal');
  }

  /** The program is killed, and typed again until it has done it. */
  private async abortByCli(): Promise<void> {
    const { killedAfterMs } = this.scenario;
    await this.typed(killedAfterMs);
    this.parts.counts.add('kill', 'cli');
    while (!this.ended && Date.now() < this.parts.stuckAtMs()) if ((await this.typed()) === 0) return;
  }

  private typed(killedAfterMs?: number): Promise<number | null> {
    const { stage, fleet } = this.parts;
    const words = [
      'client/bin/rollout.cjs',
      'abort',
      this.plan.environment,
      '--reason',
      'chaos',
      '--plan',
      fleet.planFile,
    ];
    return new Promise((done) => {
      const child = spawn(process.execPath, words, { cwd: process.cwd(), env: stage.env, stdio: 'ignore' });
      const end = setTimeout(() => child.kill('SIGKILL'), killedAfterMs ?? 60_000);
      child.once('exit', (code) => {
        clearTimeout(end);
        done(code);
      });
    });
  }

  private async untilRaised(base: number): Promise<void> {
    while (!this.ended) {
      const values = await this.parts.fleet.values(this.plan);
      if (values.some(({ version, percentage }) => version > base && percentage > 0)) return;
      await sleep(ASK_AGAIN_MS);
    }
  }

  /** False when there is no rollout any more, or a rule refuses. */
  private async send(work: () => Promise<unknown>): Promise<boolean> {
    while (!this.ended && Date.now() < this.parts.stuckAtMs()) {
      try {
        await this.call(work);
        return true;
      } catch (error) {
        const { name } = error as Error;
        if (name === 'WorkflowNotFoundError' || name === 'WorkflowUpdateFailedError') return false;
        await sleep(ASK_AGAIN_MS);
      }
    }
    return false;
  }

  private async untilHeard<T>(work: () => Promise<T>): Promise<T | undefined> {
    while (Date.now() < this.parts.stuckAtMs() + 30_000) {
      try {
        return await this.call(work);
      } catch {
        await sleep(ASK_AGAIN_MS);
      }
    }
    return undefined;
  }

  private call<T>(work: () => Promise<T>): Promise<T> {
    return this.parts.stage.client.withDeadline(Date.now() + ONE_CALL_MS, work);
  }
}

import { heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { TrafficOrder, TrafficWritten } from '../../../activities/act/flag/flags';
import type { OwnerClaim, OwnershipResult } from '../../../activities/act/flag/owner';
import type { FailureType } from '../../../activities/failures';
import { failure } from '../../../activities/failures';
import type { WatchResult, WatchOrder } from '../../../activities/observe/watch';
import type { DeploymentLook } from '../../../rules/stacks/deployed-state';
import type { CheckOrder } from '../../../activities/observe/checks/run-check';
import type { CheckResult } from '../../../rules/checks/check';
import type { Freeze } from '../../../rules/plan/environment-plan';
import { isKnown } from '../../../rules/rollout/drift';
import { judge } from '../../../rules/guards/health';
import { providerError, verdictKey } from '../../../rules/guards/verdict-of';
import type { Verdict } from '../../../rules/guards/verdict';
import type { AlarmReading, GuardReading } from '../../../rules/guards/readings';
import type { Unreadable } from '../../../rules/rollout/state/watch';
import type { FlagReading } from '../../../rules/rollout/state/flag';
import { LISTED } from '../../../workflows/messages';
import { FOLLOWS } from '../../../rules/verification/parts';
import type { Probed } from '../../../rules/rollout/state/gates';

export interface AlarmTime {
  readonly name: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * The world of a workflow test, in the test server's time: one flag, and alarms that ring at given times. Only the two
 * clocks make it necessary (an emulator has the wall's): the activities themselves are tested against the emulator.
 */
export class FakeAws {
  flag = { percentage: 0, generation: 0, writer: 'cloudformation' };
  /** Workflow id of the flag's owner. */
  owner: string | undefined;
  /** Who edited it by hand last. */
  private edited: string | undefined;
  readonly writes: { readonly percentage: number; readonly atMs: number }[] = [];
  readonly orders: TrafficOrder[] = [];
  alarmTimes: AlarmTime[] = [];
  missing: string[] = [];
  /** Written by hand. */
  freezes: Freeze[] = [];
  freezesReadable = true;
  /** Items of the checklist whose proof fails. */
  unproved: string[] = [];
  /** What is deployed; may throw. */
  deployed: () => DeploymentLook = () => ({ record: { schema: 1 }, stacks: [] });
  deploymentLooks = 0;
  /** What probe jobs show. */
  probe: Probed = { verdict: 'reads-by-job', why: 'read back by the test' };
  probes = 0;
  /** The finished jobs that cannot be read at 0 %; may throw, or wait. */
  unreadable: () => Promise<Unreadable> | Unreadable = () => ({ count: 0 });
  unreachable = false;
  /** The result of a check, in place of the alarms. */
  says: Omit<Verdict, 'atMs'> | undefined;
  looks = 0;
  /** What is read for guards, those without a reading are not judged. */
  guardReadings: (nowMs: number) => readonly GuardReading[] = () => [];
  /** The search attributes that the namespace lacks: all of them, unless a test is about lists. */
  missingAttributes: string[] = LISTED.map(({ name }) => name);
  /** Runs before a write takes effect; may throw, wait, or change the world. */
  beforeWrite: (order: TrafficOrder) => Promise<void> | void = () => undefined;

  /** Runs before the owner is released; may throw, or wait. */
  beforeRelease: () => Promise<void> | void = () => undefined;
  /** Runs after the owner was taken, before that is acknowledged. */
  afterTaking: () => Promise<void> | void = () => undefined;
  /** Runs before a read; may throw. */
  beforeRead: () => void = () => undefined;
  /** Runs after a write took effect, before it is acknowledged. */
  afterWrite: (order: TrafficOrder) => void = () => undefined;

  constructor(readonly nowMs: () => Promise<number>) {}

  percentages(): number[] {
    return this.writes.map(({ percentage }) => percentage);
  }

  /** A change in the console, which may leave the generation as it was. */
  editByHand(percentage: number, writer = 'arn:aws:iam::333333333333:user/ada', generations = 1): void {
    this.flag = { percentage, generation: this.flag.generation + generations, writer };
    this.edited = writer;
  }

  /** A failure that the policy does not try again. */
  hopeless(type: FailureType): ApplicationFailure {
    return failure(type, `${type} by the test`);
  }

  activities() {
    return {
      readFlag: async (): Promise<FlagReading> => {
        this.beforeRead();
        return { found: true, ...this.flag };
      },
      readFreezes: async (): Promise<Freeze[]> => {
        this.beforeRead();
        if (!this.freezesReadable) throw this.hopeless('AccessDenied');
        return this.freezes;
      },
      runCheck: async ({ check, item = check.name }: CheckOrder): Promise<CheckResult> => ({
        outcome: this.unproved.includes(item) ? 'no' : 'yes',
        why: 'looked by the test',
        startedAtMs: await this.nowMs(),
        tookMs: 0,
      }),
      lookAtDeployment: async (): Promise<DeploymentLook> => {
        this.deploymentLooks += 1;
        return this.deployed();
      },
      missingAttributes: async (): Promise<string[]> => this.missingAttributes,
      countUnreadable: async (): Promise<Unreadable> => this.unreadable(),
      probeReads: async (): Promise<Probed> => {
        this.probes += 1;
        return this.probe;
      },
      takeOwner: async (claim: OwnerClaim): Promise<OwnershipResult> => {
        this.beforeRead();
        if (this.owner !== undefined && this.owner !== claim.workflowId && this.owner !== claim.over)
          return { taken: false, why: `the flag is owned by ${this.owner}` };
        this.owner = claim.workflowId;
        await this.afterTaking();
        return { taken: true };
      },
      releaseOwner: async (claim: OwnerClaim): Promise<void> => {
        await this.beforeRelease();
        if (this.owner === claim.workflowId) this.owner = undefined;
      },
      watchAlarms: (order: WatchOrder): Promise<WatchResult> => this.watchAlarms(order),
      setTraffic: (order: TrafficOrder): Promise<TrafficWritten> => this.setTraffic(order),
    };
  }

  private async setTraffic(order: TrafficOrder): Promise<TrafficWritten> {
    this.orders.push(order);
    await whileHeartbeating(() => this.beforeWrite(order));
    if (order.owner !== undefined && order.percentage > 0 && this.owner !== order.owner.workflowId)
      throw failure('NotOwner', `the flag is owned by ${this.owner ?? 'nobody'}`);
    const { flag } = this;
    const stands =
      flag.writer === order.writer && flag.generation >= order.generation && flag.percentage === order.percentage;
    if (stands) return { status: 'written', ...flag };
    if (order.expected !== undefined && !this.standsAs(order.expected)) return { status: 'drift', ...flag };
    const generation = Math.max(order.generation, flag.generation + 1);
    this.flag = { percentage: order.percentage, generation, writer: order.writer };
    this.writes.push({ percentage: order.percentage, atMs: await this.nowMs() });
    this.afterWrite(order);
    return { status: 'written', percentage: order.percentage, generation };
  }

  private standsAs({ generation, percentage }: NonNullable<TrafficOrder['expected']>): boolean {
    return this.flag.generation === generation && this.flag.percentage === percentage;
  }

  private async watchAlarms(order: WatchOrder): Promise<WatchResult> {
    this.looks += 1;
    const nowMs = await this.nowMs();
    const readings = order.alarms.map(({ name, onBreach }) =>
      this.reading(name, onBreach === 'hold' ? order.holdsSinceMs : order.sinceMs, nowMs),
    );
    const guards = this.guardReadings(nowMs);
    const { sinceMs: stepSinceMs, holdsSinceMs } = order;
    const judged = this.unreachable
      ? providerError('CloudWatch did not answer', nowMs)
      : judge(
          { ...order, guards: order.guards.filter(({ name }) => guards.some((one) => one.name === name)) },
          { alarms: readings, guards },
          { nowMs, stepSinceMs, holdsSinceMs, percentage: order.percentage, errorsInARow: { [FOLLOWS]: 3 } },
        );
    const verdict = this.says === undefined ? judged : { ...this.says, atMs: nowMs };
    const flag: FlagReading = { found: true, ...this.flag, by: this.edited };
    if (order.flag !== undefined && !isKnown(order.flag.known, flag)) return { ...verdict, flag };
    if (verdictKey(verdict) !== order.known) return verdict;
    throw ApplicationFailure.create({
      type: 'NothingNew',
      message: verdict.why,
      category: 'BENIGN',
      nextRetryDelay: order.intervalMs,
    });
  }

  private reading(name: string, sinceMs: number, nowMs: number): AlarmReading {
    if (this.missing.includes(name)) return { name, missing: true };
    const rung = this.alarmTimes
      .filter((time) => time.name === name && time.fromMs <= nowMs && time.toMs >= sinceMs)
      .at(-1);
    const base = { name, stateReason: 'threshold crossed', changedAtMs: rung?.fromMs ?? 0, alarmedAtMs: [] };
    if (rung === undefined) return { ...base, state: 'OK' };
    return rung.toMs > nowMs
      ? { ...base, state: 'ALARM' }
      : { ...base, state: 'OK', changedAtMs: rung.toMs, alarmedAtMs: [rung.fromMs] };
  }
}

/** As the real activity does: a write that takes long says that it lives. */
async function whileHeartbeating(work: () => Promise<void> | void): Promise<void> {
  const beat = setInterval(() => heartbeat(), 50);
  try {
    await work();
  } finally {
    clearInterval(beat);
  }
}

import { setCurrentDetails, setHandler, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { readAlarmChange, recordAlarmChange } from '../rules/alarm-change';
import { describeStatus } from '../rules/describe';
import type { EnvironmentPlan } from '../rules/environment-plan';
import type { Decision } from '../rules/rollout';
import type { RolloutState } from '../rules/rollout-state';
import * as record from '../rules/rollout-state';
import { statusOf } from '../rules/rollout-status';
import type { Phase, RolloutStatus } from '../rules/status';
import type { Command, RolloutInput } from './messages';
import {
  abortSignal,
  alarmChangedSignal,
  environmentAttribute,
  pauseSignal,
  percentageAttribute,
  phaseAttribute,
  resumeSignal,
  statusQuery,
} from './messages';

const UNNAMED = 'somebody without a name (Web UI or temporal CLI)';

/** The state of a rollout with everything that reads or changes it from outside: signals, query, details, attributes. */
export class Ledger {
  state: RolloutState;
  /** Rises with every change, so that a wait can tell that something happened. */
  changes = 0;
  readonly plan: EnvironmentPlan;
  private decision: { readonly made: Decision; readonly atMs: number } | undefined;
  private shown: { readonly phase?: Phase; readonly percentage?: number } = {};

  constructor(input: RolloutInput, carried?: RolloutState) {
    this.plan = input.plan;
    this.state = carried ?? beginning(input);
    setHandler(statusQuery, () => this.status());
    setHandler(pauseSignal, (command) => this.update((state) => record.pause(state, haltOf(command))));
    setHandler(resumeSignal, (command) => this.update((state) => record.resume(state, haltOf(command))));
    setHandler(abortSignal, (command) => this.abort(command));
    setHandler(alarmChangedSignal, (change) => this.alarmChanged(change));
  }

  update(change: (state: RolloutState) => RolloutState): void {
    const next = change(this.state);
    if (next === this.state) return;
    this.state = next;
    this.changes += 1;
  }

  abort(command?: Command): void {
    this.update((state) => record.stop(state, { kind: 'abort', ...haltOf(command) }));
  }

  /** Never throws, whatever was sent: an error in a handler would stop the workflow, and with it the way to zero. */
  private alarmChanged(sent: unknown): void {
    const nowMs = Date.now();
    const change = readAlarmChange(sent, nowMs);
    const unreadable = { atMs: nowMs, what: 'a signal alarm-changed that cannot be read was ignored' };
    if (change === undefined) this.update((state) => record.note(state, unreadable));
    else this.update((state) => recordAlarmChange(state, this.plan.watch.alarms, change, nowMs));
  }

  /** What every write of this rollout has in common. */
  order(percentage: number, reason: string) {
    const { workflowId, firstExecutionRunId } = workflowInfo();
    const { aws, flag } = this.plan;
    return { aws, flag, percentage, reason, writer: `${workflowId}/${firstExecutionRunId}` };
  }

  show(decision: Decision): void {
    this.decision = { made: decision, atMs: Date.now() };
    this.publish();
  }

  showEnd(): void {
    this.publish();
  }

  private status(): RolloutStatus {
    const { made, atMs } = this.decision ?? {
      made: { do: 'read-flag', why: 'starting' } as const,
      atMs: this.state.startedAtMs,
    };
    return statusOf(this.plan, this.state, made, { workflowId: workflowInfo().workflowId, nowMs: atMs });
  }

  /** Details cost no event; attributes are sent only when they changed. */
  private publish(): void {
    const status = this.status();
    setCurrentDetails(describeStatus(status, Date.now(), this.plan.windows[0]?.zone));
    const { phase, percentage } = status;
    if (phase === this.shown.phase && percentage === this.shown.percentage) return;
    this.shown = { phase, percentage };
    upsertSearchAttributes([
      { key: environmentAttribute, value: this.plan.environment },
      { key: phaseAttribute, value: phase },
      { key: percentageAttribute, value: percentage },
    ]);
  }
}

function beginning({ startedBy, reason, backToZero }: RolloutInput): RolloutState {
  const state = record.begin(startedBy, reason, Date.now());
  return backToZero === true
    ? record.stop(state, { kind: 'abort', ...haltOf({ by: startedBy, reason: reason ?? 'put back to 0 by hand' }) })
    : state;
}

/** Reasons are kept in the log, which crosses continue-as-new: they are cut to a readable length. */
const REASON_LENGTH = 500;

function haltOf(command: Command | undefined): record.Halt {
  const text = (value: unknown, otherwise: string): string =>
    typeof value === 'string' && value.trim() !== '' ? value.slice(0, REASON_LENGTH) : otherwise;
  return { why: text(command?.reason, 'no reason given'), by: text(command?.by, UNNAMED), sinceMs: Date.now() };
}

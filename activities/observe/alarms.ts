import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { MetricAlarm } from '@aws-sdk/client-cloudwatch';
import { DescribeAlarmsCommand, paginateDescribeAlarmHistory } from '@aws-sdk/client-cloudwatch';
import type { AwsTarget } from '../../rules/environment-plan';
import type { Guard, WatchedAlarm } from '../../rules/guard';
import type { Verdict } from '../../rules/health';
import { judge, providerError, verdictKey } from '../../rules/health';
import type { AlarmReading } from '../../rules/readings';
import type { AwsClients, AwsFor } from '../aws';
import { messageOf, nameOf } from '../failures';

export interface WatchOrder {
  readonly aws: AwsTarget;
  readonly alarms: readonly WatchedAlarm[];
  readonly guards: readonly Guard[];
  /** The percentage of the step that is watched; at 0 only alarms are judged. */
  readonly percentage: number;
  /** An ALARM, or a failed measurement, at any moment since then counts. */
  readonly sinceMs: number;
  /** The same for those that ask to hold: somebody may have looked at them and resumed. */
  readonly holdsSinceMs: number;
  readonly intervalMs: number;
  /** `verdictKey` of what is known already: only something else is reported. Left out, the first verdict is. */
  readonly known?: string;
}

/** DescribeAlarms takes 100 names at the most. */
const NAMES_PER_REQUEST = 100;
/** One failed read is a hiccup; this many in a row are worth telling. */
const ERRORS_BEFORE_TOLD = 3;
const RETRY_AFTER_ERROR_MS = 1_000;

/**
 * A poll is an attempt: while nothing new is seen the attempt fails on purpose (BENIGN, no log, no metric) and Temporal
 * starts the next one after the interval. Attempts add nothing to the workflow's history, hold no slot between polls
 * and are cancelled at once. How many reads failed in a row is remembered in the heartbeat.
 */
export function createAlarmObservations(awsFor: AwsFor): { watchAlarms(order: WatchOrder): Promise<Verdict> } {
  return {
    async watchAlarms(order) {
      const verdict = await look(awsFor(order.aws), order);
      const errorsInARow = verdict.outcome === 'error' ? errorsSoFar() + 1 : 0;
      Context.current().heartbeat({ errorsInARow });
      const tooEarlyToTell = verdict.outcome === 'error' && errorsInARow < ERRORS_BEFORE_TOLD;
      if (verdictKey(verdict) !== order.known && !tooEarlyToTell) return verdict;
      throw ApplicationFailure.create({
        type: 'NothingNew',
        message: verdict.why,
        category: 'BENIGN',
        nextRetryDelay: tooEarlyToTell ? Math.min(RETRY_AFTER_ERROR_MS, order.intervalMs) : order.intervalMs,
      });
    },
  };
}

function errorsSoFar(): number {
  const details = Context.current().info.heartbeatDetails as { errorsInARow?: number } | undefined;
  return details?.errorsInARow ?? 0;
}

async function look({ cloudwatch }: AwsClients, order: WatchOrder): Promise<Verdict> {
  try {
    const asked = order.alarms.map(({ name, onBreach }) => ({
      name,
      sinceMs: onBreach === 'hold' ? order.holdsSinceMs : order.sinceMs,
    }));
    const readings = await readAlarms(cloudwatch, asked);
    const { percentage, sinceMs: stepSinceMs } = order;
    const moment = { nowMs: Date.now(), stepSinceMs, percentage, errorsInARow: {} };
    return judge(order, { alarms: readings, guards: [] }, moment);
  } catch (error) {
    return providerError(`CloudWatch did not answer: ${nameOf(error)}: ${messageOf(error)}`, Date.now());
  }
}

/** One reading per name, in batches; composite alarms are asked for explicitly, or CloudWatch leaves them out. */
export async function readAlarms(
  cloudwatch: AwsClients['cloudwatch'],
  asked: readonly { readonly name: string; readonly sinceMs: number }[],
): Promise<AlarmReading[]> {
  const found = new Map<string, MetricAlarm>();
  for (let first = 0; first < asked.length; first += NAMES_PER_REQUEST) {
    const AlarmNames = asked.slice(first, first + NAMES_PER_REQUEST).map(({ name }) => name);
    const answer = await cloudwatch.send(
      new DescribeAlarmsCommand({
        AlarmNames,
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: NAMES_PER_REQUEST,
      }),
    );
    for (const alarm of [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])])
      found.set(alarm.AlarmName ?? '', alarm);
  }
  return Promise.all(asked.map(({ name, sinceMs }) => readingOf(cloudwatch, name, found.get(name), sinceMs)));
}

async function readingOf(
  cloudwatch: AwsClients['cloudwatch'],
  name: string,
  alarm: MetricAlarm | undefined,
  sinceMs: number,
): Promise<AlarmReading> {
  if (alarm === undefined) return { name, missing: true };
  const changedAtMs = (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.getTime() ?? 0;
  const state = alarm.StateValue ?? 'INSUFFICIENT_DATA';
  // The history API is slow and throttled (3 a second): it is asked only when the state changed since.
  const past = state !== 'ALARM' && changedAtMs >= sinceMs ? await historyOf(cloudwatch, name, sinceMs) : {};
  return {
    name,
    state,
    stateReason: alarm.StateReason ?? 'no reason given',
    changedAtMs,
    ...(alarm.EvaluationState === undefined ? {} : { evaluation: alarm.EvaluationState }),
    alarmedAtMs: [],
    ...past,
  };
}

/** Without its history this alarm is blind; what the others show must not be lost with it. */
async function historyOf(
  cloudwatch: AwsClients['cloudwatch'],
  name: string,
  sinceMs: number,
): Promise<{ readonly alarmedAtMs?: readonly number[]; readonly evaluation?: string }> {
  try {
    const alarmedAtMs = await lastAlarmSince(cloudwatch, name, sinceMs);
    return { alarmedAtMs: alarmedAtMs === undefined ? [] : [alarmedAtMs] };
  } catch (error) {
    return { evaluation: `its history could not be read: ${nameOf(error)}` };
  }
}

async function lastAlarmSince(
  cloudwatch: AwsClients['cloudwatch'],
  name: string,
  sinceMs: number,
): Promise<number | undefined> {
  const pages = paginateDescribeAlarmHistory(
    { client: cloudwatch, pageSize: 100 },
    {
      AlarmName: name,
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
      HistoryItemType: 'StateUpdate',
      StartDate: new Date(sinceMs),
      ScanBy: 'TimestampDescending',
    },
  );
  for await (const { AlarmHistoryItems = [] } of pages) {
    const alarmed = AlarmHistoryItems.find((item) => /to ALARM\b/.test(item.HistorySummary ?? ''));
    if (alarmed !== undefined) return alarmed.Timestamp?.getTime();
  }
  return undefined;
}

import { type AlarmType, paginateDescribeAlarmHistory } from '@aws-sdk/client-cloudwatch';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { WatchedAlarm } from '../../../rules/guards/guard';
import type { AlarmReading } from '../../../rules/guards/readings';
import { nameOf } from '../../failures';
import { type Freshness, freshnessOf } from './alarm-freshness';
import { alarmNamed, type FoundAlarm } from './alarm-lookup';
import { silenceOf } from './alarm-silence';
import { metricRingTime } from './alarm-timing';
import { unlessAborted } from '../../poll';
import type { Observation } from './observation';

/** Beyond this an alarm flaps, and its newest thousand changes are enough. */
const HISTORY_PAGES = 10;
/** The emulator, and perhaps others, report the time of a change in whole seconds. */
const TIMES_ARE_CUT_MS = 1_000;

/**
 * One alarm, its present state and its history since the beginning of the check's time.
 * @throws when CloudWatch does not answer, and the signal's reason when the caller has given up; then no request is made.
 */
export async function readAlarm(
  asked: Pick<WatchedAlarm, 'name' | 'staleAfterMs'>,
  look: Observation,
): Promise<AlarmReading> {
  const { name, staleAfterMs } = asked;
  const { cloudwatch } = look.clients;
  // Before any request: a batch gathers for a moment, and would be sent for no caller.
  look.abortSignal.throwIfAborted();
  const found = await unlessAborted(alarmNamed(cloudwatch, name), look.abortSignal);
  if (found === undefined) return { name, missing: true };
  refuseElsewhere(found, look.aws);
  const [past, freshness, silenced] = await Promise.all([
    pastOf(found, look),
    staleAfterMs === undefined
      ? NOTHING
      : orUnknown('the age of its data', () => freshnessOf(found, staleAfterMs, look)),
    unlessAborted(silenceOf(cloudwatch, found), look.abortSignal),
  ]);
  const evaluation = evaluationOf(found) ?? past.unknown ?? freshness.unknown;
  return {
    name,
    state: found.alarm.StateValue ?? 'INSUFFICIENT_DATA',
    stateReason: found.alarm.StateReason ?? 'no reason given',
    changedAtMs: changedAtMs(found),
    alarmedAtMs: past.alarmedAtMs ?? [],
    evaluation,
    silenced,
    staleSinceMs: freshness.staleSinceMs,
    ringTime: found.kind === 'metric' ? metricRingTime(found.alarm) : undefined,
  };
}

/** CloudWatch answers for the credentials' account: an alarm of that name there is another one. */
function refuseElsewhere({ alarm: { AlarmName, AlarmArn = '' } }: FoundAlarm, { account }: AwsTarget): void {
  const [, , , , found] = AlarmArn.split(':');
  if (found === undefined || found === account) return;
  throw new Error(`the credentials read ${AlarmName} of account ${found}, and the plan wants that of ${account}`);
}

const evaluationOf = ({ kind, alarm }: FoundAlarm): string | undefined =>
  kind === 'composite' ? undefined : alarm.EvaluationState;

const changedAtMs = ({ alarm }: FoundAlarm): number =>
  (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.getTime() ?? 0;

interface Unknown {
  readonly unknown?: string;
}

const NOTHING: Freshness = {};

/** Without this part the alarm is blind and is reported as blind, with everything else that is known of it. */
async function orUnknown<T extends object>(what: string, work: () => Promise<T>): Promise<Partial<T> & Unknown> {
  try {
    return await work();
  } catch (error) {
    return { unknown: `${what} could not be read: ${nameOf(error)}` } as Partial<T> & Unknown;
  }
}

/** The history API is slow and throttled (3 a second): it is read only when the state changed since. */
async function pastOf(
  found: FoundAlarm,
  look: Observation,
): Promise<Unknown & { readonly alarmedAtMs?: readonly number[] }> {
  if (changedAtMs(found) + TIMES_ARE_CUT_MS <= look.sinceMs) return {};
  return orUnknown('its history', async () => ({ alarmedAtMs: await ringings(found, look) }));
}

const TYPES: Readonly<Record<FoundAlarm['kind'], AlarmType>> = {
  metric: 'MetricAlarm',
  composite: 'CompositeAlarm',
  log: 'LogAlarm',
};

/** Every time it went to ALARM, oldest first. */
async function ringings(
  { alarm, kind }: FoundAlarm,
  { clients, sinceMs, abortSignal }: Observation,
): Promise<readonly number[]> {
  const pages = paginateDescribeAlarmHistory(
    { client: clients.cloudwatch, pageSize: 100 },
    {
      AlarmName: alarm.AlarmName,
      AlarmTypes: [TYPES[kind]],
      HistoryItemType: 'StateUpdate',
      StartDate: new Date(sinceMs),
      ScanBy: 'TimestampDescending',
    },
    { abortSignal },
  );
  const times: number[] = [];
  let read = 0;
  for await (const { AlarmHistoryItems = [] } of pages) {
    for (const { HistorySummary = '', Timestamp } of AlarmHistoryItems)
      if (/to ALARM\b/.test(HistorySummary) && Timestamp !== undefined) times.push(Timestamp.getTime());
    read += 1;
    if (read === HISTORY_PAGES) break;
  }
  return times.sort((a, b) => a - b);
}

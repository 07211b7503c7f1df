import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { paginateListAlarmMuteRules } from '@aws-sdk/client-cloudwatch';
import type { FoundAlarm } from './alarm-lookup';

/** Rules are made manually and rarely: an answer is good for this long, for all rollouts of an account and region. */
const KEPT_MS = 60_000;

const activeRules = new WeakMap<CloudWatchClient, { readonly askedAtMs: number; readonly any: Promise<boolean> }>();

/** Why the alarm notifies no one, or undefined. Its state is evaluated all the same. */
export async function silenceOf(
  cloudwatch: CloudWatchClient,
  { kind, alarm }: FoundAlarm,
): Promise<string | undefined> {
  if (alarm.ActionsEnabled === false) return 'its actions are disabled';
  if (kind === 'composite' && alarm.ActionsSuppressedBy !== undefined) {
    const why = alarm.ActionsSuppressedReason === undefined ? '' : `: ${alarm.ActionsSuppressedReason}`;
    return `its actions are suppressed (${alarm.ActionsSuppressedBy})${why}`;
  }
  if (alarm.AlarmName === undefined || !(await isAnyRuleActive(cloudwatch))) return undefined;
  const rule = await activeRule(cloudwatch, alarm.AlarmName);
  return rule === undefined ? undefined : `it is muted by ${rule}`;
}

/** One request for all alarms, because there is hardly ever a rule. */
function isAnyRuleActive(cloudwatch: CloudWatchClient): Promise<boolean> {
  const known = activeRules.get(cloudwatch);
  if (known !== undefined && Date.now() - known.askedAtMs < KEPT_MS) return known.any;
  const any = activeRule(cloudwatch).then((rule) => rule !== undefined);
  activeRules.set(cloudwatch, { askedAtMs: Date.now(), any });
  return any;
}

/**
 * A mute rule that is active now, for the given alarm or for any. When rules cannot be read (no permission, a partition or
 * an emulator without them), none is known: that must not make an alarm blind whose state can be read.
 */
async function activeRule(client: CloudWatchClient, AlarmName?: string): Promise<string | undefined> {
  const wanted = { Statuses: ['ACTIVE' as const], AlarmName };
  try {
    for await (const { AlarmMuteRuleSummaries = [] } of paginateListAlarmMuteRules({ client }, wanted)) {
      const [first] = AlarmMuteRuleSummaries;
      if (first !== undefined) return first.AlarmMuteRuleArn ?? 'a mute rule';
    }
  } catch {
    return undefined;
  }
  return undefined;
}

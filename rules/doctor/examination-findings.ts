import { NO_INFRASTRUCTURE, remedyFor } from '../deployment/deployable';
import { type Judged, deployedStateWords } from '../stacks/deployed-state';
import type { Finding } from './doctor-report';
import type { Guard, GuardPolicy, WatchedAlarm } from '../guards/guard';
import type { AlarmReading, FollowsReading, GuardReading, ResultsReading } from '../guards/readings';
import { tooSlow } from '../guards/ring-time';
import type { EnvironmentPlan } from '../plan/environment-plan';
import { formatTime, percent, formatDuration } from '../format';

export function accountFinding(account: string | undefined, arn: string | undefined, wanted: string): Finding {
  const subject = 'credentials';
  if (account === wanted)
    return { subject, level: 'ok', what: `${arn ?? 'an unnamed identity'} of account ${account}` };
  const what = `${arn ?? 'an unnamed identity'} belongs to account ${account ?? 'unknown'}, but the plan names ${wanted}`;
  return { subject, level: 'problem', what, remedy: 'give the worker a profile of that account, or correct the plan' };
}

/** What the finding about an alarm depends on besides its reading. */
export interface AlarmAround {
  /** As `account 333333333333, region us-east-1`. */
  readonly where: string;
  readonly plan: Pick<EnvironmentPlan, 'steps' | 'watch' | 'infrastructure'>;
  /** Whether it has an alarm action, such as a topic that feeds the push queue. */
  readonly hasActions: boolean;
}

/**
 * Whether an alarm can protect a rollout: it exists, has data, and can fire before a step is over. `staleAfterMs` of the
 * plan decides when its data is too old; without it, old data is only a warning.
 */
export function alarmFinding(alarm: WatchedAlarm, reading: AlarmReading, around: AlarmAround): Finding {
  const found = stateFinding(alarm, reading, around);
  if (found.level === 'problem' || reading.missing === true) return found;
  const cautions = [...slowness(alarm, reading, around), ...unheard(alarm, around)];
  if (cautions.length === 0) return { ...found, what: found.what + elsewhere(alarm, around) };
  const remedies = [found.remedy, ...cautions.map(({ remedy }) => remedy)].filter((one) => one !== undefined);
  return {
    subject: found.subject,
    level: 'warning',
    what: [found.what + elsewhere(alarm, around), ...cautions.map(({ what }) => what)].join('; '),
    remedy: remedies.join('; '),
  };
}

type Caution = Required<Pick<Finding, 'what' | 'remedy'>>;

function slowness(alarm: WatchedAlarm, { ringTime }: Present, { plan }: AlarmAround): readonly Caution[] {
  const what = ringTime === undefined ? undefined : tooSlow(alarm, ringTime, plan.steps);
  if (what === undefined) return [];
  return [{ what, remedy: 'give the alarm shorter periods, write longer soaks, or add a guard that measures sooner' }];
}

/** The poll still sees the alarm; the push and a guardian on the same topic do not. */
function unheard({ aws }: WatchedAlarm, { plan: { watch }, hasActions }: AlarmAround): readonly Caution[] {
  if (watch.pushQueue === undefined || hasActions) return [];
  const what = `it has no alarm actions: neither ${watch.pushQueue} nor a guardian receives it, the rollout only polls it every ${formatDuration(watch.intervalMs)}`;
  const remedy =
    aws === undefined
      ? 'give it the topic that feeds the queue as an alarm action'
      : 'give it a topic there as an alarm action, and subscribe the queue to that topic';
  return [{ what, remedy }];
}

function elsewhere({ aws }: WatchedAlarm, { where, plan: { watch } }: AlarmAround): string {
  if (aws === undefined) return '';
  const pushed = watch.pushQueue === undefined ? '' : `, pushed only where its topic there feeds ${watch.pushQueue}`;
  return `, in ${where}: polled every ${formatDuration(watch.intervalMs)}${pushed}; the guardian and CloudFormation do not watch it`;
}

function stateFinding(alarm: WatchedAlarm, reading: AlarmReading, { where, plan }: AlarmAround): Finding {
  const subject = `alarm ${alarm.name}`;
  if (reading.missing === true) {
    const remedy = 'deploy the stack that defines it with `rollout deploy`, or correct its name or region in the plan';
    return { subject, level: severity(alarm), what: `does not exist in ${where}`, remedy: remedyFor(plan, remedy) };
  }
  if (reading.state === 'ALARM') {
    const what = `is in ALARM since ${utc(reading.changedAtMs)}: ${reading.stateReason}`;
    return { subject, level: severity(alarm), what, remedy: 'a rollout could not raise: wait until the alarm is OK' };
  }
  const blind = blindness(reading);
  if (blind !== undefined) return { subject, level: severity(alarm), ...blind };
  const { staleSinceMs } = reading;
  if (staleSinceMs === undefined) return { subject, level: 'ok', what: `${reading.state}, with recent data` };
  const what =
    staleSinceMs === 0 ? 'OK, but its metric has never had data' : `OK, but without data since ${utc(staleSinceMs)}`;
  const level = alarm.staleAfterMs === undefined ? 'warning' : severity(alarm);
  return { subject, level, what, remedy: 'send some traffic and check that its metric gets data' };
}

type Present = Exclude<AlarmReading, { readonly missing: true }>;

function blindness({
  state,
  changedAtMs,
  evaluation,
  silenced,
}: Present): Pick<Finding, 'what' | 'remedy'> | undefined {
  if (state === 'INSUFFICIENT_DATA')
    return {
      what: `INSUFFICIENT_DATA since ${utc(changedAtMs)}: it watches nothing`,
      remedy: 'send some traffic, or set in the alarm how missing data is treated',
    };
  if (silenced !== undefined) return { what: `OK, but its actions are off: ${silenced}`, remedy: 'enable its actions' };
  if (evaluation === undefined) return undefined;
  return {
    what: `OK, but its evaluation is doubtful (${evaluation})`,
    remedy: "check the alarm's metric and permissions",
  };
}

/** Shown, so that nobody waits for a deployment or for drift of stacks that the plan does not name. */
export const noInfrastructureFinding: Finding = {
  subject: 'infrastructure',
  level: 'ok',
  what: `none: ${NO_INFRASTRUCTURE}, and looks at none`,
};

export function deploymentFinding(judged: Judged): Finding {
  const subject = 'deployment';
  if (judged.standing !== undefined)
    return { subject, level: 'ok', what: `template ${deployedStateWords(judged.standing)}` };
  const { why, remedy } = judged.refusal;
  return { subject, level: 'problem', what: why, remedy };
}

/** Guards that the plan sets for every environment but that have nothing to read in this one. */
export const guardsWithoutApiFindings = ({ watch, environment }: EnvironmentPlan): readonly Finding[] =>
  (watch.guardsWithoutApi ?? []).map((name) => ({
    subject: `guard ${name}`,
    level: 'warning',
    what: `is not read: ${environment} sets no verification.apiUrl, so there is no address to fetch results from`,
    remedy: `set verification.apiUrl for ${environment}, or give it guards of its own`,
  }));

/** What was read for a guard lately. No traffic on the new side is no fault: that is how a rollout begins. */
export function guardFinding(guard: Guard, reading: GuardReading, sinceMs: number): Finding {
  const subject = `guard ${guard.name}`;
  const finding = (level: Finding['level'], what: string, remedy?: string): Finding =>
    remedy === undefined ? { subject, level, what } : { subject, level, what, remedy };
  const since = `since ${utc(sinceMs)}`;
  switch (reading.kind) {
    case 'error':
      return finding(severity(guard), `cannot be read: ${reading.why}`, REMEDY[guard.kind]);
    case 'series':
      return reading.points.length === 0 && reading.lastDataAtMs === undefined
        ? finding('warning', `no data ${since}`, REMEDY[guard.kind])
        : finding('ok', `${reading.samples} samples ${since}`);
    case 'executions':
      return reading.cut === true
        ? finding(
            'warning',
            `at least ${reading.started} executions ${since}, more than one check reads: such a guard is never healthy`,
            'use a metric of AWS/States as the guard instead',
          )
        : finding('ok', `${reading.started} executions ${since}`);
    case 'results':
      return resultsFinding(guard, reading, since);
    case 'follows':
      return followsFinding(guard, reading);
    case 'comparison':
      return finding('ok', `${reading.fresh.total} and ${reading.baseline.total} samples ${since}`);
  }
}

function resultsFinding(guard: Guard, { good, bad, unanswered, ...rest }: ResultsReading, since: string): Finding {
  const subject = `guard ${guard.name}`;
  const what = `all results of ${good} of ${good + bad + unanswered} sampled jobs are good ${since}`;
  const remedy = REMEDY.results;
  if (bad > 0)
    return { subject, level: severity(guard), what: `${what}; for example ${rest.examples?.[0] ?? ''}`, remedy };
  if (unanswered > 0)
    return { subject, level: severity(guard), what: `${what}; NOT KNOWN: ${rest.silence ?? ''}`, remedy };
  return { subject, level: 'ok', what };
}

/** Each instance by its name: an instance that does not follow the flag document would ignore raises and zero. */
function followsFinding({ name }: Guard, { told, percentage }: FollowsReading): Finding {
  const others = told.filter(({ says }) => says !== 'follows');
  const words = others.map(({ where, says, why }) => `${where}: ${says === 'nothing' ? 'NOT KNOWN: ' : ''}${why}`);
  const count = `${told.length - others.length} of ${told.length} answers follow the flag document at ${percent(percentage)}`;
  const subject = `instances of the API (${name})`;
  if (others.length === 0) return { subject, level: 'ok', what: count };
  return { subject, level: 'problem', what: `${count}; ${words.join('; ')}`, remedy: REMEDY.follows };
}

/** Why the executions of a guard's state machine are in no list, or only the `parents` of a Distributed Map. */
export interface ExecutionsFlaw {
  readonly listed: 'nothing' | 'parents';
  readonly what: string;
  readonly remedy: string;
}

export function flawedGuardFinding(guard: Guard, { listed, what, remedy }: ExecutionsFlaw): Finding {
  return { subject: `guard ${guard.name}`, level: listed === 'nothing' ? severity(guard) : 'warning', what, remedy };
}

const REMEDY: Readonly<Record<Guard['kind'], string>> = {
  metric: 'correct namespace, name and dimensions of the metric in the plan, or check that it gets data',
  logs: 'correct the log group and the pattern in the plan, or check that the API logs it',
  executions: 'deploy the state machine, or correct its name in the plan',
  results:
    'check that the worker reaches verification.apiUrl and every instance, and that the state machine is deployed',
  follows:
    'check that the worker reaches the health endpoint of every instance, and that each instance reads the flag document',
  comparison: 'correct the log group and the pattern in the plan, or check that the API logs it',
};

/** A guard without consequence in the plan stops no rollout. */
function severity(policy: GuardPolicy): 'problem' | 'warning' {
  return policy.dryRun === true || policy.onBreach === 'notify' ? 'warning' : 'problem';
}

const utc = (ms: number): string => formatTime(ms, 'UTC');

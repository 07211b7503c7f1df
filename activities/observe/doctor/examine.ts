import { setMaxListeners } from 'node:events';
import { Context } from '@temporalio/activity';
import { GetDashboardCommand } from '@aws-sdk/client-cloudwatch';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import type { DoctorReport, Finding } from '../../../rules/doctor/doctor-report';
import { isDeployable, remedyFor } from '../../../rules/deployment/deployable';
import { judgeDeployedState } from '../../../rules/stacks/deployed-state';
import {
  accountFinding,
  alarmFinding,
  deploymentFinding,
  flawedGuardFinding,
  guardFinding,
  guardsWithoutApiFindings,
  noInfrastructureFinding,
} from '../../../rules/doctor/examination-findings';
import { clockFinding } from '../../../rules/doctor/clock-findings';
import type { JobKinds } from '../../../rules/jobs/job-kind';
import { checkFindings, jobKindFinding } from '../../../rules/doctor/check-findings';
import { formatFinding, ownPlanFinding, probeFinding } from '../../../rules/doctor/flag-findings';
import type { Guard, WatchedAlarm } from '../../../rules/guards/guard';
import { ownerParameterOf } from '../../../rules/rollout/owner';
import { followsGuard } from '../../../rules/verification/parts';
import { percent } from '../../../rules/format';
import type { TemporalKnown } from '../../act/flag/owner';
import type { AwsFor } from '../../aws';
import { messageOf, nameOf, toFailure, withoutCredentials } from '../../failures';
import { alarmNamed } from '../guards/alarm-lookup';
import { ringTimeOf } from '../guards/alarm-timing';
import { readAlarm } from '../guards/alarms';
import { type Asked, proxyFinding } from '../../../rules/doctor/proxy-finding';
import { awsAddress } from '../../../rules/proxy';
import { placesOf } from '../../act/jobs/jobs-api';
import { askWhoCalls } from './caller';
import { lookAtDeployment } from '../stacks/deployment-record';
import { examineAudit } from './audit';
import { examineChannel } from './channels';
import { examineQueue } from './queue';
import { examineDelivery } from './delivery';
import { examineGuardian } from './guardian';
import { examineOwner } from './owner';
import { finding } from './finding';
import { createFlagObservations } from '../flag/flags';
import { readFreezes } from '../flag/freezes';
import { readGuard } from '../guards/guards';
import { type Observation, observedThere } from '../guards/observation';
import { stateMachineFlaw } from '../guards/state-machine';
import { within } from '../../within';

export interface ExaminationOrder {
  readonly plan: EnvironmentPlan;
  /** Of the rollouts of this environment. */
  readonly workflowId: string;
}

const LOOK_MS = 25_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * Checks everything in AWS that a rollout of this plan needs, from where rollouts run, and changes nothing. A failed check
 * is a finding, not an error.
 */
export function createExaminations(
  awsFor: AwsFor,
  known: TemporalKnown = { cluster: '' },
  jobKinds: JobKinds = [],
): { examine(order: ExaminationOrder): Promise<DoctorReport> } {
  return {
    async examine({ plan, workflowId }) {
      const nowMs = Date.now();
      const abortSignal = within(LOOK_MS, Context.current().cancellationSignal);
      // All requests listen to this one signal; Node warns of more than ten listeners.
      setMaxListeners(0, abortSignal);
      const { aws } = plan;
      const look: Observation = { clients: awsFor(aws), aws, nowMs, sinceMs: nowMs, abortSignal, jobKinds };
      const ways = proxyFinding(askedOf(plan, known), process.env);
      const caller = await examineCaller(plan, look);
      if (caller.stop) return { atMs: nowMs, findings: [ways, ...caller.findings] };
      const findings = await Promise.all([
        ...examineParameters(awsFor, plan, look),
        finding(`owner ${ownerParameterOf(plan.flag)}`, () =>
          examineOwner({ awsFor, known, abortSignal }, plan, workflowId),
        ),
        Promise.resolve([
          ...(isDeployable(plan) ? [] : [noInfrastructureFinding]),
          ...ownPlanFinding(known.onlyPlans, plan),
          ...formatFinding(plan),
          probeFinding(plan),
          ...jobKindFinding(plan, jobKinds),
          ...checkFindings(plan, (name) => process.env[name] !== undefined),
          ...guardsWithoutApiFindings(plan),
        ]),
        ...(plan.delivery === undefined ? [] : [examineDelivery(awsFor, plan, plan.delivery, look)]),
        ...examineDeployment(awsFor, plan),
        ...examineGuardian(plan, look),
        examineAudit(plan, look),
        ...examineOtherPlaces(awsFor, plan, abortSignal),
        ...plan.watch.alarms.map((alarm) => examineAlarm(plan, alarm, observedThere(look, alarm.aws, awsFor))),
        ...[...plan.watch.guards, ...followed(plan)].map((guard) =>
          examineGuard(guard, observedThere(look, guard.aws, awsFor)),
        ),
        ...(plan.watch.pushQueue === undefined ? [] : [examineQueue(plan.watch.pushQueue, plan.watch, look)]),
        ...(plan.watch.dashboard === undefined ? [] : [examineDashboard(plan, plan.watch.dashboard, look)]),
        ...(plan.notify ?? []).map((channel) => examineChannel(awsFor, aws, channel, abortSignal)),
      ]);
      return { atMs: nowMs, findings: [ways, ...caller.findings, ...findings.flat()] };
    },
  };
}

function askedOf({ aws, verification }: EnvironmentPlan, { address }: TemporalKnown): Asked {
  return {
    aws: awsAddress('ssm', aws.region, process.env),
    api: verification === undefined ? [] : placesOf(verification),
    temporal: address,
  };
}

async function examineCaller(
  { aws }: EnvironmentPlan,
  { clients, abortSignal }: Observation,
): Promise<{ readonly findings: readonly Finding[]; readonly stop: boolean }> {
  const { answer, skewMs } = await askWhoCalls(clients, abortSignal);
  const clock = skewMs === undefined ? [] : [clockFinding(skewMs)];
  if (!(answer instanceof Error))
    return { findings: [accountFinding(answer.Account, answer.Arn, aws.account), ...clock], stop: false };
  const what = `AWS does not report the worker's identity: ${nameOf(answer)}: ${messageOf(answer)}`;
  // Without credentials every other check would fail for the same reason.
  const stop = withoutCredentials(answer) || toFailure(answer, 'asking STS').type === 'AccessDenied';
  const rest = stop ? '; nothing else was checked' : '';
  const remedy =
    aws.profile === undefined
      ? "give the worker credentials by AWS's standard chain"
      : `make profile ${aws.profile} work where the worker runs`;
  return { findings: [{ subject: 'credentials', level: 'problem', what: what + rest, remedy }, ...clock], stop };
}

function examineParameters(awsFor: AwsFor, plan: EnvironmentPlan, look: Observation): Promise<readonly Finding[]>[] {
  const { aws, flag, freezeParameter: parameter } = plan;
  const subject = `flag parameter ${flag.parameter}`;
  const flagFindings = finding(subject, async () => {
    const reading = await createFlagObservations(awsFor).readFlag({ aws, flag });
    if (!reading.found) return { subject, level: 'problem', what: reading.why, remedy: flagRemedy(plan, reading) };
    const { percentage, generation, writer } = reading;
    const what = `${percent(percentage)}, generation ${generation}, written by ${writer}`;
    return [{ subject, level: 'ok', what }, await mayBeWritten(flag.parameter, look)];
  });
  if (parameter === undefined) return [flagFindings];
  const frozen = `freeze parameter ${parameter}`;
  const freezeFindings = finding(frozen, async () => {
    const standing = (await readFreezes(awsFor, { aws, parameter }, look.abortSignal)).filter(
      ({ toMs }) => toMs > look.nowMs,
    );
    return { subject: frozen, level: 'ok', what: standing.length === 0 ? 'no freeze' : `${standing.length} freezes` };
  });
  return [flagFindings, freezeFindings];
}

const flagRemedy = ({ environment }: EnvironmentPlan, { missing }: { readonly missing?: true }): string =>
  missing === true
    ? `create it, at 0 %, with \`rollout setup ${environment}\``
    : `correct the document, or \`rollout flags set ${environment} --percentage 0 --break-glass --reason repaired\``;

/**
 * Whether the parameter may be written, without writing it: an existing one is not overwritten, and the value does not
 * match its own pattern, so nothing is written even if the parameter is deleted in between. AWS checks the permission
 * first. A policy with the condition `ssm:Overwrite` may still answer differently for the real write.
 */
async function mayBeWritten(name: string, { clients, abortSignal }: Observation): Promise<Finding> {
  const subject = `permission to write ${name}`;
  const put = {
    Name: name,
    Value: 'not to be written',
    Type: 'String',
    Overwrite: false,
    AllowedPattern: '^$',
  } as const;
  try {
    await clients.ssm.send(new PutParameterCommand(put), { abortSignal });
    const what = 'the parameter was deleted in this moment, and something was written in its place';
    return {
      subject,
      level: 'problem',
      what,
      remedy: 'write the flag document again: `rollout flags set --percentage 0 --break-glass --reason lost`',
    };
  } catch (error) {
    const name = nameOf(error);
    if (name === 'ParameterAlreadyExists' || name === 'ParameterPatternMismatchException')
      return { subject, level: 'ok', what: 'allowed (tried without changing it)' };
    if (toFailure(error, subject).type !== 'AccessDenied') throw error;
    const what = `${name}: ${messageOf(error)}`;
    return { subject, level: 'problem', what, remedy: "allow ssm:PutParameter in the policy of the worker's role" };
  }
}

/** As a rollout reads it before its first raise. */
function examineDeployment(awsFor: AwsFor, plan: EnvironmentPlan): Promise<readonly Finding[]>[] {
  const { aws, service, environment, infrastructure, deployment } = plan;
  const needs = deployment?.rolloutNeeds;
  if (needs === undefined) return [];
  const look = async (): Promise<Finding> => {
    const place = { aws, service, environment, stacks: infrastructure?.stacks ?? [] };
    return deploymentFinding(judgeDeployedState(environment, needs, await lookAtDeployment(awsFor, place)));
  };
  return [finding('deployment', look)];
}

/** The credentials for alarms and guards that are in another account or region than the environment, once for each place. */
function examineOtherPlaces(
  awsFor: AwsFor,
  { watch }: EnvironmentPlan,
  abortSignal: AbortSignal,
): Promise<readonly Finding[]>[] {
  const places = new Map([...watch.alarms, ...watch.guards].map(({ aws }) => [JSON.stringify(aws), aws]));
  return [...places.values()].flatMap((aws) => {
    if (aws === undefined) return [];
    const subject = `credentials for ${aws.account}, ${aws.region}`;
    const look = async (): Promise<Finding> => {
      const { answer } = await askWhoCalls(awsFor(aws), abortSignal);
      if (answer instanceof Error) throw answer;
      return { ...accountFinding(answer.Account, answer.Arn, aws.account), subject };
    };
    return [finding(subject, look)];
  });
}

/** Without a limit in the plan, data of the last day is recent. A composite alarm has no data of its own. */
function examineAlarm(plan: EnvironmentPlan, alarm: WatchedAlarm, look: Observation): Promise<readonly Finding[]> {
  const { name } = alarm;
  return finding(`alarm ${name}`, async () => {
    const found = await alarmNamed(look.clients.cloudwatch, name);
    const staleAfterMs = alarm.staleAfterMs ?? (found?.kind === 'metric' ? DAY_MS : undefined);
    const read = await readAlarm({ name, staleAfterMs }, look);
    const ringTime = found === undefined ? undefined : await ringTimeOf(look.clients.cloudwatch, found);
    const reading = read.missing === true ? read : { ...read, ringTime };
    const hasActions = (found?.alarm.AlarmActions ?? []).length > 0;
    return alarmFinding(alarm, reading, {
      where: `account ${look.aws.account}, region ${look.aws.region}`,
      plan,
      hasActions,
    });
  });
}

const followed = (plan: EnvironmentPlan): readonly Guard[] => {
  const guard = followsGuard(plan);
  return guard === undefined ? [] : [guard];
};

/** Reads it as a rollout would, over at least the last hour. */
function examineGuard(guard: Guard, look: Observation): Promise<readonly Finding[]> {
  const sinceMs = look.nowMs - Math.max(HOUR_MS, 'periodMs' in guard ? 3 * guard.periodMs : 0);
  return finding(`guard ${guard.name}`, async () => {
    const flaw =
      guard.kind === 'executions' || guard.kind === 'results'
        ? await stateMachineFlaw(guard.stateMachine, look)
        : undefined;
    if (flaw?.listed === 'nothing') return flawedGuardFinding(guard, flaw);
    const found = guardFinding(guard, await readGuard(guard, { ...look, sinceMs }), sinceMs);
    return flaw === undefined || found.level !== 'ok' ? found : flawedGuardFinding(guard, flaw);
  });
}

function examineDashboard(
  plan: EnvironmentPlan,
  dashboard: string,
  { clients, abortSignal }: Observation,
): Promise<readonly Finding[]> {
  const subject = `dashboard ${dashboard}`;
  return finding(subject, async () => {
    try {
      await clients.cloudwatch.send(new GetDashboardCommand({ DashboardName: dashboard }), { abortSignal });
      return { subject, level: 'ok', what: 'exists' };
    } catch (error) {
      if (!/NotFound/.test(nameOf(error))) throw error;
      const remedy = 'deploy the stack that contains it with `rollout deploy`, or correct its name in the plan';
      return { subject, level: 'warning', what: 'does not exist', remedy: remedyFor(plan, remedy) };
    }
  });
}

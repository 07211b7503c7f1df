import { describeStatus } from '../../rules/report/rollout';
import { schemaAsking, startRefusal } from '../../rules/identity/permissions';
import { releaseHeadline } from '../../rules/report/release';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { singleLine, unescaped } from '../../rules/format';
import { zonesAhead } from '../../rules/time/zone-offsets';
import type { ReleaseInput, ReleaseResult } from '../../workflows/messages';
import { releaseWorkflowId, rolloutWorkflowId, verificationWorkflowId } from '../../workflows/messages';
import { actor } from '../input/actor';
import type { Temporal } from '../temporal/connect';
import { webLink } from '../temporal/connect';
import { waitLine } from './deploy';
import { CliError } from '../terminal/cli-error';
import type { ExitCode } from '../terminal/cli-error';
import { findDeployment } from '../temporal/find-deployment';
import { findRelease } from '../temporal/find-release';
import { findRollout } from '../temporal/find-rollout';
import type { CommandOptions } from '../options';
import { commandLine } from '../options';
import { defineVerb } from '../program/verb';
import { running, type Target } from '../target';
import { say } from '../terminal/output';
import { refusedBy } from '../terminal/refused';
import { localZone } from '../terminal/render';
import { verificationProgress } from './verification-progress';
import { beginWork, followWork, heartbeatOf, type LongWorkflow } from '../temporal/work-progress';

interface ReleaseOptions extends CommandOptions {
  /** Only start it. */
  readonly detach?: boolean;
}

export const verb = defineVerb<ReleaseOptions>({
  name: 'release',
  argument: '<env>',
  group: 'Deploy',
  summary:
    'deploys, verifies and rolls out, one after the other, and shows the progress; `abort` stops the present stage',
  examples: [['rollout release prod --detach', 'deploy, verify, then roll out']],
  reason: 'optional',
  options: [{ flags: '--detach', summary: 'only start it' }],
  handler: release,
});

/** 0 at 100 %; 3 when a rule refused a stage; 1 when one failed, was aborted or rolled back. */
async function release(target: Target, options: ReleaseOptions): Promise<ExitCode> {
  const { plan } = target.planned();
  const { service, environment } = plan;
  const startedBy = actor(options.by);
  const refusal = startRefusal(plan.permissions, startedBy);
  if (refusal !== undefined) throw refusedBy(refusal);
  const work: LongWorkflow<ReleaseInput> = {
    type: 'release',
    workflowId: releaseWorkflowId(service, environment),
    input: {
      schema: schemaAsking(plan.permissions),
      plan,
      zones: zonesAhead(plan, Date.now()),
      startedBy,
      reason: options.reason,
    },
    summary: `${service} ${environment}: released by ${startedBy}`,
    what: 'release',
    progress: async () => undefined,
    waits: progressOf(plan, options),
  };
  await refuseWhileItRolls(target, plan);
  if (options.detach === true) return begun(await target.temporal(), work, environment, options);
  return told(plan, await followWork<ReleaseInput, ReleaseResult>(target, work), options);
}

/** A release deploys before it rolls out, which must not happen under the traffic of another rollout. */
async function refuseWhileItRolls(target: Target, { service, environment }: EnvironmentPlan): Promise<void> {
  const workflowId = rolloutWorkflowId(service, environment);
  const seen = await findRollout(await target.temporal(), workflowId);
  if (seen?.running !== true) return;
  const why = `a rollout of ${environment} is running already (workflow ${workflowId})`;
  throw refusedBy({ rule: 'state', why, remedy: 'wait until it has ended, or abort it' });
}

async function begun(
  temporal: Temporal,
  work: LongWorkflow<ReleaseInput>,
  environment: string,
  options: ReleaseOptions,
): Promise<ExitCode> {
  await beginWork(temporal, work);
  const { workflowId } = work;
  const link = webLink(temporal, workflowId);
  const text = [
    `**${work.summary}.**`,
    `Follow it:  ${commandLine('status', environment, options)}`,
    `Stop it:    ${commandLine('abort', environment, options)}`,
    ...(link === undefined ? [] : [`Web UI: ${link}`]),
  ];
  const json = { started: true as const, workflowId, environment, link };
  say(options, 'release-started', { text: text.join('\n'), json });
  return 0;
}

/** What the running stage reports. */
function progressOf(
  plan: EnvironmentPlan,
  options: ReleaseOptions,
): (temporal: Temporal) => Promise<string | undefined> {
  const { service, environment } = plan;
  const verifying = verificationProgress(verificationWorkflowId(service, environment));
  return async (temporal) => {
    const seen = await findRelease(temporal, releaseWorkflowId(service, environment));
    if (seen === undefined) return undefined;
    const { status } = seen;
    const stage = status.stages.find((one) => one.state === 'running');
    switch (stage?.stage) {
      case 'deployment': {
        const works = await heartbeatOf(temporal.client, stage.workflowId).catch(() => undefined);
        const waits = waitLine(await running(findDeployment(temporal, stage.workflowId)), environment, options);
        return works ?? waits ?? 'deploying';
      }
      case 'verification':
        return verifying(temporal.client, status.startedAtMs);
      case 'rollout': {
        const rolls = await findRollout(temporal, stage.workflowId);
        const [line] =
          rolls === undefined ? [] : describeStatus(rolls.status, Date.now(), localZone(), 'still').split('\n');
        return line === undefined ? undefined : unescaped(line.replace(/^\*\*|\*\*$/g, ''));
      }
      case undefined:
        return releaseHeadline(status);
    }
  };
}

function told({ service, environment }: EnvironmentPlan, result: ReleaseResult, options: ReleaseOptions): ExitCode {
  const { outcome, stage, why, refusal } = result;
  const json = { environment, released: outcome === 'completed', ...result };
  const stopped = `${service} ${environment}: ${outcome} at the ${stage}: ${singleLine(why)}.`;
  if (outcome === 'completed') {
    say(options, 'released', { text: `**${service} ${environment}: released: ${singleLine(why)}.**`, json });
    return 0;
  }
  if (refusal !== undefined) throw refusedBy(refusal, { ...json, stage });
  throw new CliError(outcome === 'refused' ? 3 : 1, stopped, json);
}

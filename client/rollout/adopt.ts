import { temporal as proto } from '@temporalio/proto';
import { judgeAdoption } from '../../rules/adoption/judge';
import type { AdoptionLook, OwnerSeen } from '../../rules/adoption/look';
import { percent, singleLine } from '../../rules/format';
import { isNotFound } from '../../rules/grpc';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { planHash } from '../../rules/plan/plan-hash';
import { type AdoptionFacts, describeAdoption, describeFound } from '../../rules/report/adoption';
import { type Owner, parseOwner } from '../../rules/rollout/owner';
import { type AdoptableInput, adoptableWorkflowId, rolloutWorkflowId } from '../../workflows/messages';
import { actor } from '../input/actor';
import { Questions } from '../input/questions';
import { type CommandOptions, commandLine } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { inTime, type Temporal, webLink } from '../temporal/connect';
import { describeIfThere } from '../temporal/describe';
import { findRollout } from '../temporal/find-rollout';
import { explain } from '../temporal/explain-error';
import { runWorkflow } from '../temporal/run-workflow';
import { CliError, type ExitCode } from '../terminal/cli-error';
import { remark, say } from '../terminal/output';
import { refusedBy } from '../terminal/refused';
import { pasteable } from '../terminal/hints';
import { localZone, paint } from '../terminal/render';
import { startRollout, unlessRefused } from './start';
import { follow } from './watch';

const WITHIN_MS = 90_000;

interface AdoptOptions extends CommandOptions {
  readonly dryRun?: boolean;
  readonly yes?: boolean;
  readonly watch?: boolean;
}

export const verb = defineVerb<AdoptOptions>({
  name: 'adopt',
  argument: '<env>',
  group: 'Raise',
  summary:
    'takes over a flag above 0 % whose rollout Temporal has lost: starts one at the same percentage, which raises nothing at once',
  examples: [
    ['rollout adopt prod --dry-run', 'what is known of the flag, its owner and the audit record?'],
    ['rollout adopt prod --reason "Temporal lost its database"', 'look, ask, and go on from the present percentage'],
  ],
  reason: 'optional',
  options: [
    { flags: '--dry-run', summary: 'only look: 0 when the flag can be adopted, 3 when not' },
    { flags: '--yes', summary: 'do not ask before the rollout is started' },
    { flags: '--watch', summary: 'follow it until it ends; the exit code then reports how it ended' },
  ],
  handler: adopt,
});

async function adopt(target: Target, options: AdoptOptions): Promise<ExitCode> {
  const { plan } = target.planned();
  const { service, environment, steps } = plan;
  const startedBy = actor(options.by);
  const temporal = await target.temporal();
  const facts = await found(temporal, plan);
  const nowMs = Date.now();
  const times = { zone: localZone(), nowMs };
  const judged = judgeAdoption(plan, { ...facts, planHash: planHash(plan), cluster: await clusterOf(temporal) }, nowMs);
  const seen = `**${service} ${environment}: what is known**\n${describeFound(facts, times)}`;
  const known = { environment, ...facts };
  if ('refusal' in judged) {
    remark(options, shown(seen));
    throw refusedBy(judged.refusal, { found: known });
  }
  const { adoption, soak } = judged;
  const text = `${seen}\n\n${describeAdoption(plan, judged, saltIn(facts), times)}`;
  if (options.dryRun === true) {
    say(options, 'adoption', {
      text: `${text}\n\nNothing was changed.`,
      json: { ...known, started: false, adoption, soak },
    });
    return 0;
  }
  remark(options, shown(text));
  if (options.yes !== true) await confirmed(plan, adoption.percentage);
  const runId = await startRollout(target, { plan, startedBy, reason: options.reason, adopts: adoption });
  const workflowId = rolloutWorkflowId(service, environment);
  if (options.watch !== true) await unlessRefused(temporal, workflowId);
  const isTaken = (await findRollout(temporal, workflowId))?.status.percentage === adoption.percentage;
  const link = webLink(temporal, workflowId, runId);
  const schedule = steps
    .filter(({ percentage }) => percentage > adoption.percentage)
    .map(({ percentage }) => percentage);
  const lines = [
    isTaken
      ? `**${service} ${environment}: adopted at ${percent(adoption.percentage)} by ${singleLine(startedBy)}**`
      : `**${service} ${environment}: started by ${singleLine(startedBy)}; whether it has taken the flag at ${percent(adoption.percentage)} is NOT KNOWN yet**`,
    schedule.length === 0 ? 'No raise is left.' : `Next: ${schedule.join(' → ')} %.`,
    `Follow it: ${commandLine('watch', environment, options)}`,
    `Stop it:   ${commandLine('abort', environment, options)}`,
    ...(link === undefined ? [] : [`Web UI: ${link}`]),
  ];
  say(options, 'adoption', {
    text: lines.join('\n'),
    json: { ...known, started: true, taken: isTaken, workflowId, runId, adoption, soak, link },
  });
  return options.watch === true ? follow(target, workflowId) : 0;
}

/** @throws CliError 3 while a rollout of the environment runs here, also one that does not own the flag. */
async function found(temporal: Temporal, plan: EnvironmentPlan): Promise<AdoptionFacts> {
  const { service, environment, aws, flag, audit } = plan;
  const workflowId = rolloutWorkflowId(service, environment);
  const mine = await describeIfThere(temporal, temporal.client.workflow.getHandle(workflowId));
  if (mine?.status.name === 'RUNNING')
    throw refusedBy({
      rule: 'state',
      why: `${workflowId} runs here (run ${mine.runId}), so there is nothing to adopt`,
      remedy: `\`rollout status ${environment}\` shows it; \`rollout resume ${environment} --adopt\` continues from the flag's present percentage after an outside change`,
    });
  const look = await runWorkflow<AdoptableInput, AdoptionLook>(temporal, {
    type: 'adoptable',
    workflowId: adoptableWorkflowId(service, environment),
    input: { plan: { service, environment, aws, flag, audit } },
    withinMs: WITHIN_MS,
    summary: `${service} ${environment}: what an adoption finds`,
  });
  return { look, owner: await ownerSeen(temporal, look), last: mine?.status.name };
}

/** Whether the owner's workflow runs, if that Temporal can be asked: this one, also in another namespace. */
async function ownerSeen(temporal: Temporal, { owner }: AdoptionLook): Promise<OwnerSeen | undefined> {
  if ('notKnown' in owner || owner.is.text === undefined) return undefined;
  const parsed = parseOwner(owner.is.text);
  if (!parsed.ok) return undefined;
  if (parsed.owner.temporal.cluster !== owner.is.here.cluster) return { is: 'elsewhere' };
  return inNamespace(temporal, parsed.owner);
}

/** The newest run under the owner's id: a later one than the owner's may raise the flag too. */
async function inNamespace(temporal: Temporal, { workflowId, temporal: { namespace } }: Owner): Promise<OwnerSeen> {
  const { WorkflowExecutionStatus } = proto.api.enums.v1;
  try {
    const { workflowExecutionInfo: info } = await inTime(temporal, () =>
      temporal.connection.workflowService.describeWorkflowExecution({ namespace, execution: { workflowId } }),
    );
    const { status } = info ?? {};
    if (status === undefined || status === null) return { is: 'not-known', why: 'Temporal names no status' };
    if (status === WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING) return { is: 'running' };
    const name = WorkflowExecutionStatus[status].replace('WORKFLOW_EXECUTION_STATUS_', '');
    return { is: 'ended', how: name };
  } catch (error) {
    if (isNotFound(error)) return { is: 'unknown' };
    return { is: 'not-known', why: explain(error, temporal).message };
  }
}

/** Not every server tells it, nor to everybody. */
async function clusterOf(temporal: Temporal): Promise<string | undefined> {
  const asked = inTime(temporal, () => temporal.connection.workflowService.getClusterInfo({}));
  const { clusterId } = await asked.catch((): { readonly clusterId?: string | null } => ({}));
  return clusterId === null || clusterId === '' ? undefined : clusterId;
}

const shown = (text: string): string => `${paint(pasteable(text))}\n`;

const saltIn = ({ look: { flag } }: AdoptionFacts): string | undefined =>
  'is' in flag && flag.is.found ? flag.is.salt : undefined;

/** @throws CliError for any other answer than yes. */
async function confirmed({ service, environment }: EnvironmentPlan, percentage: number): Promise<void> {
  const questions = new Questions();
  try {
    const answer = await questions.ask(`Adopt ${service} ${environment} at ${percent(percentage)}? yes or no`, 'no');
    if (!/^y(es)?$/i.test(answer)) throw new CliError(1, 'Not adopted: nothing was changed.');
  } finally {
    questions.close();
  }
}

import { isDeployable, nothingToDeploy } from '../../rules/deployment/deployable';
import type { ChangesResult, DeploymentResult } from '../../rules/stacks/results';
import { verifiedWords } from '../../rules/stacks/results';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { revisionWords } from '../../rules/report/deployment';
import { singleLine } from '../../rules/format';
import { zonesAhead } from '../../rules/time/zone-offsets';
import type { ChangesInput, DeploymentInput } from '../../workflows/messages';
import { changesWorkflowId, deploymentWorkflowId, verificationWorkflowId } from '../../workflows/messages';
import { actor } from '../input/actor';
import { changesLines } from '../terminal/render';
import type { Temporal } from '../temporal/connect';
import { CliError } from '../terminal/cli-error';
import type { ExitCode } from '../terminal/cli-error';
import { findDeployment, type SeenDeployment } from '../temporal/find-deployment';
import type { CommandOptions } from '../options';
import { commandLine } from '../options';
import { defineVerb } from '../program/verb';
import { running, type Target } from '../target';
import { say } from '../terminal/output';
import { refusedBy } from '../terminal/refused';
import { runWorkflow } from '../temporal/run-workflow';
import { verificationProgress } from './verification-progress';
import { followWork } from '../temporal/work-progress';

const CHANGES_WITHIN_MS = 300_000;

export interface DeployOptions extends CommandOptions {
  /** Only show what would change. */
  readonly diff?: boolean;
  /** False to deploy without verifying. */
  readonly verify?: boolean;
}

export const verb = defineVerb<DeployOptions>({
  name: 'deploy',
  argument: '<env>',
  group: 'Deploy',
  summary: 'takes snapshots for the way back, deploys the stacks of an environment and verifies them',
  examples: [
    ['rollout deploy staging --diff', 'what would a deployment change?'],
    ['rollout deploy staging', 'deploy it, inside the maintenance window'],
  ],
  reason: 'optional',
  options: [
    { flags: '--diff', summary: 'only show what would change; deploy nothing' },
    { flags: '--no-verify', summary: 'deploy only; anything that needs a verified deployment keeps waiting' },
  ],
  handler: deploy,
});

/**
 * > First, show what will change … Deploy with confirmation
 *
 * Waits for checklist and approvals, deploys, and shows the progress in CloudFormation. 0 when done, also with nothing to
 * change; 3 when a rule or a person refused it; 1 when it failed or was aborted.
 */
async function deploy(target: Target, options: DeployOptions): Promise<ExitCode> {
  if (options.diff === true) return showChanges(target, 'deployment');
  const { plan } = target.planned();
  if (!isDeployable(plan)) throw refusedBy(nothingToDeploy(plan), { deployed: false });
  const startedBy = actor(options.by);
  const { service, environment } = plan;
  const verifying = verificationProgress(verificationWorkflowId(service, environment));
  const verifies = options.verify !== false;
  const result = await followWork<DeploymentInput, DeploymentResult>(target, {
    type: 'deployment',
    workflowId: deploymentWorkflowId(service, environment),
    input: {
      plan,
      zones: zonesAhead(plan, Date.now()),
      startedBy,
      reason: options.reason,
      verify: verifies ? undefined : false,
    },
    summary: `${service} ${environment}: deployed by ${startedBy}`,
    what: 'deployment',
    waits: async (there) => {
      const seen = await running(findDeployment(there, deploymentWorkflowId(service, environment)));
      const asks = verifies && seen !== undefined;
      const said = asks ? await verifying(there.client, seen.status.startedAtMs) : undefined;
      return said ?? waitLine(seen, environment, options);
    },
  });
  if (result.refusal !== undefined) throw refusedBy(result.refusal, { deployed: false });
  if (result.aborted !== undefined)
    throw new CliError(1, `${service} ${environment}: not deployed: ${singleLine(result.aborted)}.`, {
      deployed: false,
    });
  return told(plan, result, options);
}

/** A deployment that failed its verification is not done: nothing may build on it. */
function told(plan: EnvironmentPlan, result: DeploymentResult, options: DeployOptions): ExitCode {
  const { service, environment } = plan;
  const json = { environment, deployed: true as const, ...result };
  const { verification } = result;
  if (verification === undefined || verification.passed) {
    say(options, 'deployed', { text: deployedText(plan, result), json });
    return 0;
  }
  if (options.json !== true) say(options, 'deployed', { text: deployedText(plan, result), json });
  throw new CliError(1, `${service} ${environment}: deployed, but ${singleLine(verifiedWords(verification))}.`, json);
}

/** What a deployment waits for, with the command that ends the wait. */
export function waitLine(
  seen: SeenDeployment | undefined,
  environment: string,
  options: CommandOptions,
): string | undefined {
  const { wait, template } = seen?.status ?? {};
  if (seen === undefined || wait === undefined) return undefined;
  const asks = seen.status.phase === 'approving' && template !== undefined;
  const words = asks ? `\n  ${commandLine('approve', environment, options)} --template ${template}` : '';
  return `waits: ${singleLine(wait.why)}${words}`;
}

function deployedText(
  { service, environment }: EnvironmentPlan,
  { stacks, template, revision, verification, notes = [] }: DeploymentResult,
): string {
  const verified = verification?.passed === true ? [`- Verified: ${singleLine(verification.why)}`] : [];
  const unchanged = stacks.every(({ outcome }) => outcome === 'no-changes');
  const head = unchanged
    ? `**${service} ${environment}: no changes; the plan's app is deployed already.**`
    : `**${service} ${environment}: deployed.**`;
  const lines = stacks.map(
    ({ name, outcome }) => `- \`${name}\`: ${outcome === 'no-changes' ? 'no changes' : outcome}`,
  );
  return [head, ...lines, ...whichLines(template, revision), ...verified, ...noteLines(notes)].join('\n');
}

const whichLines = (template: string | undefined, revision: string | undefined): readonly string[] => [
  ...(template === undefined ? [] : [`- Template: \`${template}\``]),
  ...(revision === undefined ? [] : [`- Revision: ${revisionWords(revision)}`]),
];
const noteLines = (notes: readonly string[]): readonly string[] => notes.map((note) => `- Note: ${singleLine(note)}`);

/** Shows what a deployment or a way back of the stacks would change, and changes nothing. */
export async function showChanges(target: Target, of: ChangesInput['of']): Promise<ExitCode> {
  const { plan } = target.planned();
  if (!isDeployable(plan)) throw refusedBy(nothingToDeploy(plan));
  const { environment } = plan;
  const temporal = await target.temporal();
  const { refusal, ...result } = await changesOf(temporal, plan, of);
  if (refusal !== undefined) throw refusedBy(refusal);
  const changed = result.stacks.some((stack) => stack.changed);
  say(target.options, 'changes', {
    text: changesText(plan, of, result),
    json: { environment, of, changed, changesMade: false, ...result },
  });
  return 0;
}

function changesOf(temporal: Temporal, plan: EnvironmentPlan, of: ChangesInput['of']): Promise<ChangesResult> {
  const { service, environment } = plan;
  return runWorkflow<ChangesInput, ChangesResult>(temporal, {
    type: 'changes',
    workflowId: changesWorkflowId(service, environment),
    input: { plan, of },
    withinMs: CHANGES_WITHIN_MS,
    summary: `${service} ${environment}: what a ${of} would change`,
  });
}

function changesText(
  { service, environment }: EnvironmentPlan,
  of: ChangesInput['of'],
  { stacks, template, revision, notes = [], wouldBeRefused }: ChangesResult,
): string {
  const facts = [...whichLines(template, revision), ...noteLines(notes)];
  if (wouldBeRefused !== undefined) facts.push(`- It would be REFUSED now: ${singleLine(wouldBeRefused.why)}`);
  const changed = stacks.filter((stack) => stack.changed);
  const what = of === 'deployment' ? 'a deployment' : 'the way back';
  if (changed.length === 0)
    return [`**${service} ${environment}: ${what} would change nothing.**`, ...facts].join('\n');
  const permissions = changed.filter(({ security }) => security !== '').map(({ name }) => name);
  const head = `**${service} ${environment}: what ${what} would change. Nothing is changed now.**`;
  const warning = permissions.length === 0 ? [] : [`Changes who may do what: ${permissions.join(', ')}`];
  return [head, ...facts, ...warning, ...changesLines(changed)].join('\n');
}

import type { ChangesResult, DeploymentResult, StackChanges } from '../rules/stacks/deployment';
import type { EnvironmentPlan } from '../rules/plan/environment-plan';
import { plain } from '../rules/words';
import type { ChangesInput, DeploymentInput } from '../workflows/messages';
import { changesWorkflowId, deploymentWorkflowId } from '../workflows/messages';
import { actor } from './actor';
import type { Temporal } from './connect';
import { withTemporal } from './connect';
import type { ExitCode } from './failure';
import type { DeployOptions } from './options';
import { say } from './output';
import { readPlan } from './plan-file';
import { refusedBy } from './refused';
import { runWorkflow } from './run-workflow';
import { followWork } from './work-progress';

const CHANGES_WITHIN_MS = 300_000;

/**
 * > First, show what will change … Deploy with confirmation
 *
 * `rollout deploy <env>`: deploys, and shows what CloudFormation does. With `--diff` it only shows what would change. 0 done,
 * also when there was nothing to change; 3 when a rule refused it; 1 when it failed.
 */
export function deploy(environment: string, options: DeployOptions): Promise<ExitCode> {
  const { plan } = readPlan(environment, options);
  if (options.diff === true) return showChanges(plan, 'deployment', options);
  const startedBy = actor(options.by);
  const { service } = plan;
  const why = options.reason === undefined ? {} : { reason: options.reason };
  return withTemporal<ExitCode>(options, async (temporal) => {
    const result = await followWork<DeploymentInput, DeploymentResult>(
      temporal,
      {
        type: 'deployment',
        workflowId: deploymentWorkflowId(service, environment),
        input: { plan, startedBy, ...why },
        summary: `${service} ${environment}: deployed by ${startedBy}`,
        what: 'deployment',
      },
      options,
    );
    if (result.refusal !== undefined) throw refusedBy(result.refusal, { deployed: false });
    say(options, { text: deployedText(plan, result), json: { environment, deployed: true, ...result } });
    return 0;
  });
}

function deployedText({ service, environment }: EnvironmentPlan, { stacks, notes = [] }: DeploymentResult): string {
  const unchanged = stacks.every(({ outcome }) => outcome === 'no-changes');
  const head = unchanged
    ? `**${service} ${environment}: no changes, what is deployed is what the plan's app makes.**`
    : `**${service} ${environment}: deployed.**`;
  const lines = stacks.map(
    ({ name, outcome }) => `- \`${name}\`: ${outcome === 'no-changes' ? 'no changes' : outcome}`,
  );
  return [head, ...lines, ...notes.map((note) => `- Note: ${plain(note)}`)].join('\n');
}

/** Shows and changes nothing, for a deployment as for the way back of the stacks. */
export function showChanges(plan: EnvironmentPlan, of: ChangesInput['of'], options: DeployOptions): Promise<ExitCode> {
  const { environment } = plan;
  return withTemporal<ExitCode>(options, async (temporal) => {
    const { stacks, refusal } = await changesOf(temporal, plan, of);
    if (refusal !== undefined) throw refusedBy(refusal);
    const changed = stacks.some((stack) => stack.changed);
    say(options, {
      text: changesText(plan, of, stacks),
      json: { environment, of, changed, changesMade: false, stacks },
    });
    return 0;
  });
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
  stacks: readonly StackChanges[],
): string {
  const changed = stacks.filter((stack) => stack.changed);
  const what = of === 'deployment' ? 'a deployment' : 'the way back';
  if (changed.length === 0) return `**${service} ${environment}: ${what} would change nothing.**`;
  const permissions = changed.filter(({ security }) => security !== '').map(({ name }) => name);
  const head = `**${service} ${environment}: what ${what} would change. Nothing is changed now.**`;
  const warning = permissions.length === 0 ? [] : [`Changes who may do what: ${permissions.join(', ')}`];
  return [head, ...warning, ...changesLines(changed)].join('\n');
}

/** What CDK writes is no markdown: read as such a line would lose its asterisks and backquotes. */
export function changesLines(stacks: readonly StackChanges[]): readonly string[] {
  const literal = (text: string): string => text.replace(/[\\`*_[\]<>|]/g, '\\$&');
  return stacks.filter(({ changed }) => changed).flatMap(({ name, text }) => ['', `Stack ${name}`, literal(text)]);
}

import { rolloutStackOf } from '../../rules/plan/rollout-parts';
import { workerPolicy } from '../../rules/plan/worker-policy';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { singleLine } from '../../rules/format';
import { type SetupInput, type SetupResult, setupWorkflowId } from '../../workflows/messages';
import { changesLines } from '../terminal/render';
import type { ExitCode } from '../terminal/cli-error';
import type { CommandOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { remark, say } from '../terminal/output';
import { paint } from '../terminal/render';
import { runWorkflow } from '../temporal/run-workflow';
import { followWork } from '../temporal/work-progress';

const SHOWN_WITHIN_MS = 180_000;

interface SetupOptions extends CommandOptions {
  /** Only show what it would create or change. */
  readonly diff?: boolean;
}

export const verb = defineVerb<SetupOptions>({
  name: 'setup',
  argument: '<env>',
  group: 'Deploy',
  summary: 'creates what a rollout needs in AWS beside the service: flag parameter, alarm push, guardian',
  examples: [['rollout setup prod --diff', 'what is missing in AWS for a rollout?']],
  reason: 'optional',
  options: [
    {
      flags: '--diff',
      summary: 'only show what it would create or change, and the IAM policy of the worker; deploy nothing',
    },
  ],
  handler: setup,
});

/** Deploys `RolloutStack-{service}-{env}`. A later run applies what has changed in the plan. */
async function setup(target: Target, options: SetupOptions): Promise<ExitCode> {
  const { plan } = target.planned();
  const { service, environment } = plan;
  const workflowId = setupWorkflowId(service, environment);
  const summary = `${service} ${environment}: what a rollout needs in AWS`;
  const shown = await runWorkflow<SetupInput, SetupResult>(await target.temporal(), {
    ...{ type: 'setup', workflowId: `${workflowId}-show`, input: { plan, show: true } },
    ...{ withinMs: SHOWN_WITHIN_MS, summary },
  });
  if (options.diff === true) {
    const policy = workerPolicy(plan);
    const rights = ['', 'The IAM policy of a worker that rolls it out:', JSON.stringify(policy, undefined, 2)];
    const text = [changesText(plan, shown), ...rights].join('\n');
    say(options, 'setup', { text, json: { environment, changesMade: false, ...shown, policy } });
    return 0;
  }
  if (options.json !== true) remark(options, paint(changesText(plan, shown)));
  const work = { type: 'setup', workflowId, input: { plan }, what: 'setup', summary };
  const made = await followWork<SetupInput, SetupResult>(target, work);
  say(options, 'setup', { text: madeText(plan, made), json: { environment, changesMade: true, ...made } });
  return 0;
}

function changesText(plan: EnvironmentPlan, { changes, notes }: SetupResult): string {
  const name = `${plan.service} ${plan.environment}`;
  const lines = notes.map((note) => `- Note: ${singleLine(note)}`);
  if (!changes.some(({ changed }) => changed))
    return [`**${name}: ${rolloutStackOf(plan)} matches the plan.**`, ...lines].join('\n');
  const head = `**${name}: what \`rollout setup\` creates or changes in account ${plan.aws.account}.**`;
  return [head, ...lines, ...changesLines(changes)].join('\n');
}

function madeText(plan: EnvironmentPlan, { stacks }: SetupResult): string {
  const { service, environment, watch } = plan;
  const lines = stacks.map(
    ({ name, outcome }) => `- \`${name}\`: ${outcome === 'no-changes' ? 'no changes' : outcome}`,
  );
  const push =
    watch.pushQueue === undefined
      ? [`- The plan names no \`watch.pushQueue\`: add it, or alarms are only polled.`]
      : [];
  const next = `- Next: \`rollout doctor ${environment}\``;
  return [`**${service} ${environment}: ready for rollouts.**`, ...lines, ...push, next].join('\n');
}

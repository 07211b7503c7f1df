import { rolloutStackOf } from '../../rules/plan/rollout-parts';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { plain } from '../../rules/words';
import { type SetupInput, type SetupResult, setupWorkflowId } from '../../workflows/messages';
import { changesLines } from '../terminal/changes-lines';
import { withTemporal } from '../temporal/connect';
import type { ExitCode } from '../terminal/failure';
import type { DeployOptions } from '../options';
import { remark, say } from '../terminal/output';
import { readPlan } from '../input/plan-file';
import { paint } from '../terminal/render';
import { runWorkflow } from '../temporal/run-workflow';
import { followWork } from '../temporal/work-progress';

const SHOWN_WITHIN_MS = 180_000;

/**
 * `rollout setup <env>`: shows what a rollout needs in AWS and lacks, and makes it as `RolloutStack-{env}`: flag parameter, alarm
 * push and guardian. With `--diff` it only shows. Done again it changes what the plan says otherwise by now.
 */
export function setup(environment: string, options: DeployOptions): Promise<ExitCode> {
  const { plan } = readPlan(environment, options);
  const { service } = plan;
  const workflowId = setupWorkflowId(service, environment);
  return withTemporal<ExitCode>(options, async (temporal) => {
    const shown = await runWorkflow<SetupInput, SetupResult>(temporal, {
      ...{ type: 'setup', workflowId: `${workflowId}-show`, input: { plan, show: true } },
      ...{ withinMs: SHOWN_WITHIN_MS, summary: `${service} ${environment}: what a rollout needs in AWS` },
    });
    if (options.diff === true) {
      say(options, { text: changesText(plan, shown), json: { environment, changesMade: false, ...shown } });
      return 0;
    }
    if (options.json !== true) remark(options, paint(changesText(plan, shown)));
    const made = await followWork<SetupInput, SetupResult>(
      temporal,
      {
        ...{ type: 'setup', workflowId, input: { plan }, what: 'setup' },
        summary: `${service} ${environment}: what a rollout needs in AWS`,
      },
      options,
    );
    say(options, { text: madeText(plan, made), json: { environment, changesMade: true, ...made } });
    return 0;
  });
}

function changesText(plan: EnvironmentPlan, { changes, notes }: SetupResult): string {
  const name = `${plan.service} ${plan.environment}`;
  const lines = notes.map((note) => `- Note: ${plain(note)}`);
  if (!changes.some(({ changed }) => changed))
    return [`**${name}: ${rolloutStackOf(plan)} is as the plan wants it.**`, ...lines].join('\n');
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
      ? [`- The plan names no \`watch.pushQueue\`: write it, or alarms are only polled.`]
      : [];
  const next = `- Next: \`rollout doctor ${environment}\``;
  return [`**${service} ${environment}: ready for rollouts.**`, ...lines, ...push, next].join('\n');
}

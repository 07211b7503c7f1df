import type { InfraRollbackResult, StackBack } from '../rules/stacks/deployment';
import type { EnvironmentPlan } from '../rules/plan/environment-plan';
import { plain } from '../rules/words';
import type { InfraRollbackInput } from '../workflows/messages';
import { infraRollbackWorkflowId } from '../workflows/messages';
import { actor } from './actor';
import { changesLines } from './changes-lines';
import { withTemporal } from './connect';
import { showChanges } from './deploy';
import { Failure } from './failure';
import type { ExitCode } from './failure';
import type { DeployOptions } from './options';
import { say } from './output';
import { readPlan } from './plan-file';
import { refusedBy } from './refused';
import { followWork } from './work-progress';

/**
 * > Infrastructure Rollback
 *
 * `rollout rollback <env> --to infra`: traffic to 0, then every stack as it was before the last deployment, and whether
 * anything drifted. 0 when all is back, or was so already. With `--diff` it only shows what would change.
 */
export function infraRollback(environment: string, options: DeployOptions): Promise<ExitCode> {
  const { plan } = readPlan(environment, options);
  if (options.diff === true) return showChanges(plan, 'infra-rollback', options);
  const startedBy = actor(options.by);
  const { service } = plan;
  const why = options.reason === undefined ? {} : { reason: options.reason };
  return withTemporal<ExitCode>(options, async (temporal) => {
    const result = await followWork<InfraRollbackInput, InfraRollbackResult>(
      temporal,
      {
        type: 'infraRollback',
        workflowId: infraRollbackWorkflowId(service, environment),
        input: { plan, startedBy, ...why },
        summary: `${service} ${environment}: infrastructure rolled back by ${startedBy}`,
        what: 'rollback',
      },
      options,
    );
    return told(plan, result, options);
  });
}

function told(plan: EnvironmentPlan, result: InfraRollbackResult, options: DeployOptions): ExitCode {
  const json = { environment: plan.environment, ...result };
  if (result.refusal !== undefined) throw refusedBy(result.refusal, json);
  if (result.outcome === 'failed')
    throw new Failure(1, `${plan.service} ${plan.environment}: the way back failed: ${plain(result.why)}.`, json);
  const asTemplates = result.stacks.every(({ way, drifted }) => way === 'nothing' || drifted?.length === 0);
  say(options, { text: backText(plan, result), json });
  return asTemplates ? 0 : 1;
}

function backText({ service, environment }: EnvironmentPlan, result: InfraRollbackResult): string {
  const nothing = result.outcome === 'nothing-to-do';
  const head = nothing ? `nothing to take back: ${plain(result.why)}` : 'the stacks are back, the traffic is at 0 %';
  const lines = result.stacks.map((stack) => `- \`${stack.name}\` ${stack.status} (${stack.way})${driftText(stack)}`);
  const notes = result.notes.map((note) => `- Note: ${plain(note)}`);
  const changes = nothing ? [] : changesLines(result.changes ?? []);
  return [`**${service} ${environment}: ${head}.**`, ...lines, ...notes, ...changes].join('\n');
}

function driftText({ way, drifted }: StackBack): string {
  if (way === 'nothing') return '';
  if (drifted === undefined) return ': whether it is as its template says is NOT KNOWN';
  return drifted.length === 0 ? ': no drift' : `: DRIFTED: ${drifted.map(plain).join('; ')}`;
}

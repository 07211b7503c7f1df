import type { InfraRollbackResult, StackBack } from '../../rules/stacks/results';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { singleLine } from '../../rules/format';
import type { InfraRollbackInput } from '../../workflows/messages';
import { infraRollbackWorkflowId } from '../../workflows/messages';
import { actorOfZero } from '../input/actor';
import { changesLines } from '../terminal/render';
import { showChanges } from './deploy';
import { CliError } from '../terminal/cli-error';
import type { ExitCode } from '../terminal/cli-error';
import type { CommandOptions } from '../options';
import type { Target } from '../target';
import type { Answers } from '../answers/answers';
import { type Answer, say } from '../terminal/output';
import { refusedBy } from '../terminal/refused';
import { followWork } from '../temporal/work-progress';

/**
 * > Infrastructure Rollback
 *
 * `rollout rollback <env> --to infra`: traffic to 0, then every stack as it was before the last deployment, and a check for
 * drift. 0 when all stacks are back, or were already. With `--diff` only shows what would change.
 */
export async function infraRollback(
  target: Target,
  options: CommandOptions & { readonly diff?: boolean },
): Promise<ExitCode> {
  if (options.diff === true) return showChanges(target, 'infra-rollback');
  const { plan } = target.planned();
  const startedBy = actorOfZero(options.by);
  const { service, environment } = plan;
  const result = await followWork<InfraRollbackInput, InfraRollbackResult>(target, {
    type: 'infraRollback',
    workflowId: infraRollbackWorkflowId(service, environment),
    input: { plan, startedBy, reason: options.reason },
    summary: `${service} ${environment}: infrastructure rolled back by ${startedBy}`,
    what: 'rollback',
  });
  const { exitCode, ...answer } = verdictOn(plan, result);
  say(options, 'infra-rollback', answer);
  return exitCode;
}

/** The result as text; throws a Failure for a refusal, and for a way back that failed. */
export function verdictOn(
  plan: EnvironmentPlan,
  result: InfraRollbackResult,
): Answer<Answers['infra-rollback']> & { readonly exitCode: ExitCode } {
  const json = { environment: plan.environment, answered: true as const, ...result };
  if (result.refusal !== undefined) {
    const why = [result.refusal.why, ...(result.undelivered === undefined ? [] : [result.undelivered])].join('; ');
    throw refusedBy({ ...result.refusal, why }, json);
  }
  if (result.outcome === 'failed') throw new CliError(1, failedText(plan, result), json);
  const asTemplates = result.stacks.every(({ way, drifted }) => way === 'nothing' || drifted?.length === 0);
  const exitCode = asTemplates && result.undelivered === undefined ? 0 : 1;
  return { text: backText(plan, result), json, exitCode };
}

function failedText({ service, environment }: EnvironmentPlan, { why, undelivered }: InfraRollbackResult): string {
  const traffic = undelivered === undefined ? '' : `\n${singleLine(undelivered)}`;
  return `${service} ${environment}: the way back failed: ${singleLine(why)}.${traffic}`;
}

function backText({ service, environment }: EnvironmentPlan, result: InfraRollbackResult): string {
  const nothing = result.outcome === 'nothing-to-do';
  const traffic = result.undelivered === undefined ? 'the traffic is at 0 %' : singleLine(result.undelivered);
  const back = nothing ? `nothing to take back: ${singleLine(result.why)}` : 'the stacks are back';
  const head = nothing ? `${traffic}; ${back}` : `${back}, ${traffic}`;
  const lines = result.stacks.map((stack) => `- \`${stack.name}\` ${stack.status} (${stack.way})${driftText(stack)}`);
  const notes = result.notes.map((note) => `- Note: ${singleLine(note)}`);
  const changes = nothing ? [] : changesLines(result.changes ?? []);
  return [`**${service} ${environment}: ${head}.**`, ...lines, ...notes, ...changes].join('\n');
}

function driftText({ way, drifted }: StackBack): string {
  if (way === 'nothing') return '';
  if (drifted === undefined) return ': whether it matches its template is NOT KNOWN';
  return drifted.length === 0 ? ': no drift' : `: DRIFTED: ${drifted.map(singleLine).join('; ')}`;
}

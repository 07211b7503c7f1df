import type { UpdateDefinition } from '@temporalio/common';
import type { Answer, Command } from '../../workflows/messages';
import { abortSignal, approveUpdate, deploymentWorkflowId, rejectUpdate, tickUpdate } from '../../workflows/messages';
import { sendSignal } from '../temporal/send-signal';
import { askRollout } from '../temporal/send-update';
import type { Temporal } from '../temporal/connect';
import { CliError } from '../terminal/cli-error';
import type { ExitCode } from '../terminal/cli-error';
import type { SeenDeployment } from '../temporal/find-deployment';
import { deploymentAnswer, findDeployment } from '../temporal/find-deployment';
import type { CommandOptions } from '../options';
import { running, type Target } from '../target';
import { commandLine } from '../options';
import { deploymentHeadline } from '../../rules/report/deployment';
import { say } from '../terminal/output';
import { patiently } from '../terminal/patience';
import { commandOf } from '../input/actor';
import { untilEnded } from '../temporal/poll';

/** `rollout status <env> --deployment` */
export async function showDeployment(target: Target): Promise<ExitCode> {
  const seen = await target.deployment();
  if (seen === undefined) throw new CliError(1, `No deployment of ${target.named} has ever run.`, { running: false });
  say(target.options, 'deployment', deploymentAnswer(await target.temporal(), seen));
  return 0;
}

/** `rollout approve <env> --template`: approves exactly one template; without `--template`, shows what there is to approve. */
export async function approveDeployment(
  target: Target,
  options: CommandOptions & { readonly template?: string },
): Promise<ExitCode> {
  const { template } = options;
  if (template !== undefined) return steer(target, options, approveUpdate, { template });
  const seen = whenRunning(await target.deployment(), 'approve', target);
  const { text, json } = deploymentAnswer(await target.temporal(), seen);
  const remedy = `${commandLine('approve', target.named, options)} --template ${seen.status.template ?? 'HASH'}`;
  const why = 'an approval must name the template that you read';
  throw new CliError(3, `${text}\n\nRefused (template): ${why}.\nTo approve exactly this: ${remedy}`, {
    ...json,
    ...{ rule: 'template', why, remedy },
  });
}

/** `rollout reject <env> --deployment --reason` */
export const rejectDeployment = (target: Target, options: CommandOptions): Promise<ExitCode> =>
  steer(target, options, rejectUpdate, {});

/** `rollout checklist <env> --deployment [--tick <id>]` */
export function deploymentChecklist(
  target: Target,
  options: CommandOptions & { readonly tick?: string },
): Promise<ExitCode> {
  if (options.tick === undefined) return showDeployment(target);
  return steer(target, options, tickUpdate, { item: options.tick });
}

/** `rollout abort <env> --deployment`: stops the rest of the deployment. 0 also when none runs. */
export async function abortDeployment(target: Target, options: CommandOptions): Promise<ExitCode> {
  const { named: environment, service } = target;
  const workflowId = deploymentWorkflowId(service, environment);
  const command = commandOf(options);
  const temporal = await target.temporal();
  // Sent before anything is read: Temporal keeps it for the next worker.
  if (!(await sendSignal(temporal, workflowId, abortSignal, command))) {
    const text = `Nothing to abort: no deployment of ${environment} is running.`;
    say(options, 'verb', { text, json: { verb: 'abort', sent: false, running: false, done: true, answer: text } });
    return 0;
  }
  const after = await patiently('Sent abort; waiting for the deployment to stop …', () =>
    lastSeen(temporal, workflowId),
  ).catch((error: unknown) => {
    throw notConfirmed(environment, options, error);
  });
  const done = !after.running;
  const { json } = deploymentAnswer(temporal, after);
  const said = done ? 'The deployment has ended.' : 'The deployment stops; CloudFormation has not finished yet.';
  const text = [
    `**${said}**`,
    `Now: ${deploymentHeadline(after.status)}`,
    `See all of it: \`${commandLine('status', environment, options)} --deployment\``,
  ].join('\n');
  say(options, 'deployment', { text, json: { ...json, verb: 'abort', sent: true, done, answer: said } });
  return done ? 0 : 1;
}

/** For a signal that is sent but not confirmed. */
function notConfirmed(environment: string, options: CommandOptions, error: unknown): CliError {
  const why = error instanceof Error ? error.message : String(error);
  const text = `NOT CONFIRMED: Temporal has the abort of the deployment, but no worker has confirmed it. ${why}`;
  const next = `Start a worker with \`npm run worker\`: it stops the deployment before anything else. Then check: \`${commandLine('status', environment, options)} --deployment\`. CloudFormation continues without a worker; cancel an update in its console.`;
  return new CliError(1, `${text}\n${next}`, { verb: 'abort', sent: true, done: false });
}

async function lastSeen(temporal: Temporal, workflowId: string): Promise<SeenDeployment> {
  const seen = await untilEnded(() => findDeployment(temporal, workflowId));
  if (seen === undefined) throw new Error(`Temporal no longer knows the workflow ${workflowId}.`);
  return seen;
}

async function steer<C extends Command>(
  target: Target,
  options: CommandOptions,
  update: UpdateDefinition<Answer, [C?]>,
  more: Omit<C, keyof Command>,
): Promise<ExitCode> {
  const { named, service } = target;
  const workflowId = deploymentWorkflowId(service, named);
  const command = { ...commandOf(options), ...more } as C & Command;
  const verb = update.name;
  whenRunning(await target.deployment(), verb, target);
  const temporal = await target.temporal();
  const answer = await askRollout(temporal, workflowId, update, command);
  if (answer === undefined) throw idle(verb, target);
  const seen = await running(findDeployment(temporal, workflowId));
  const facts = { verb, sent: true, done: true, changed: answer.changed, answer: answer.answer };
  const shown = seen === undefined ? undefined : deploymentAnswer(temporal, seen);
  const text = `**${answer.answer}**${verb === 'tick' && shown !== undefined ? `\n\n${shown.text}` : ''}`;
  if (shown === undefined) say(options, 'verb', { text, json: facts });
  else say(options, 'deployment', { text, json: { ...shown.json, ...facts } });
  return 0;
}

function whenRunning(seen: SeenDeployment | undefined, verb: string, target: Target): SeenDeployment {
  if (seen?.running === true) return seen;
  throw idle(verb, target);
}

const idle = (verb: string, { named }: Target): CliError =>
  new CliError(3, `Nothing to ${verb}: no deployment of ${named} is running.`, { verb, running: false });

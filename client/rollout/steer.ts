import type { UpdateDefinition } from '@temporalio/common';
import type { Answer, Command } from '../../workflows/messages';
import { withProof } from '../input/proof';
import { commandOf } from '../input/actor';
import type { CommandOptions, DeploymentOptions } from '../options';
import { running, type Target } from '../target';
import type { RolloutView } from '../temporal/find-rollout';
import { findRollout } from '../temporal/find-rollout';
import { askRollout } from '../temporal/send-update';
import { serverNowMs, skewWords } from '../temporal/server-clock';
import { CliError } from '../terminal/cli-error';
import type { ExitCode } from '../terminal/cli-error';
import { remark, say, warn } from '../terminal/output';
import { nothingRuns } from './nothing-running';
import { briefly } from './briefly';
import { answerOf } from '../watch/current';

/** Named by a flag, or the only one that runs. With both running, the rollout. */
export async function meansDeployment(
  target: Target,
  options: DeploymentOptions & { readonly percentage?: number },
): Promise<boolean> {
  if (options.deployment === true) return true;
  if (options.percentage !== undefined) return false;
  if ((await running(target.deployment())) === undefined) return false;
  const rolls = (await running(target.rollout())) !== undefined;
  if (rolls) remark(options, `A deployment of ${target.environment} is running too. To act on it, add --deployment.`);
  return !rolls;
}

/** @param nowMs By the clock of Temporal's server, which measures the waits. */
type Prepare<C> = (command: Command, seen: RolloutView, nowMs: number) => C;

/** Sends the rollout of the environment a request that it may refuse, and shows the result. */
export async function steer<C extends Command>(
  target: Target,
  options: CommandOptions,
  update: UpdateDefinition<Answer, [C?]>,
  prepare: Prepare<C>,
): Promise<ExitCode> {
  const command = commandOf(options);
  await target.which();
  const temporal = await target.temporal();
  const nowMs = await serverNowMs(temporal);
  const skewed = await skewWords(temporal);
  if (skewed !== undefined) warn(skewed);
  const { answer, seen } = await asked(target, update, (before) => prepare(command, before, nowMs));
  const shown = answerOf(temporal, seen);
  const facts = { verb: update.name, sent: true, done: true, changed: answer.changed, answer: answer.answer };
  say(options, 'rollout', { text: briefly(answer.answer, seen, options), json: { ...shown.json, ...facts } });
  return 0;
}

/** Sends the request to the running rollout, then reads it again. Throws a Failure when none runs or none answers. */
export async function asked<C extends Command>(
  target: Target,
  update: UpdateDefinition<Answer, [C?]>,
  command: (before: RolloutView) => C,
): Promise<{ readonly answer: Answer; readonly seen: RolloutView }> {
  const verb = update.name;
  const which = await target.which();
  const before = await target.rollout();
  if (which === undefined || before === undefined || !before.running) throw nothingRuns(verb, which, before);
  if (before.queryError !== undefined)
    throw new CliError(1, `The ${verb} was not sent and nothing is changed: ${before.queryError}.`, {
      verb,
      sent: false,
    });
  const temporal = await target.temporal();
  const answer = await askRollout(
    temporal,
    which.workflowId,
    update,
    await withProof(target, verb, command(before), before),
  );
  const seen = await findRollout(temporal, which.workflowId);
  if (answer === undefined || seen === undefined) throw nothingRuns(verb, which, seen);
  return { answer, seen };
}

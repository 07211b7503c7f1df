import { acceptUndeliveredUpdate } from '../../workflows/messages';
import { abortRelease, alsoAbortRelease } from '../deployment/abort-release';
import { abortDeployment } from '../deployment/steer';
import { commandOfZero } from '../input/actor';
import type { CommandOptions, DeploymentOptions } from '../options';
import { commandLine } from '../options';
import { defineVerb } from '../program/verb';
import { running, type Target } from '../target';
import { findRollout } from '../temporal/find-rollout';
import type { Which } from '../temporal/which-rollout';
import { type ExitCode, CliError } from '../terminal/cli-error';
import { say, warn } from '../terminal/output';
import { sent, shownEffect } from './control';
import { nothingFacts, nothingTo } from './nothing-running';
import { steer } from './steer';

interface AbortOptions extends DeploymentOptions {
  /** End the rollout although 0 % has not reached every instance. */
  readonly undelivered?: boolean;
}

export const verb = defineVerb<AbortOptions>({
  name: 'abort',
  argument: '[env]',
  group: 'Go back',
  daily: true,
  summary: 'puts the percentage to 0, confirms it and ends the rollout; does nothing when no rollout runs',
  examples: [['rollout abort prod --by alice', 'back to 0 %, confirmed']],
  reason: 'optional',
  options: [
    { flags: '--deployment', summary: 'stop the deployment instead' },
    {
      flags: '--undelivered',
      summary: 'end the rollout although 0 % has not reached every instance; needs --reason',
    },
  ],
  leadsToZero: true,
  handler: abort,
});

/**
 * First the rollout, with nothing before it; then a release, which would start one. A deployment only when it is named.
 */
async function abort(target: Target, options: AbortOptions): Promise<ExitCode> {
  const { environment } = target;
  if (options.undelivered === true) {
    if (options.deployment === true) throw new CliError(2, '--undelivered applies to a rollout, not to a deployment.');
    leaving(environment, options);
    return steer(target, options, acceptUndeliveredUpdate, (command) => command);
  }
  if (options.deployment === true && environment !== undefined) return abortDeployment(target, options);
  const code = await abortRollout(target, options);
  if (environment === undefined) return code;
  await alsoAbortRelease(target, options);
  const words = `${commandLine('abort', environment, options)} --deployment`;
  // The abort is done: failing to find a deployment now does not make it fail.
  if ((await running(target.deployment())) !== undefined)
    warn(`A deployment of ${environment} is running and continues. To stop it: ${words}`);
  return code;
}

async function abortRollout(target: Target, options: AbortOptions): Promise<ExitCode> {
  const command = commandOfZero(options);
  const meant = await target.which();
  // Send the abort before reading anything: a read that hangs must not delay it.
  if (meant !== undefined && (await sent(await target.temporal(), 'abort', meant, command)))
    return shownEffect(target, 'abort', meant);
  return (await abortRelease(target, options)) ?? nothingRan(target, meant);
}

/** With nothing running, an abort succeeds. */
async function nothingRan(target: Target, meant: Which | undefined): Promise<ExitCode> {
  const seen = meant === undefined ? undefined : await findRollout(await target.temporal(), meant.workflowId);
  const text = nothingTo('abort', meant, seen);
  say(target.options, 'verb', { text, json: { ...nothingFacts('abort', seen), done: true, answer: text } });
  return 0;
}

/** The environment in which 0 % stays undelivered: it must be named, with a reason. */
export function leaving(environment: string | undefined, { reason }: CommandOptions): string {
  if (environment === undefined) throw new CliError(2, 'Name the environment in which 0 % stays undelivered.');
  if (reason === undefined)
    throw new CliError(2, 'Leaving 0 % undelivered needs a reason for the record: add --reason TEXT.');
  return environment;
}

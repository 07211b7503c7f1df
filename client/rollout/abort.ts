import { leaveUndeliveredUpdate } from '../../workflows/messages';
import { abortRelease, alsoAbortRelease } from '../deployment/abort-release';
import { abortDeployment } from '../deployment/steer';
import { commandOfZero } from '../input/actor';
import type { CommandOptions, DeploymentOptions } from '../options';
import { typed } from '../options';
import { defineVerb } from '../program/verb';
import { running, type Target } from '../target';
import { findRollout } from '../temporal/find-rollout';
import type { Which } from '../temporal/which-rollout';
import { type ExitCode, Failure } from '../terminal/failure';
import { say, warn } from '../terminal/output';
import { sent, shownEffect } from './control';
import { nothingFacts, nothingTo } from './nothing-running';
import { steer } from './steer';

interface AbortOptions extends DeploymentOptions {
  /** Ends the rollout although 0 % is not delivered to every instance. */
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
      summary: 'end the rollout although 0 % is not delivered to every instance; needs --reason',
    },
  ],
  leadsToZero: true,
  handler: abort,
});

/**
 * The rollout first, and nothing is put in front of it; then a release, which would begin one. A deployment by itself only when
 * it is named.
 */
async function abort(target: Target, options: AbortOptions): Promise<ExitCode> {
  const { environment } = target;
  if (options.undelivered === true) {
    if (options.deployment === true) throw new Failure(2, '--undelivered is about a rollout, not about a deployment.');
    leaving(environment, options);
    return steer(target, options, leaveUndeliveredUpdate, (command) => command);
  }
  if (options.deployment === true && environment !== undefined) return abortDeployment(target, options);
  const code = await abortRollout(target, options);
  if (environment === undefined) return code;
  await alsoAbortRelease(target, options);
  const words = `${typed('abort', environment, options)} --deployment`;
  // The abort is done: that a deployment cannot be asked now is no failure of it.
  if ((await running(target.deployment())) !== undefined)
    warn(`A deployment of ${environment} is running and continues. To stop it: ${words}`);
  return code;
}

async function abortRollout(target: Target, options: AbortOptions): Promise<ExitCode> {
  const command = commandOfZero(options);
  const meant = await target.which();
  // Sent before anything is asked: nothing that does not answer may come before it.
  if (meant !== undefined && (await sent(await target.temporal(), 'abort', meant, command)))
    return shownEffect(target, 'abort', meant);
  return (await abortRelease(target, options)) ?? nothingRan(target, meant);
}

/** An abort with nothing to do is done. */
async function nothingRan(target: Target, meant: Which | undefined): Promise<ExitCode> {
  const seen = meant === undefined ? undefined : await findRollout(await target.temporal(), meant.workflowId);
  const text = nothingTo('abort', meant, seen);
  say(target.options, { text, json: { ...nothingFacts('abort', seen), done: true, answer: text } });
  return 0;
}

/** The environment in which 0 % is left undelivered: never another one by mistake, and never without a reason. */
export function leaving(environment: string | undefined, { reason }: CommandOptions): string {
  if (environment === undefined) throw new Failure(2, 'Name the environment in which 0 % is left undelivered.');
  if (reason === undefined)
    throw new Failure(2, 'That 0 % is left undelivered is recorded with its reason: add --reason TEXT.');
  return environment;
}

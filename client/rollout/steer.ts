import { planHash } from '../../rules/plan/plan-hash';
import type { UpdateDefinition } from '@temporalio/common';
import type { Answer, Command } from '../../workflows/messages';
import {
  approveUpdate,
  extendUpdate,
  leaveUndeliveredUpdate,
  promoteUpdate,
  rejectUpdate,
  rolloutWorkflowId,
  skipUpdate,
} from '../../workflows/messages';
import { askRollout } from '../temporal/send-update';
import type { Temporal } from '../temporal/connect';
import { withTemporal } from '../temporal/connect';
import { Failure } from '../terminal/failure';
import type { ExitCode } from '../terminal/failure';
import { findRollout } from '../temporal/find-rollout';
import type { Seen } from '../temporal/find-rollout';
import { nothingTo } from './nothing-running';
import type { CommandOptions, ExtendOptions, PromoteOptions, StepOptions } from '../options';
import { say, warn } from '../terminal/output';
import { readPlan, serviceOf } from '../input/plan-file';
import { serverNowMs, skewWords } from '../temporal/server-clock';
import { answerOf } from './status';
import { commandOf, extension, leaving, meant, promotion } from './steer-input';
import { zoneOf } from '../input/times';
import type { Which } from '../temporal/which-rollout';

/** `rollout approve <env>`: says yes to the plan as it is read here, for the raise that is next. */
export function approve(environment: string, options: StepOptions): Promise<ExitCode> {
  const { plan } = readPlan(environment, options);
  const hash = planHash(plan);
  return steer(environment, options, approveUpdate, (command, seen) => ({
    ...command,
    ...meant(options, seen),
    planHash: hash,
  }));
}

/** `rollout reject <env> --reason` */
export function reject(environment: string, options: CommandOptions): Promise<ExitCode> {
  return steer(environment, options, rejectUpdate, (command) => command);
}

/** `rollout promote <env> [--full] [--override]` */
export function promote(environment: string, options: PromoteOptions): Promise<ExitCode> {
  const how = promotion(options);
  return steer(environment, options, promoteUpdate, (command) => ({ ...command, ...how }));
}

/** `rollout skip <env> --percentage`: a step that is not named is refused, so that the verb said twice skips one. */
export function skip(environment: string, options: StepOptions): Promise<ExitCode> {
  const { percentage } = options;
  return steer(environment, options, skipUpdate, (command) => ({ ...command, percentage }));
}

/** `rollout extend <env> --for|--until` */
export function extend(environment: string, options: ExtendOptions): Promise<ExitCode> {
  const zone = zoneOf(environment, options);
  // Report wrong usage before asking anything.
  extension(options, { nowMs: -Infinity, zone });
  return steer(environment, options, extendUpdate, (command, _seen, nowMs) => ({
    ...command,
    ...extension(options, { nowMs, zone }),
  }));
}

/** `rollout abort <env> --undelivered --reason`: ends the delivery of 0 % that is tried without end. */
export function leaveUndelivered(environment: string | undefined, options: CommandOptions): Promise<ExitCode> {
  return steer(leaving(environment, options), options, leaveUndeliveredUpdate, (command) => command);
}

export function whichOf(environment: string, options: CommandOptions): Which {
  const service = serviceOf(environment, options);
  return { service, environment, workflowId: rolloutWorkflowId(service, environment) };
}

/** @param nowMs By the clock of Temporal's server, which measures what is held. */
type Prepare<C> = (command: Command, seen: Seen, nowMs: number) => C;

async function steer<C extends Command>(
  environment: string,
  options: CommandOptions,
  update: UpdateDefinition<Answer, [C?]>,
  prepare: Prepare<C>,
): Promise<ExitCode> {
  const command = commandOf(options);
  const which = whichOf(environment, options);
  return withTemporal<ExitCode>(options, async (temporal) => {
    const nowMs = await serverNowMs(temporal);
    const skewed = await skewWords(temporal);
    if (skewed !== undefined) warn(skewed);
    const { answer, seen } = await asked(temporal, which, update, (before) => prepare(command, before, nowMs));
    const shown = answerOf(temporal, seen);
    const facts = { verb: update.name, sent: true, done: true, changed: answer.changed, answer: answer.answer };
    say(options, { text: `**${answer.answer}**\n\n${shown.text}`, json: { ...shown.json, ...facts } });
    return 0;
  });
}

/** Asks the rollout that runs, and looks at it again. Throws a Failure when none runs or none answers. */
export async function asked<C extends Command>(
  temporal: Temporal,
  which: Which,
  update: UpdateDefinition<Answer, [C?]>,
  command: (before: Seen) => C,
): Promise<{ readonly answer: Answer; readonly seen: Seen }> {
  const verb = update.name;
  const before = await findRollout(temporal, which.workflowId);
  if (before === undefined || !before.running) throw idle(verb, which, before);
  if (before.unanswered !== undefined)
    throw new Failure(1, `The ${verb} was not asked for, nothing is changed: ${before.unanswered}.`, {
      verb,
      sent: false,
    });
  const answer = await askRollout(temporal, which.workflowId, update, command(before));
  const seen = await findRollout(temporal, which.workflowId);
  if (answer === undefined || seen === undefined) throw idle(verb, which, seen);
  return { answer, seen };
}

function idle(verb: string, which: Which, seen: Seen | undefined): Failure {
  const facts = { verb, sent: false, running: false, last: seen?.status };
  return new Failure(3, nothingTo(verb.replaceAll('-', ' '), which, seen), facts);
}

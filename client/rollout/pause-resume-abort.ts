import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/common';
import type { ResumeCommand } from '../../workflows/messages';
import { abortSignal, pauseSignal, resumeSignal } from '../../workflows/messages';
import { verdictOf, whatNow } from './control-outcome';
import type { Verb } from './control-outcome';
import { actorOfZero } from '../input/actor';
import type { Temporal } from '../temporal/connect';
import { inTime, withTemporal } from '../temporal/connect';
import { effectUnknown, notConfirmed } from '../temporal/explain-error';
import { Failure } from '../terminal/failure';
import type { ExitCode } from '../terminal/failure';
import { findRollout } from '../temporal/find-rollout';
import { NO_WORKER } from '../temporal/worker-polls';
import type { Seen } from '../temporal/find-rollout';
import { nothingTo } from './nothing-running';
import type { CommandOptions, ResumeOptions } from '../options';
import { remark, say } from '../terminal/output';
import { answerOf, shown } from './status';
import { whichRollout } from '../temporal/which-rollout';
import type { Which } from '../temporal/which-rollout';

const SIGNALS = { pause: pauseSignal, resume: resumeSignal, abort: abortSignal } as const;
const EFFECT_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 200;
const PATIENCE_MS = 1_500;
/** For a worker that is just being started again. */
const WORKER_WITHIN_MS = 2_000;

/** What a verb is about when no rollout runs; undefined when there is nothing of that kind either. */
export type Otherwise = (temporal: Temporal) => Promise<ExitCode | undefined>;

/** `rollout pause|resume|abort [env]`: asks the rollout, and waits until it shows that it obeyed. */
export function act(
  verb: Verb,
  environment: string | undefined,
  options: ResumeOptions,
  otherwise: Otherwise = async () => undefined,
): Promise<ExitCode> {
  const by = actorOfZero(options.by);
  const flag = flagOf(options);
  const command: ResumeCommand = {
    by,
    reason: options.reason,
    flag,
  };
  const which = whichRollout(environment, options);
  return withTemporal(options, async (temporal) => {
    const meant = await which(temporal);
    // Sent before anything is asked: nothing that does not answer may come before it.
    if (verb === 'abort' && meant !== undefined) {
      const isSent = await sent(temporal, verb, meant, command);
      return isSent
        ? shownEffect(temporal, verb, meant, options)
        : ((await otherwise(temporal)) ?? nothingRan(temporal, meant, options));
    }
    const before = meant === undefined ? undefined : await findRollout(temporal, meant.workflowId);
    if (meant === undefined || before === undefined || !before.running)
      return (await otherwise(temporal)) ?? idle(verb, meant, before, options);
    const now = whatNow(verb, before, flag);
    if (now.send === false) {
      if (now.refused) throw new Failure(3, now.why, { status: before.status });
      return told(temporal, before, { verb, sent: false, done: true, text: now.why }, options);
    }
    if (!(await sent(temporal, verb, meant, command)))
      return idle(verb, meant, await findRollout(temporal, meant.workflowId), options);
    return shownEffect(temporal, verb, meant, options);
  });
}

const nothingRan = async (temporal: Temporal, meant: Which, options: CommandOptions): Promise<ExitCode> =>
  idle('abort', meant, await findRollout(temporal, meant.workflowId), options);

async function shownEffect(temporal: Temporal, verb: Verb, meant: Which, options: CommandOptions): Promise<ExitCode> {
  const after = await effect(temporal, verb, meant, options);
  return told(temporal, after, { verb, sent: true, ...verdictOf(verb, after) }, options);
}

function flagOf({ adopt, restore }: ResumeOptions): 'adopt' | 'restore' | undefined {
  if (adopt === true && restore === true)
    throw new Failure(
      2,
      'Say one of the two: --adopt goes on from what stands, --restore writes our percentage again.',
    );
  if (restore === true) return 'restore';
  return adopt === true ? 'adopt' : undefined;
}

/** False when the rollout ended in between. */
export async function sent(temporal: Temporal, verb: Verb, which: Which, command: ResumeCommand): Promise<boolean> {
  try {
    await inTime(temporal, () => temporal.client.workflow.getHandle(which.workflowId).signal(SIGNALS[verb], command));
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw notConfirmed(temporal, verb, error);
  }
}

/**
 * Waits until the rollout shows that it obeyed. A rollout that answers, or whose worker asked for work lately, has its time;
 * without a worker nobody will obey soon.
 */
export async function effect(temporal: Temporal, verb: Verb, which: Which, options: CommandOptions): Promise<Seen> {
  const startedMs = Date.now();
  let said = false;
  for (;;) {
    const seen = await findRollout(temporal, which.workflowId).catch((error: unknown) => {
      throw effectUnknown(temporal, verb, error);
    });
    if (seen === undefined) throw new Failure(1, `Temporal no longer knows the workflow ${which.workflowId}.`);
    const waitedMs = Date.now() - startedMs;
    const withinMs = seen.unanswered === NO_WORKER ? WORKER_WITHIN_MS : EFFECT_WITHIN_MS;
    if (verdictOf(verb, seen).done || waitedMs > withinMs) return seen;
    if (!said && waitedMs > PATIENCE_MS) remark(options, `Sent ${verb}; waiting for the rollout to show it …`);
    said ||= waitedMs > PATIENCE_MS;
    await sleep(LOOK_EVERY_MS);
  }
}

interface Told {
  readonly verb: Verb;
  readonly sent: boolean;
  readonly done: boolean;
  readonly text: string;
  readonly zeroConfirmedAtMs?: number;
}

/** Reports what is not done, with the way that needs no Temporal, unless 0 % is in the flag already. */
export async function told(temporal: Temporal, after: Seen, what: Told, options: CommandOptions): Promise<ExitCode> {
  const { nextWay } = options;
  const open = !what.done && after.status.outcome?.undelivered !== true;
  if (open) nextWay?.say();
  const seen = await shown(after, options);
  const answer = answerOf(temporal, seen);
  const { text, ...facts } = what;
  const next = open ? { breakGlass: nextWay?.lines } : {};
  say(options, { text: `**${text}**\n\n${answer.text}`, json: { ...answer.json, ...facts, answer: text, ...next } });
  return what.done ? 0 : 1;
}

/** Nothing runs: an abort has nothing to do and is content; a pause or resume has missed its object. */
function idle(verb: Verb, which: Which | undefined, seen: Seen | undefined, options: CommandOptions): ExitCode {
  const text = nothingTo(verb, which, seen);
  const facts = { verb, sent: false, running: false, last: seen?.status };
  if (verb !== 'abort') throw new Failure(3, text, facts);
  say(options, { text, json: { ...facts, done: true, answer: text } });
  return 0;
}

import type { ResumeCommand } from '../../workflows/messages';
import { abortSignal, pauseSignal, resumeSignal } from '../../workflows/messages';
import { controlOutcome, precheck } from './control-outcome';
import type { Verb } from './control-outcome';
import type { Refusal } from '../../rules/refusal';
import { refusedBy } from '../terminal/refused';
import { withProof } from '../input/proof';
import { commandOfZero } from '../input/actor';
import type { Temporal } from '../temporal/connect';
import { sendSignal } from '../temporal/send-signal';
import { effectUnknown, notConfirmed } from '../temporal/explain-error';
import { CliError } from '../terminal/cli-error';
import type { ExitCode } from '../terminal/cli-error';
import { findRollout } from '../temporal/find-rollout';
import { isNoWorker } from '../temporal/worker-polls';
import type { RolloutView } from '../temporal/find-rollout';
import { nothingRuns } from './nothing-running';
import type { CommandOptions } from '../options';
import type { Target } from '../target';
import { say } from '../terminal/output';
import { patiently } from '../terminal/patience';
import { briefly } from './briefly';
import { answerOf, shown } from '../watch/current';
import type { Which } from '../temporal/which-rollout';
import { poll } from '../temporal/poll';

const SIGNALS = { pause: pauseSignal, resume: resumeSignal, abort: abortSignal } as const;
const EFFECT_WITHIN_MS = 15_000;
const POLL_MS = 200;
/** Leaves time for a worker that is just restarting. */
const WORKER_WITHIN_MS = 2_000;

/** The rollout afterwards, and what became of the verb. */
interface Effect {
  readonly after: RolloutView;
  readonly what: Told;
}

/** Sends a signal, waits until the rollout shows that it obeyed, and reports that. `flag` is for a resume. */
export async function control(
  verb: 'pause' | 'resume',
  target: Target,
  options: CommandOptions,
  flag?: ResumeCommand['flag'],
): Promise<ExitCode> {
  const { after, what } = await obeyed(verb, target, { ...commandOfZero(options), flag });
  return told(target, after, what);
}

/**
 * Sends a signal, unless the rollout has done that already, and waits until it shows that it obeyed.
 * @throws CliError 3 when no rollout runs, or when it refuses.
 */
export async function obeyed(verb: 'pause' | 'resume', target: Target, command: ResumeCommand): Promise<Effect> {
  const meant = await target.which();
  const before = await target.rollout();
  if (meant === undefined || before === undefined || !before.running) throw nothingRuns(verb, meant, before);
  const now = precheck(verb, before, command.flag);
  if (now.send === false) {
    if (now.refused) throw new CliError(3, now.why, { status: before.status });
    return { after: before, what: { verb, sent: false, done: true, text: now.why } };
  }
  const temporal = await target.temporal();
  const signed = await withProof(target, verb, command, before);
  if (!(await sent(temporal, verb, meant, signed)))
    throw nothingRuns(verb, meant, await findRollout(temporal, meant.workflowId));
  return effectOf(target, verb, meant, before);
}

/** Reports the effect of a sent signal. */
export async function shownEffect(target: Target, verb: Verb, meant: Which): Promise<ExitCode> {
  const { after, what } = await effectOf(target, verb, meant);
  return told(target, after, what);
}

/** The effect of a sent signal. */
export async function effectOf(target: Target, verb: Verb, meant: Which, before?: RolloutView): Promise<Effect> {
  const known = before?.status.permissions?.open?.atMs;
  const refusalIn = ({ status: { permissions } }: RolloutView): Refusal | undefined =>
    verb !== 'resume' || permissions?.open?.atMs === known ? undefined : permissions?.open;
  const after = await effect(target, verb, meant, (seen) => refusalIn(seen) !== undefined);
  const refusal = refusalIn(after);
  if (refusal !== undefined) throw refusedBy(refusal, { status: after.status });
  return { after, what: { verb, sent: true, ...controlOutcome(verb, after) } };
}

/** False when the rollout ended before the signal arrived. */
export function sent(temporal: Temporal, verb: Verb, which: Which, command: ResumeCommand): Promise<boolean> {
  return sendSignal(temporal, which.workflowId, SIGNALS[verb], command).catch((error: unknown) => {
    throw notConfirmed(temporal, verb, error);
  });
}

/**
 * Waits until the rollout shows that it obeyed. A rollout that answers, or whose worker polled lately, gets its time;
 * without a worker there is no point in waiting.
 */
export async function effect(
  target: Target,
  verb: Verb,
  which: Which,
  refused: (seen: RolloutView) => boolean = () => false,
): Promise<RolloutView> {
  const temporal = await target.temporal();
  const read = async (): Promise<RolloutView> => {
    const seen = await findRollout(temporal, which.workflowId).catch((error: unknown) => {
      throw effectUnknown(temporal, verb, error);
    });
    if (seen === undefined) throw new CliError(1, `Temporal no longer knows the workflow ${which.workflowId}.`);
    return seen;
  };
  const withinMs = ({ queryError }: RolloutView): number =>
    isNoWorker(queryError) ? WORKER_WITHIN_MS : EFFECT_WITHIN_MS;
  return patiently(`Sent ${verb}; waiting for the rollout to show it …`, () =>
    poll(read, {
      until: (seen, waitedMs) => controlOutcome(verb, seen).done || refused(seen) || waitedMs > withinMs(seen),
      everyMs: POLL_MS,
    }),
  );
}

interface Told {
  readonly verb: Verb;
  readonly sent: boolean;
  readonly done: boolean;
  readonly text: string;
  readonly zeroConfirmedAtMs?: number;
}

/** Reports what is not confirmed, with the way to 0 % without Temporal, unless 0 % is in the flag already. */
export async function told(target: Target, after: RolloutView, what: Told): Promise<ExitCode> {
  const { nextWay, options } = target;
  const open = !what.done && after.status.outcome?.undelivered !== true;
  if (open) nextWay?.say();
  const seen = await shown(target, after);
  const answer = answerOf(await target.temporal(), seen);
  const { text, ...facts } = what;
  const next = open ? { breakGlass: nextWay?.lines } : {};
  say(options, 'rollout', {
    text: briefly(text, seen, options),
    json: { ...answer.json, ...facts, answer: text, ...next },
  });
  return what.done ? 0 : 1;
}

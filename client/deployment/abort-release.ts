import { releaseHeadline } from '../../rules/report/release';
import { abortSignal, releaseWorkflowId } from '../../workflows/messages';
import type { Temporal } from '../temporal/connect';
import { notConfirmed } from '../temporal/explain-error';
import type { ExitCode } from '../terminal/cli-error';
import { findRelease, releaseAnswer, type SeenRelease } from '../temporal/find-release';
import { commandLine, type CommandOptions } from '../options';
import { sendSignal } from '../temporal/send-signal';
import { say, warn } from '../terminal/output';
import { patiently } from '../terminal/patience';
import { commandOfZero } from '../input/actor';
import { running, type Target } from '../target';
import { untilEnded } from '../temporal/poll';

/**
 * Aborts a release when no rollout runs; its rollout will then never start. The signal is sent even without a worker:
 * Temporal keeps it. Undefined when no release runs.
 */
export async function abortRelease(target: Target, options: CommandOptions): Promise<ExitCode | undefined> {
  const { environment, nextWay } = target;
  if (environment === undefined) return undefined;
  const temporal = await target.temporal();
  const workflowId = releaseWorkflowId(target.service, environment);
  if (!(await sendAbort(temporal, workflowId, options))) return undefined;
  const after = await patiently('Sent abort; waiting for the release to stop …', () => lastSeen(temporal, workflowId));
  if (after === undefined) return unanswered(workflowId, target);
  nextWay?.heard();
  const done = !after.running;
  const said = done ? 'The release has ended.' : `The release stops; its ${after.status.stage} has not ended yet.`;
  const { json } = releaseAnswer(temporal, after);
  const text = [
    `**${said}**`,
    `Now: ${releaseHeadline(after.status)}`,
    `See all of it: \`${commandLine('status', environment, options)}\``,
  ].join('\n');
  say(options, 'release', { text, json: { ...json, verb: 'abort', sent: true, done, answer: said } });
  return done ? 0 : 1;
}

function unanswered(workflowId: string, { nextWay, options }: Target): ExitCode {
  const text =
    'NOT CONFIRMED: Temporal has the abort of the release, but no worker has confirmed it. It takes effect when a worker runs.';
  const json = { verb: 'abort', workflowId, sent: true, done: false, answer: text };
  nextWay?.say();
  say(options, 'verb', { text, json: { ...json, breakGlass: nextWay?.lines } });
  return 1;
}

/** A verb that returns traffic to 0 also ends the release: otherwise it would start a rollout or continue with one. */
export async function alsoAbortRelease(target: Target, options: CommandOptions): Promise<void> {
  const { named, service } = target;
  try {
    const before = await running(target.release());
    const isSent = await sendAbort(await target.temporal(), releaseWorkflowId(service, named), options);
    if (isSent && before?.status.stage !== 'rollout')
      warn(`The release of ${named} is aborted too: it starts no rollout.`);
  } catch {
    // The traffic is at 0: failing to find a release now does not make the verb fail.
    warn(`Whether a release of ${named} runs is NOT KNOWN. Check with \`rollout status\`.`);
  }
}

/** False when none runs. */
function sendAbort(temporal: Temporal, workflowId: string, options: CommandOptions): Promise<boolean> {
  return sendSignal(temporal, workflowId, abortSignal, commandOfZero(options)).catch((error: unknown) => {
    throw notConfirmed(temporal, 'abort', error);
  });
}

/** Undefined when no worker answers. */
function lastSeen(temporal: Temporal, workflowId: string): Promise<SeenRelease | undefined> {
  const read = (): Promise<SeenRelease | undefined> => findRelease(temporal, workflowId).catch(() => undefined);
  let seen: SeenRelease | undefined;
  return untilEnded(async () => (seen = (await read()) ?? seen));
}

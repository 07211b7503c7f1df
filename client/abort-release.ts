import { abortSignal, releaseWorkflowId } from '../workflows/messages';
import { inTime, type Temporal, withTemporal } from './connect';
import type { ExitCode } from './failure';
import { findRelease, releaseAnswer, runningRelease, type SeenRelease } from './find-release';
import type { CommandOptions } from './options';
import { say, warn } from './output';
import { serviceOf } from './plan-file';
import { commandOf } from './steer-commands';

const EFFECT_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 500;

/** When no rollout runs: a release that has not come to it never will. Undefined when there is none. */
export async function abortRelease(
  temporal: Temporal,
  environment: string | undefined,
  options: CommandOptions,
): Promise<ExitCode | undefined> {
  if (environment === undefined) return undefined;
  const before = await runningRelease(temporal, releaseWorkflowId(serviceOf(environment, options), environment));
  if (before === undefined) return undefined;
  await sendAbort(temporal, before, options);
  const after = await untilEnded(temporal, before);
  const done = !after.running;
  const said = done
    ? 'The release has ended.'
    : `The release is told to stop; its ${after.status.stage} is not over yet.`;
  const { text, json } = releaseAnswer(temporal, after);
  say(options, { text: `**${said}**\n\n${text}`, json: { ...json, verb: 'abort', sent: true, done, answer: said } });
  return done ? 0 : 1;
}

/** A rollout that was aborted ends its own release; one of somebody else must not be begun by another. */
export async function alsoAbortRelease(environment: string, options: CommandOptions): Promise<void> {
  const workflowId = releaseWorkflowId(serviceOf(environment, options), environment);
  await withTemporal(options, async (temporal): Promise<ExitCode> => {
    const seen = await runningRelease(temporal, workflowId);
    if (seen === undefined) return 0;
    await sendAbort(temporal, seen, options);
    if (seen.status.stage !== 'rollout') warn(`The release of ${environment} is aborted too: it begins no rollout.`);
    return 0;
    // What was asked for is done: that a release cannot be asked now is no failure of it.
  }).catch(() => warn(`Whether a release of ${environment} runs could not be seen: look again.`));
}

/** One that has ended in this moment needs none. */
async function sendAbort(temporal: Temporal, { status }: SeenRelease, options: CommandOptions): Promise<void> {
  const handle = temporal.client.workflow.getHandle(status.workflowId);
  await inTime(temporal, () => handle.signal(abortSignal, commandOf(options))).catch((error: unknown) => {
    if (!(error instanceof Error && error.name === 'WorkflowNotFoundError')) throw error;
  });
}

async function untilEnded(temporal: Temporal, before: SeenRelease): Promise<SeenRelease> {
  let seen = before;
  for (const deadlineMs = Date.now() + EFFECT_WITHIN_MS; seen.running && Date.now() < deadlineMs;) {
    await new Promise((done) => setTimeout(done, LOOK_EVERY_MS));
    seen = (await findRelease(temporal, before.status.workflowId)) ?? seen;
  }
  return seen;
}

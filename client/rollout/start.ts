import { WorkflowExecutionAlreadyStartedError, WorkflowIdConflictPolicy } from '@temporalio/common';
import { WorkflowIdReusePolicy } from '@temporalio/common';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { joined } from '../../rules/report/rollout-headline';
import { formatTime, singleLine, formatDuration, summary } from '../../rules/format';
import type { Command, ResumeCommand, RolloutInput } from '../../workflows/messages';
import {
  TASK_QUEUE,
  abortSignal,
  environmentAttribute,
  IS_LISTED,
  phaseAttribute,
  resumeSignal,
  rolloutWorkflowId,
} from '../../workflows/messages';
import { missingAttributes, missingWords } from '../temporal/attributes';
import { actor } from '../input/actor';
import type { Temporal } from '../temporal/connect';
import { inTime, webLink } from '../temporal/connect';
import { CliError } from '../terminal/cli-error';
import type { ExitCode } from '../terminal/cli-error';
import { schemaAsking, startRefusal } from '../../rules/identity/permissions';
import type { Refusal } from '../../rules/refusal';
import { zonesAhead } from '../../rules/time/zone-offsets';
import { signed } from '../input/proof';
import { sendSignal } from '../temporal/send-signal';
import type { RolloutView } from '../temporal/find-rollout';
import { factsOf, findRollout } from '../temporal/find-rollout';
import type { CommandOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { commandLine } from '../options';
import { say, warn } from '../terminal/output';
import { patiently } from '../terminal/patience';
import { refusedBy } from '../terminal/refused';
import { localZone } from '../terminal/render';
import { shown } from '../watch/current';
import { follow } from './watch';
import { workerPolls } from '../temporal/worker-polls';
import { poll } from '../temporal/poll';

const REFUSED_WITHIN_MS = 3_000;
const POLL_MS = 200;
/** An older worker refuses it: it would not adopt, but begin at 0 %. */
const ADOPTING_SCHEMA = 3;
/** Longer than the worker asks AWS. */
const PROVED_WITHIN_MS = 10_000;

interface StartOptions extends CommandOptions {
  readonly watch?: boolean;
}

export const verb = defineVerb<StartOptions>({
  name: 'start',
  argument: '<env>',
  group: 'Raise',
  daily: true,
  summary: 'starts the rollout of an environment by its plan, as `start-rollout` does; refused while one runs',
  examples: [
    ['rollout start staging --sandbox --watch', 'try it on this machine'],
    ['rollout start prod --reason "release 2.4"', 'raises by the plan of this folder, rollout.yaml'],
    ['rollout start prod --plan plans/mine.yaml --json', 'by another plan, for a pipeline'],
  ],
  reason: 'optional',
  options: [{ flags: '--watch', summary: 'follow it until it ends; the exit code then reports how it ended' }],
  handler: start,
});

async function start(target: Target, options: StartOptions): Promise<ExitCode> {
  const { plan, file } = target.planned();
  const startedBy = actor(options.by);
  const temporal = await target.temporal();
  const notes = [...(await workerNote(temporal))];
  const runId = await startRollout(target, { plan, startedBy, reason: options.reason });
  const workflowId = rolloutWorkflowId(plan.service, plan.environment);
  if (options.watch !== true) await unlessRefused(temporal, workflowId);
  const link = webLink(temporal, workflowId, runId);
  for (const note of notes) warn(note);
  const { service, environment } = plan;
  say(options, 'started', {
    text: startedText(plan, file, startedBy, options) + (link === undefined ? '' : `\nWeb UI: ${link}`),
    json: { started: true, workflowId, runId, service, environment, startedBy, notes, link },
  });
  return options.watch === true ? follow(target, workflowId) : 0;
}

/** Returns the id of its first run. Throws a Failure when a rollout of the environment runs already. */
export async function startRollout(target: Target, asked: Omit<RolloutInput, 'zones'>): Promise<string> {
  const input: RolloutInput = { ...asked, zones: zonesAhead(asked.plan, Date.now()) };
  const { permissions } = input.plan;
  const refusal = startRefusal(permissions, input.startedBy);
  if (refusal !== undefined) throw refusedBy(refusal);
  const proving = schemaAsking(permissions);
  const asksProof = proving !== undefined;
  const schema = asked.adopts === undefined ? proving : ADOPTING_SCHEMA;
  // Before anything is started: without credentials nothing is.
  if (asksProof) await proofOfStart(target, input, 'not started');
  const runId = await begun(target, schema === undefined ? input : { ...input, schema });
  if (!asksProof) return runId;
  const { service, environment } = input.plan;
  const workflowId = rolloutWorkflowId(service, environment);
  const temporal = await target.temporal();
  await sendSignal(temporal, workflowId, resumeSignal, await proofOfStart(target, input, runId));
  await untilProved(temporal, workflowId);
  return runId;
}

function proofOfStart(
  target: Target,
  { plan, startedBy: by, reason }: RolloutInput,
  run: string,
): Promise<ResumeCommand> {
  const workflowId = rolloutWorkflowId(plan.service, plan.environment);
  const command: ResumeCommand = { by, reason, starts: true };
  return signed(target, plan.aws.region, { workflowId, run, verb: 'start', command });
}

/** @throws CliError 3 when the proof does not count. Without a worker the proof waits, for as long as it is fresh. */
async function untilProved(temporal: Temporal, workflowId: string): Promise<void> {
  const seen = await patiently('Started; waiting until AWS has confirmed who you are …', () =>
    poll(() => findRollout(temporal, workflowId), {
      until: (view) =>
        view?.queryError !== undefined || view?.status.permissions?.startOpen !== true || refusalIn(view) !== undefined,
      everyMs: POLL_MS,
      withinMs: PROVED_WITHIN_MS,
    }),
  );
  const refusal = seen === undefined ? undefined : (seen.status.outcome?.refusal ?? refusalIn(seen));
  if (refusal !== undefined) throw refusedBy(refusal, { status: seen?.status });
}

const refusalIn = ({ status: { permissions } }: RolloutView): Refusal | undefined => permissions?.open;

async function begun(target: Target, input: RolloutInput): Promise<string> {
  const workflow = workflowOf(input);
  const temporal = await target.temporal();
  try {
    const workflowIdConflictPolicy = WorkflowIdConflictPolicy.FAIL;
    const handle = await listedOrNot(temporal, workflow, (order) =>
      inTime(temporal, () => temporal.client.workflow.start('rollout', { ...order, workflowIdConflictPolicy })),
    );
    return handle.firstExecutionRunId;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) throw await alreadyRunning(target, input.plan);
    throw error;
  }
}

/** Aborts the running rollout, else starts one that only writes 0 %. One request, so that none can start in between. */
export async function zeroOrAbort(temporal: Temporal, input: RolloutInput): Promise<void> {
  const { startedBy: by, reason } = input;
  const signalArgs: [Command] = [{ by, reason }];
  await listedOrNot(temporal, workflowOf(input), (order) =>
    inTime(temporal, () =>
      temporal.client.workflow.signalWithStart('rollout', { ...order, signal: abortSignal, signalArgs }),
    ),
  );
}

type Order = ReturnType<typeof workflowOf>;

/** A namespace without our search attributes refuses them: start without; filtered lists then do not show the rollout. */
async function listedOrNot<T>(
  temporal: Temporal,
  order: Order,
  begin: (order: Omit<Order, 'typedSearchAttributes'>) => Promise<T>,
): Promise<T> {
  try {
    return await begin(order);
  } catch (error) {
    const said = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
    if (!/INVALID_ARGUMENT.*search attribute/i.test(said)) throw error;
    const { typedSearchAttributes: attributes, ...rest } = order;
    const begun = await begin(rest);
    const missing = (await missingAttributes(temporal)) ?? attributes.map(({ key }) => key.name);
    warn(missingWords(temporal, missing));
    return begun;
  }
}

function workflowOf(input: RolloutInput) {
  const { service, environment, steps } = input.plan;
  const schedule = steps.map(({ percentage }) => percentage).join(' → ');
  const reason = input.reason === undefined ? '' : `: ${input.reason}`;
  return {
    taskQueue: TASK_QUEUE,
    workflowId: rolloutWorkflowId(service, environment),
    args: [input] as [RolloutInput],
    workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
    typedSearchAttributes: [
      { key: environmentAttribute, value: environment },
      { key: phaseAttribute, value: 'starting' },
    ],
    memo: { ...IS_LISTED, service, startedBy: input.startedBy, startedAtMs: Date.now() },
    staticSummary: summary(`${service} ${environment}: ${schedule} %`),
    staticDetails: `Started by ${singleLine(input.startedBy)}${singleLine(reason)}.\n\nPause, resume and abort it by signal; no argument is needed.`,
  };
}

/** The rollout may refuse at its first check of the flag. Wait a moment, so that a refusal is not reported as a start. */
export async function unlessRefused(temporal: Temporal, workflowId: string): Promise<void> {
  const seen = await patiently('Started; waiting for its first check …', () =>
    poll(() => findRollout(temporal, workflowId), {
      until: (view) => view === undefined || view.queryError !== undefined || view.status.phase !== 'starting',
      everyMs: POLL_MS,
      withinMs: REFUSED_WITHIN_MS,
    }),
  );
  const { outcome } = seen?.status ?? {};
  if (outcome?.refusal !== undefined) throw refusedBy(outcome.refusal, { status: seen?.status });
  if (outcome?.outcome === 'refused')
    throw new CliError(3, `Refused: ${singleLine(outcome.why)}.${lostHint(seen?.status)}`, { status: seen?.status });
}

/** Another owner, or a flag above 0 %: what a rollout leaves that Temporal has lost. */
const lostHint = (status: RolloutView['status'] | undefined): string =>
  status === undefined || status.percentage === 0
    ? ''
    : `\nIf the flag is above 0 % because Temporal has lost its rollout: \`rollout adopt ${status.environment}\` continues from there.`;

async function alreadyRunning(target: Target, plan: EnvironmentPlan): Promise<CliError> {
  const { options } = target;
  const temporal = await target.temporal();
  const workflowId = rolloutWorkflowId(plan.service, plan.environment);
  const found = await findRollout(temporal, workflowId);
  const seen = found === undefined ? undefined : await shown(target, found);
  const link = webLink(temporal, workflowId, seen?.runId);
  const how =
    seen === undefined
      ? ''
      : `: ${seen.status.phase === 'not-known' ? 'its state is NOT KNOWN' : `${seen.status.phase}${joined(seen.status)}`}, started by ${singleLine(seen.status.startedBy)} ${formatTime(seen.status.startedAtMs, localZone(), Date.now())}`;
  const text = [
    `${plan.service} ${plan.environment} is already being rolled out${how} (workflow ${workflowId}). Only one rollout per environment may run.`,
    `See its status: ${commandLine('status', plan.environment, options)}. End it: ${commandLine('abort', plan.environment, options)}.`,
    ...(link === undefined ? [] : [`Web UI: ${link}`]),
  ];
  const running = seen === undefined ? { workflowId } : { ...factsOf(seen), runId: seen.runId };
  return new CliError(3, text.join('\n'), { running, link });
}

function startedText(plan: EnvironmentPlan, file: string, startedBy: string, options: CommandOptions): string {
  const schedule = plan.steps.map(({ percentage }) => percentage).join(' → ');
  const soakMs = plan.steps.reduce((sum, step) => sum + step.soakMs, 0);
  const windows = plan.windows.length === 0 ? '' : ', plus the waits for maintenance windows';
  return [
    `**${plan.service} ${plan.environment}: started by ${startedBy}, from ${file}.**`,
    `${schedule} %, at least ${formatDuration(soakMs)}${windows}.`,
    `Follow it: ${commandLine('watch', plan.environment, options)}`,
    `Stop it:   ${commandLine('abort', plan.environment, options)}`,
  ].join('\n');
}

async function workerNote(temporal: Temporal): Promise<readonly string[]> {
  if (await workerPolls(temporal)) return [];
  return [
    'No worker is running. Temporal keeps the rollout; it begins when a worker starts (`npm run worker`). Abort it if that would be too late.',
  ];
}

import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { singleLine, summary } from '../../rules/format';
import type { FallbackRollback } from '../../rules/fallback/fallback';
import { nearestName } from '../../rules/plan/problems/nearest-name';
import { describeRollback } from '../../rules/report/fallback';
import type { FallbackInput } from '../../workflows/messages';
import { fallbackQuery, fallbackWorkflowId, rolloutWorkflowId, TASK_QUEUE } from '../../workflows/messages';
import { alsoAbortRelease } from '../deployment/abort-release';
import { effect, told } from './control';
import { controlOutcome } from './control-outcome';
import { actorOfZero } from '../input/actor';
import type { Temporal } from '../temporal/connect';
import { inTime } from '../temporal/connect';
import { notConfirmed, silence } from '../temporal/explain-error';
import { CliError } from '../terminal/cli-error';
import type { ExitCode } from '../terminal/cli-error';
import { infraRollback } from '../deployment/infra-rollback';
import type { CommandOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { remark, say } from '../terminal/output';
import { patiently } from '../terminal/patience';
import { findRollout, type RolloutView } from '../temporal/find-rollout';
import type { Which } from '../temporal/which-rollout';
import { zeroOrAbort } from './start';
import { poll } from '../temporal/poll';

const POLL_MS = 1_000;
/** Longer than a late write can take, and than the diagnosis of a breach. */
const FREE_WITHIN_MS = 30_000;

export interface RollbackOptions extends CommandOptions {
  /** How far back: `flag`, `infra`, or the name of the plan's fallback. */
  readonly to: string;
  /** Only show what would change. */
  readonly diff?: boolean;
  /** Wait until no execution runs any more on the new side. */
  readonly drain?: boolean;
}

export const verb = defineVerb<RollbackOptions>({
  name: 'rollback',
  argument: '<env>',
  group: 'Go back',
  summary: 'sets the percentage to 0, also after a rollout has ended; with `--to`, rolls back the stacks too',
  examples: [['rollout rollback prod --to infra', '0 %, then the stacks as before the last deployment']],
  reason: 'optional',
  options: [
    {
      flags: '--to <level>',
      summary: "flag: the traffic; infra: the stacks too; the name of the plan's fallback: its checks and findings too",
      default: 'flag',
    },
    { flags: '--diff', summary: 'with --to infra: only show what would change' },
    { flags: '--drain', summary: 'with --to the fallback: wait until nothing runs any more on the new side' },
  ],
  leadsToZero: true,
  handler: async (target, options) => {
    const { to } = options;
    if (to === 'infra') return infraRollback(target, options);
    const { plan, file } = target.planned();
    if (to !== 'flag' && to !== plan.fallback?.name) throw new CliError(2, noSuchWay(plan, file, to));
    if (options.diff === true) throw new CliError(2, '--diff needs --to infra: --to flag changes only the percentage.');
    return flagRollback(target, options);
  },
});

function noSuchWay({ fallback }: EnvironmentPlan, file: string, to: string): string {
  const names = ['flag', 'infra', ...(fallback === undefined ? [] : [fallback.name])];
  const none = fallback === undefined ? `, and ${file} names no fallback` : '';
  const meant = nearestName(to, names);
  const remedy = meant === undefined ? `Choose one of ${names.join(', ')}.` : `Did you mean ${meant}?`;
  return `There is no way back --to ${singleLine(to)}${none}. ${remedy} Nothing was changed.`;
}

/**
 * `rollout rollback <env> --to flag`: the fastest way back, no new job goes to the new side. Aborts a running rollout;
 * after an ended one, starts a rollout that only writes 0 %. Waits until 0 % is confirmed. The way to the plan's fallback
 * continues from there.
 */
async function flagRollback(target: Target, options: RollbackOptions): Promise<ExitCode> {
  const { plan } = target.planned();
  const by = actorOfZero(options.by);
  const { service, environment } = plan;
  const which = { service, environment, workflowId: rolloutWorkflowId(service, environment) };
  const after = await toZero(target, plan, by, { ...options, which });
  // Nothing comes before the zero; but a running release would start a rollout after it.
  await alsoAbortRelease(target, options);
  const verdict = controlOutcome('abort', after);
  if (verdict.done) target.nextWay?.heard();
  if (options.to === 'flag' || !verdict.done) {
    const last = verdict.done ? await untilFree(target, after) : after;
    return told(target, last, { verb: 'abort', sent: true, ...verdict });
  }
  remark(options, verdict.text);
  return toFallback(await target.temporal(), plan, by, options);
}

/** The rollout once it shows the zero, or has not shown it in time. */
async function toZero(
  target: Target,
  plan: EnvironmentPlan,
  by: string,
  { which, reason }: RollbackOptions & { readonly which: Which },
): Promise<RolloutView> {
  const temporal = await target.temporal();
  try {
    await zeroOrAbort(temporal, { plan, startedBy: by, backToZero: true, reason });
  } catch (error) {
    throw notConfirmed(temporal, 'rollback', error);
  }
  return effect(target, 'abort', which);
}

/**
 * The next rollout can start when this one has ended: after the second check of its zero. One that takes longer, as for a delivery
 * or a diagnosis, is shown as it is; its status says until when.
 */
async function untilFree(target: Target, after: RolloutView): Promise<RolloutView> {
  const temporal = await target.temporal();
  let last = after;
  const read = async (): Promise<RolloutView> =>
    (last = (await findRollout(temporal, after.status.workflowId).catch(() => undefined)) ?? last);
  return patiently('0 % is confirmed; waiting until the rollout has ended, so that the next one can start …', () =>
    poll(read, { until: ({ running }) => !running, everyMs: POLL_MS, withinMs: FREE_WITHIN_MS }),
  );
}

/** Follows one that runs already instead of starting another. */
async function toFallback(
  temporal: Temporal,
  plan: EnvironmentPlan,
  by: string,
  options: RollbackOptions,
): Promise<ExitCode> {
  const { service, environment } = plan;
  const workflowId = fallbackWorkflowId(service, environment);
  const input: FallbackInput = { plan, by, reason: options.reason ?? 'no reason given', drain: options.drain };
  try {
    const start = {
      taskQueue: TASK_QUEUE,
      workflowId,
      args: [input],
      staticSummary: summary(`${service} ${environment}: back to ${options.to}`),
    };
    await inTime(temporal, () => temporal.client.workflow.start('fallback', start));
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    remark(options, 'A full rollback is already running; following it.');
  }
  const rollback = await followed(temporal, workflowId, options);
  say(options, 'fallback', { text: describeRollback(rollback), json: { ...rollback } });
  return rollback.outcome === 'done' ? 0 : 1;
}

/** Prints each step when it ends. */
async function followed(temporal: Temporal, workflowId: string, options: RollbackOptions): Promise<FallbackRollback> {
  const handle = temporal.client.workflow.getHandle(workflowId);
  const said = new Set<string>();
  const read = (): Promise<FallbackRollback> =>
    inTime(temporal, () => handle.query(fallbackQuery)).catch((error: unknown) => {
      throw new CliError(
        1,
        `0 % is confirmed. The state of the remaining rollback is NOT KNOWN (${silence(error)}); it continues in Temporal when a worker runs.`,
        { workflowId, answered: true },
      );
    });
  const show = (rollback: FallbackRollback): void => {
    for (const { step, state, why } of rollback.steps) {
      if ((state !== 'done' && state !== 'failed') || said.has(step)) continue;
      said.add(step);
      if (options.json !== true) remark(options, `${state === 'done' ? '✓' : '✗'} ${step}: ${why}`);
    }
  };
  const last = await poll(read, { until: ({ outcome }) => outcome !== undefined, meanwhile: show, everyMs: POLL_MS });
  show(last);
  return last;
}

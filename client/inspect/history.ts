import type { RunTold, Told } from '../../rules/history/timeline';
import { timeline } from '../../rules/history/timeline';
import { formatTime, singleLine } from '../../rules/format';
import type { FlagHistoryInput, FlagHistoryResult, RolloutResult } from '../../workflows/messages';
import {
  deploymentQuery,
  deploymentWorkflowId,
  flagHistoryWorkflowId,
  rolloutWorkflowId,
  statusQuery,
} from '../../workflows/messages';
import type { Temporal } from '../temporal/connect';
import { inTime } from '../temporal/connect';
import { explain } from '../temporal/explain-error';
import type { ExitCode } from '../terminal/cli-error';
import type { CommonOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { remark, say } from '../terminal/output';
import { localZone } from '../terminal/render';
import { runWorkflow } from '../temporal/run-workflow';

const WITHIN_MS = 40_000;
const RUNS_TOLD = 10;

export const verb = defineVerb<CommonOptions>({
  name: 'history',
  argument: '<env>',
  group: 'Inspect',
  summary: 'shows every value written to the flag, its writer and reason, with diagnoses and deployments',
  examples: [['rollout history prod', 'who wrote what to the flag, and why?']],
  handler: history,
});

/** From AWS and Temporal, as one timeline. */
async function history(target: Target, options: CommonOptions): Promise<ExitCode> {
  const { service, environment, aws, flag } = target.planned().plan;
  const temporal = await target.temporal();
  const runs = [
    ...(await runsOf(temporal, 'rollout', rolloutWorkflowId(service, environment))),
    ...(await runsOf(temporal, 'deployment', deploymentWorkflowId(service, environment))),
  ];
  const values = await runWorkflow<FlagHistoryInput, FlagHistoryResult>(temporal, {
    type: 'flagHistory',
    workflowId: flagHistoryWorkflowId(service, environment),
    input: { plan: { aws, flag } },
    withinMs: WITHIN_MS,
    summary: `${service} ${environment}: history`,
  }).catch((error: unknown) => {
    remark(options, `The values of the flag are missing: ${explain(error, temporal).message}`);
    return undefined;
  });
  const entries = timeline(values?.values ?? [], runs);
  const text = entries.length === 0 ? `Nothing is known of ${service} ${environment}.` : linesOf(entries, localZone());
  say(options, { text, json: { environment, flagKnown: values !== undefined, runs: runs.length, entries } });
  return values === undefined ? 1 : 0;
}

type Kind = 'rollout' | 'deployment';
type Found = Pick<RunTold, 'runId' | 'startedAtMs'>;

/** The newest runs, the oldest first. A run that was continued is covered by its successor. */
async function runsOf(temporal: Temporal, of: Kind, workflowId: string): Promise<readonly RunTold[]> {
  const found: Found[] = [];
  await inTime(temporal, async () => {
    for await (const run of temporal.client.workflow.list({ query: `WorkflowId = "${workflowId}"` })) {
      if (run.status.name !== 'CONTINUED_AS_NEW')
        found.push({ runId: run.runId, startedAtMs: run.startTime.getTime() });
      if (found.length >= RUNS_TOLD) break;
    }
  });
  return Promise.all(found.reverse().map((run) => told(temporal, of, workflowId, run)));
}

async function told(temporal: Temporal, of: Kind, workflowId: string, found: Found): Promise<RunTold> {
  const { runId } = found;
  const handle = temporal.client.workflow.getHandle(workflowId, runId, { followRuns: false });
  try {
    if (of === 'deployment') {
      const { log, outcome } = await inTime(temporal, () => handle.query(deploymentQuery));
      return { of, ...found, log, outcome };
    }
    const { log, outcome, diagnosis } = await inTime(temporal, () => handle.query(statusQuery));
    return { of, ...found, log, outcome, diagnosis };
  } catch (error) {
    const unanswered = explain(error, temporal).message;
    if (of === 'deployment') return { of, ...found, log: [], unanswered };
    const outcome = await inTime(temporal, () => handle.result()).catch(() => undefined);
    return { of, ...found, log: [], unanswered, outcome: outcome as RolloutResult | undefined };
  }
}

/** `Tue 24 Nov 13:00:00 UTC  flag v7   25 % …  (by arn:…)` */
export function linesOf(entries: readonly Told[], zone: string): string {
  return entries
    .map(({ atMs, source, version, what, by }) => {
      const where = source === 'flag' ? `flag v${version}` : source;
      const who = by === undefined ? '' : ` (${singleLine(by)})`;
      return `${formatTime(atMs, zone, Date.now())}  ${where.padEnd(10)} ${singleLine(what)}${who}`;
    })
    .join('\n');
}

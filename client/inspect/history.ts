import type { RunTold, Told } from '../../rules/history/timeline';
import { timeline } from '../../rules/history/timeline';
import { escaped, formatTime, singleLine } from '../../rules/format';
import { localTime, shortZoneName } from '../../rules/time/local-time';
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
import { terminalWidth } from '../terminal/table';
import { wrapped } from '../terminal/width';
import { runWorkflow } from '../temporal/run-workflow';
import { notWhole, readRecord, verifyHistory } from './audit';

const WITHIN_MS = 40_000;
const RUNS_TOLD = 10;

interface HistoryOptions extends CommonOptions {
  readonly all?: boolean;
  readonly verify?: boolean;
}

export const verb = defineVerb<HistoryOptions>({
  name: 'history',
  argument: '<env>',
  group: 'Inspect',
  summary: 'shows every value written to the flag, its writer and reason, with diagnoses and deployments',
  examples: [
    ['rollout history prod', 'who wrote what to the flag, and why?'],
    ['rollout history prod --verify', 'is the audit record whole?'],
  ],
  options: [
    { flags: '--all', summary: 'in a terminal: show more than the newest 40 entries' },
    { flags: '--verify', summary: 'check the audit record: 1 when an entry is missing, altered, moved or cut off' },
  ],
  handler: history,
});

/** From AWS and Temporal, as one timeline. */
async function history(target: Target, options: HistoryOptions): Promise<ExitCode> {
  const { plan } = target.planned();
  const { service, environment, aws, flag, audit } = plan;
  const temporal = await target.temporal();
  if (options.verify === true) return verifyHistory(temporal, plan, options);
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
  const record =
    audit && (await readRecord(temporal, { service, environment, aws, audit }).catch(unread(options, temporal)));
  const entries = timeline(values?.values ?? [], runs, record?.entries);
  const text = entries.length === 0 ? `Nothing is known of ${service} ${environment}.` : textOf(entries, options);
  if (record !== undefined && record.problemCount > 0) remark(options, notWhole(record));
  const recorded = record && {
    place: record.place,
    count: record.count,
    head: record.head,
    problems: record.problemCount,
  };
  const known = { flagKnown: values !== undefined, runs: runs.length, record: recorded };
  say(options, 'history', { text, json: { environment, ...known, entries } });
  return values === undefined || (audit !== undefined && record === undefined) ? 1 : 0;
}

const unread =
  (options: HistoryOptions, temporal: Temporal) =>
  (error: unknown): undefined => {
    remark(options, `The audit record is missing: ${explain(error, temporal).message}`);
    return undefined;
  };

function textOf(entries: readonly Told[], { all }: HistoryOptions): string {
  const width = terminalWidth();
  return Number.isFinite(width) ? pageOf(entries, localZone(), { all, width }) : linesOf(entries, localZone());
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

const SHOWN = 40;
const INDENT = ' '.repeat(24);

/** For a terminal: the newest entries by day, the words of each below one another, and people without their ARN. */
export function pageOf(entries: readonly Told[], zone: string, { all = false, width = 80 } = {}): string {
  const shown = all ? entries : entries.slice(-SHOWN);
  const earlier = entries.length - shown.length;
  const lines = earlier === 0 ? [] : [`${earlier} earlier entries; \`rollout history --all\` shows them.`];
  let before = '';
  for (const entry of shown) {
    const { day, clock } = momentOf(entry.atMs, zone);
    if (day !== before) lines.push(...(lines.length === 0 ? [] : ['']), `**${day}**`);
    before = day;
    const words = wrapped(`${singleLine(entry.what)}${whoOf(entry.by)}`, Math.max(20, width - INDENT.length));
    const head = `  ${clock}  ${sourceOf(entry).padEnd(10)}  `;
    lines.push(...words.map((line, i) => escaped(`${i === 0 ? head : INDENT}${line}`)));
  }
  return lines.join('\n');
}

function momentOf(atMs: number, zone: string): { readonly day: string; readonly clock: string } {
  const time = localTime(atMs, zone);
  if (time === undefined) return { day: 'an unknown day', clock: '' };
  const { weekday, day, month, year, clock } = time;
  return { day: `${weekday} ${day} ${month} ${year}, ${shortZoneName(zone, atMs)}`, clock };
}

const sourceOf = ({ source, version }: Told): string => (source === 'flag' ? `flag v${version}` : source);

/** `arn:aws:sts::1:assumed-role/Deployer/alice` is `Deployer/alice`. */
function whoOf(by: string | undefined): string {
  if (by === undefined) return '';
  const name = by.startsWith('arn:') ? by.replace(/^arn:[^/]*\/|^arn:(?:[^:]*:)*/, '') : by;
  return ` (${singleLine(name)})`;
}

/** For a pipe, one line each: `Tue 24 Nov 13:00:00 UTC  flag v7   25 % …  (by arn:…)`. */
export function linesOf(entries: readonly Told[], zone: string): string {
  return entries
    .map((entry) => {
      const { atMs, what, by } = entry;
      const who = by === undefined ? '' : ` (${singleLine(by)})`;
      return escaped(`${formatTime(atMs, zone, Date.now())}  ${sourceOf(entry).padEnd(10)} ${singleLine(what)}${who}`);
    })
    .join('\n');
}

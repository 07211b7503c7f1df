import { escaped, singleLine } from '../../rules/format';
import { entryWords } from '../../rules/audit/findings';
import { numbersOf } from '../../rules/audit/verify';
import type { AuditHead } from '../../rules/audit/entry';
import { times } from '../../rules/guards/judgement';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import {
  type AuditReading,
  type AuditReadInput,
  auditReadWorkflowId,
  rolloutWorkflowId,
} from '../../workflows/messages';
import type { CommonOptions } from '../options';
import { findRollout } from '../temporal/find-rollout';
import type { Temporal } from '../temporal/connect';
import { runWorkflow } from '../temporal/run-workflow';
import { CliError, type ExitCode } from '../terminal/cli-error';
import { say } from '../terminal/output';
import { tableText, terminalWidth } from '../terminal/table';

const WITHIN_MS = 120_000;

/** The record of an environment, verified against what its newest rollout knows. The worker reads it: the client reaches no AWS. */
export async function readRecord(temporal: Temporal, plan: AuditReadInput['plan']): Promise<AuditReading> {
  const { service, environment, aws, audit } = plan;
  const rollout = await findRollout(temporal, rolloutWorkflowId(service, environment));
  const head: AuditHead | undefined = rollout?.status.audit?.head;
  return runWorkflow<AuditReadInput, AuditReading>(temporal, {
    type: 'auditRead',
    workflowId: auditReadWorkflowId(service, environment),
    input: { plan: { service, environment, aws, audit }, heads: head === undefined ? [] : [head] },
    withinMs: WITHIN_MS,
    summary: `${service} ${environment}: audit record`,
  });
}

/** 0 when the record is whole, 1 when it is not or cannot be read, 2 when the plan has none. */
export async function verifyHistory(
  temporal: Temporal,
  { audit, ...plan }: EnvironmentPlan,
  options: CommonOptions,
): Promise<ExitCode> {
  const { service, environment } = plan;
  if (audit === undefined)
    throw new CliError(
      2,
      `The plan of ${service} ${environment} names no audit record. Write \`audit: { bucket: … }\` into it (docs/plan.md).`,
    );
  const record = await readRecord(temporal, { ...plan, audit });
  const { place, count, head, problems, problemCount } = record;
  const json = { environment, whole: problemCount === 0, place, count, head, problemCount, problems };
  say(options, 'audit-record', {
    text: problemCount === 0 ? wholeText(record) : problemsText(record, environment),
    json,
  });
  return problemCount === 0 ? 0 : 1;
}

function wholeText({ place, count, head }: AuditReading): string {
  if (count === 0) return `${place} has no entry yet.`;
  return `${place} is whole: ${entryWords(count)}, the last one with hash ${head.hash}.`;
}

function problemsText({ place, count, problems, problemCount }: AuditReading, environment: string): string {
  const rows = problems.map((one) => [numbersOf(one), one.kind, singleLine(one.why)]);
  const more = problemCount - problems.length;
  return [
    escaped(tableText([{ title: 'Entry' }, { title: 'What' }, { title: 'Why' }], rows, terminalWidth())),
    ...(more === 0 ? [] : [`and ${more} more`]),
    `${place} is NOT whole: ${times(problemCount, 'problem')}, ${entryWords(count)} read for ${environment}.`,
  ].join('\n');
}

/** For an operator who reads the history and has not asked. */
export const notWhole = ({ place, problemCount }: AuditReading): string =>
  `The audit record ${place} is not whole (${times(problemCount, 'problem')}): \`rollout history --verify\`.`;

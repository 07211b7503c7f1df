import pc from 'picocolors';
import type { Cause, Diagnosis, LogExcerpt, LookedAt } from '../../rules/diagnosis/diagnosis';
import type { Evidence } from '../../rules/diagnosis/signs';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { formatTime, singleLine } from '../../rules/format';
import type { DiagnosisInput, DiagnosisResult } from '../../workflows/messages';
import { diagnosisWorkflowId } from '../../workflows/messages';
import { CliError, type ExitCode } from '../terminal/cli-error';
import type { CommonOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { say } from '../terminal/output';
import { localZone } from '../terminal/render';
import { runWorkflow } from '../temporal/run-workflow';

const WITHIN_MS = 60_000;
const EXECUTION_ARN = /^arn:aws[\w-]*:states:[\w-]+:\d{12}:(?:execution|express):[\w:-]+$/;

interface DiagnoseOptions extends CommonOptions {
  /** ARN of a Step Functions execution. */
  readonly execution?: string;
}

export const verb = defineVerb<DiagnoseOptions>({
  name: 'diagnose',
  argument: '<env>',
  group: 'Inspect',
  summary: 'explains why jobs fail or do not start: evidence, likely cause, remedy',
  examples: [['rollout diagnose prod', 'why do jobs fail or not start?']],
  options: [{ flags: '--execution <arn>', summary: 'the execution to explain (default: the newest that failed)' }],
  handler: diagnose,
});

/** 1 only when every read failed. */
async function diagnose(target: Target, options: DiagnoseOptions): Promise<ExitCode> {
  const { execution } = options;
  if (execution !== undefined && !EXECUTION_ARN.test(execution))
    throw new CliError(
      2,
      `${singleLine(execution)} is not the ARN of an execution, such as arn:aws:states:us-east-1:123456789012:execution:machine:name.`,
    );
  const { plan, file } = target.planned();
  const { service, environment } = plan;
  if (plan.diagnosis === undefined && execution === undefined)
    throw new CliError(
      2,
      `${file} names nothing to diagnose: write stateMachine, jobQueue and bucket under diagnosis.${helpText(plan)}`,
    );
  const temporal = await target.temporal();
  const diagnosis = await runWorkflow<DiagnosisInput, DiagnosisResult>(temporal, {
    type: 'diagnosis',
    workflowId: diagnosisWorkflowId(service, environment),
    input: { plan, execution },
    withinMs: WITHIN_MS,
    summary: `${service} ${environment}: diagnosis`,
  });
  const blind = diagnosis.looks.every(({ failed }) => failed === true);
  say(options, 'diagnosis', {
    text: told(`${service} ${environment}`, diagnosis, localZone()) + helpText(plan),
    json: { environment, blind, contact: plan.contact, ...diagnosis },
  });
  return blind ? 1 : 0;
}

/** > Getting Help: contact … */
const helpText = ({ contact }: EnvironmentPlan): string =>
  contact === undefined ? '' : `\n\nHelp: ${singleLine(contact)}`;

/** Causes first, because an operator at night wants to know what to do; then the evidence. */
export function told(name: string, diagnosis: Diagnosis, zone: string): string {
  const { causes, looks, logs, sinceMs } = diagnosis;
  return [
    headline(name, diagnosis),
    ...causes.map((cause, i) => causeText(cause, i + 1, zone)),
    ...logs.map((log) => logText(log, zone)),
    `Read, back to ${formatTime(sinceMs, zone, Date.now())}:\n${looks.map(lookText).join('\n')}`,
  ].join('\n\n');
}

function headline(name: string, { causes, looks }: Diagnosis): string {
  const failed = looks.filter((look) => look.failed === true).length;
  const blind = failed === 0 ? '' : ` ${failed} of ${looks.length} reads failed, so there may be more.`;
  if (failed === looks.length) return `${name}: every read failed, so nothing is known.`;
  if (causes.length === 0) return `${name}: nothing that was read is out of order.${blind}`;
  const known = causes.filter(({ trouble }) => trouble !== 'unknown').length;
  if (known === 0) return `${name}: something fails, and the cause is unknown.${blind}`;
  return `${name}: ${known === 1 ? 'one likely cause' : `${known} likely causes`}.${blind}`;
}

function causeText({ trouble, cause, remedy, evidence }: Cause, number: number, zone: string): string {
  const title = `${number}. ${TROUBLES[trouble]}: ${singleLine(cause)}`;
  const lines = evidence.map((each) => `   seen: ${evidenceText(each, zone)}`);
  return [pc.bold(title), `   → ${singleLine(remedy)}`, ...lines].join('\n');
}

const TROUBLES: Readonly<Record<Cause['trouble'], string>> = {
  'executions-fail': 'Executions fail',
  'jobs-do-not-start': 'Jobs do not start',
  's3-access-denied': 'No access to S3',
  unknown: 'Unknown',
};

function evidenceText({ source, where, atMs, says }: Evidence, zone: string): string {
  const when = atMs === undefined ? '' : `${formatTime(atMs, zone, Date.now())}, `;
  return `${singleLine(says)} (${when}${source} of ${singleLine(where)})`;
}

function logText({ group, lines }: LogExcerpt, zone: string): string {
  return [
    `Log ${group}:`,
    ...lines.map(({ atMs, text }) => `   ${formatTime(atMs, zone, Date.now())} ${singleLine(text)}`),
  ].join('\n');
}

function lookText({ call, where, found, failed }: LookedAt): string {
  return `   ${failed === true ? pc.yellow('failed ') : ''}${call} ${singleLine(where)}: ${singleLine(found)}`;
}

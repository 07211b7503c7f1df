import pc from 'picocolors';
import { auditDelayFinding } from '../../rules/audit/findings';
import { machineClockFinding } from '../../rules/doctor/clock-findings';
import type { DoctorReport, Finding } from '../../rules/doctor/doctor-report';
import { namespaceFindings } from '../../rules/doctor/namespace-findings';
import { calendar } from '../../rules/time/schedule';
import { escaped, formatTime, singleLine } from '../../rules/format';
import type { DoctorInput, DoctorResult } from '../../workflows/messages';
import { attributesFinding } from '../temporal/attributes';
import { doctorWorkflowId, LISTED, rolloutWorkflowId } from '../../workflows/messages';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { Temporal } from '../temporal/connect';
import type { ExitCode } from '../terminal/cli-error';
import { findRollout } from '../temporal/find-rollout';
import type { CommonOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { pasteable } from '../terminal/hints';
import { say } from '../terminal/output';
import { localZone } from '../terminal/render';
import { tableText, terminalWidth } from '../terminal/table';
import { runWorkflow } from '../temporal/run-workflow';
import { serverNowMs, serverSkewMs } from '../temporal/server-clock';
import { lookAtNamespace } from '../temporal/namespace-look';

const WITHIN_MS = 60_000;

interface DoctorOptions extends CommonOptions {
  readonly all?: boolean;
  readonly deep?: boolean;
}

export const verb = defineVerb<DoctorOptions>({
  name: 'doctor',
  argument: '<env>',
  group: 'Inspect',
  summary:
    'checks, from where the worker runs, everything a rollout needs: permissions, alarms, queue, clocks, and the owner of the flag',
  examples: [
    ['rollout doctor prod', 'would anything in AWS stop a rollout?'],
    ['rollout doctor prod --deep --all', 'is the namespace set as it should be?'],
  ],
  options: [
    { flags: '--all', summary: 'show what is in order too' },
    {
      flags: '--deep',
      summary: "also check Temporal's namespace: search attributes, retention, limits, versions of workers",
    },
  ],
  handler: doctor,
});

/** 1 when something would stop a rollout. */
async function doctor(target: Target, options: DoctorOptions): Promise<ExitCode> {
  const { plan, file } = target.planned();
  const { service, environment } = plan;
  const temporal = await target.temporal();
  const examined = await runWorkflow<DoctorInput, DoctorResult>(temporal, {
    type: 'doctor',
    workflowId: doctorWorkflowId(service, environment),
    input: { plan },
    withinMs: WITHIN_MS,
    summary: `${service} ${environment}: doctor`,
  });
  const machine = machineClockFinding(await serverSkewMs(temporal));
  const rollouts = await rolloutFindings(temporal, plan);
  const listed = await attributesFinding(temporal);
  const deep = options.deep === true ? await deepFindings(temporal, plan) : [];
  const examination = { ...examined, findings: [...examined.findings, ...rollouts, listed, ...deep, machine] };
  const { problems, warnings } = counts(examination);
  const { findings } = examination;
  const lines = [
    escaped(tableOf(findings, { all: options.all })),
    ...leftOut(findings, options),
    verdict(`${service} ${environment}`, file, examination),
  ].filter((line) => line !== '');
  const { contact } = plan;
  const asked = problems + warnings > 0 && contact !== undefined ? [`Help: ${singleLine(contact)}`] : [];
  say(options, 'doctor', {
    text: [...lines, ...asked].join('\n'),
    json: { environment, contact, healthy: problems === 0, problems, warnings, ...examination },
  });
  return problems === 0 ? 0 : 1;
}

async function deepFindings(temporal: Temporal, plan: EnvironmentPlan): Promise<readonly Finding[]> {
  const nowMs = await serverNowMs(temporal);
  const rolloutMs = calendar(plan, nowMs).finishMs - nowMs;
  return namespaceFindings(await lookAtNamespace(temporal), { attributes: LISTED, rolloutMs });
}

/** Whether the running rollout is watched and steered. Temporal knows this without a worker. */
async function rolloutFindings(temporal: Temporal, { service, environment }: EnvironmentPlan): Promise<Finding[]> {
  const workflowId = rolloutWorkflowId(service, environment);
  const seen = await findRollout(temporal, workflowId);
  if (seen === undefined || !seen.running) return [];
  const subject = `rollout ${workflowId}`;
  const { concerns = [], status } = seen;
  const delay = status.audit && auditDelayFinding(status.audit, workflowId);
  const late = delay === undefined ? [] : [delay];
  if (concerns.length === 0)
    return [{ subject, level: 'ok', what: 'its tasks are done and its checks are made' }, ...late];
  return [...concerns.map(({ why, remedy }) => ({ subject, level: 'problem' as const, what: why, remedy })), ...late];
}

function counts({ findings }: DoctorReport): { readonly problems: number; readonly warnings: number } {
  const of = (level: Finding['level']): number => findings.filter((finding) => finding.level === level).length;
  return { problems: of('problem'), warnings: of('warning') };
}

/** The last line: whether a rollout could start. */
export function verdict(name: string, file: string, examination: DoctorReport): string {
  const { problems, warnings } = counts(examination);
  const looked = `${examination.findings.length} things checked ${formatTime(examination.atMs, localZone(), Date.now())}, by ${file}`;
  const word = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
  if (problems > 0) return `${name}: ${word(problems, 'problem')} and ${word(warnings, 'warning')} (${looked}).`;
  if (warnings > 0) return `${name}: nothing stops a rollout, ${word(warnings, 'warning')} (${looked}).`;
  return `${name}: everything is in order (${looked}).`;
}

const MARKS = { ok: pc.green('ok'), warning: pc.yellow('warning'), problem: pc.red('problem') } as const;

const URGENCY: readonly Finding['level'][] = ['problem', 'warning', 'ok'];

/** Problems first, and what is in order only when all is asked for. */
export function tableOf(findings: readonly Finding[], { all = false, width = terminalWidth() } = {}): string {
  const rows = findings
    .filter(({ level }) => all || level !== 'ok')
    .toSorted((a, b) => URGENCY.indexOf(a.level) - URGENCY.indexOf(b.level))
    .map(({ subject, level, what, remedy }) => [MARKS[level], singleLine(subject), foundText(what, remedy)]);
  return rows.length === 0 ? '' : tableText([{ title: '' }, { title: 'What' }, { title: 'Found' }], rows, width);
}

function foundText(what: string, remedy: string | undefined): string {
  const text = remedy === undefined ? singleLine(what) : `${singleLine(what)}\n→ ${singleLine(remedy)}`;
  return pasteable(text).replaceAll('`', '');
}

function leftOut(findings: readonly Finding[], { all }: DoctorOptions): readonly string[] {
  const fine = findings.filter(({ level }) => level === 'ok').length;
  return all === true || fine === 0 ? [] : [`${fine} in order: \`rollout doctor --all\` shows them.`];
}

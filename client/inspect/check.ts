import pc from 'picocolors';
import { type Check, checkByName, READY_CHECKS } from '../../rules/checks/check';
import { cutInTheMiddle, formatDuration, singleLine } from '../../rules/format';
import { nearestName } from '../../rules/plan/problems/nearest-name';
import type { CheckedResult, CheckInput } from '../../workflows/messages';
import { checkWorkflowId } from '../../workflows/messages';
import { CliError, type ExitCode } from '../terminal/cli-error';
import type { CommonOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { say } from '../terminal/output';
import { runWorkflow } from '../temporal/run-workflow';

interface CheckOptions extends CommonOptions {
  /** Name of the check; default: every check of the plan. */
  readonly check?: string;
}

export const verb = defineVerb<CheckOptions>({
  name: 'check',
  argument: '<env>',
  second: { argument: '[name]', key: 'check' },
  group: 'Inspect',
  summary: 'asks one check of the plan, or all of them, from where the worker runs: yes, no or unknown, and why',
  examples: [
    ['rollout check prod', 'what do the checks of the plan answer now?'],
    ['rollout check prod alarms-quiet', 'ask one of them, or a ready one'],
  ],
  handler: check,
});

/** Added to the longest limit of the checks: a worker may be lost meanwhile. */
const MARGIN_MS = 60_000;

type Answer = CheckedResult['checks'][number];

/** 0 when every answer is yes, else 1: unknown is not yes. */
async function check(target: Target, options: CheckOptions): Promise<ExitCode> {
  const { plan, file } = target.planned();
  const { service, environment } = plan;
  const asked = options.check === undefined ? (plan.checks ?? []) : [named(plan.checks, options.check, file)];
  if (asked.length === 0)
    throw new CliError(
      2,
      `${file} has no checks. Write some under checks, or name a ready one: ${READY_CHECKS.join(', ')}.`,
    );
  const result = await runWorkflow<CheckInput, CheckedResult>(await target.temporal(), {
    type: 'check',
    workflowId: checkWorkflowId(service, environment),
    input: { plan, checks: asked.map(({ name }) => name) },
    withinMs: Math.max(...asked.map(({ withinMs }) => withinMs)) + MARGIN_MS,
    summary: `${service} ${environment}: ${options.check ?? 'all checks'}`,
  });
  const { checks } = result;
  const right = checks.filter(({ outcome }) => outcome === 'yes').length;
  say(options, 'check', {
    text: [...checks.map(answerText), `${service} ${environment}: ${right} of ${checks.length} yes.`].join('\n'),
    json: { environment, checks },
  });
  return right === checks.length ? 0 : 1;
}

function named(checks: readonly Check[] | undefined, name: string, file: string): Check {
  const found = checkByName(checks, name);
  if (found !== undefined) return found;
  const names = [...(checks ?? []).map((one) => one.name), ...READY_CHECKS];
  const meant = nearestName(name, names);
  const remedy =
    meant === undefined ? `Choose one of ${names.join(', ')}` : `Did you mean ${meant}? There are ${names.join(', ')}`;
  throw new CliError(2, `${file} has no check ${singleLine(name)}. ${remedy}.`);
}

const MARKS = { yes: pc.green('yes'), no: pc.red('no'), unknown: pc.yellow('unknown') } as const;
const LINES = 20;
const LINE_LENGTH = 200;

function answerText({ name, outcome, why, tookMs, evidence = {} }: Answer): string {
  const head = `${MARKS[outcome]} ${pc.bold(name)}: ${singleLine(why)} (${formatDuration(tookMs)})`;
  const facts = Object.entries(evidence).flatMap(([fact, value]) => {
    const lines = (typeof value === 'object' ? value : String(value).trimEnd().split('\n')).map((line) =>
      cutInTheMiddle(singleLine(line), LINE_LENGTH),
    );
    if (lines.length === 1) return [`   ${fact}: ${lines[0]}`];
    return [`   ${fact}:`, ...lines.slice(-LINES).map((line) => `     ${line}`)];
  });
  return [head, ...facts].join('\n');
}

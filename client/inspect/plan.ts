import { DateTime } from 'luxon';
import pc from 'picocolors';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { describeFreeze } from '../../rules/time/freeze';
import { planHash } from '../../rules/plan/plan-hash';
import { checksAsked } from '../../rules/checks/asked';
import { askedWords } from '../../rules/doctor/check-findings';
import { preflight } from '../../rules/doctor/preflight';
import { calendar } from '../../rules/time/schedule';
import { describeWindow } from '../../rules/time/window';
import { escaped, formatTime, percent, formatDuration } from '../../rules/format';
import type { ExitCode } from '../terminal/cli-error';
import { CliError } from '../terminal/cli-error';
import type { CommonOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import type { PlanAnswer } from '../answers/answers';
import { type Answer, say } from '../terminal/output';
import { tableText } from '../terminal/table';
import type { Planned } from '../input/plan-file';
import { momentMs, zoneOfPlan } from '../input/times';

interface PlanOptions extends CommonOptions {
  /** When the rollout would start, ISO 8601; default: now. */
  readonly from?: string;
}

export const verb = defineVerb<PlanOptions>({
  name: 'plan',
  argument: '<env>',
  group: 'Inspect',
  summary: 'shows the calendar: the earliest time of each raise, with windows and soaks applied',
  examples: [['rollout plan prod', 'when would each raise be?']],
  options: [{ flags: '--from <time>', summary: 'when the rollout would start, ISO 8601 (default: now)' }],
  handler: showPlan,
});

/**
 * The calendar of a rollout that would start at `--from`, with windows, the plan's freezes and soaks applied, and what
 * would stop it then. Needs no server. The times in JSON are ISO 8601 in the zone of the environment's first window, else
 * of this machine.
 */
async function showPlan(target: Target, options: PlanOptions): Promise<ExitCode> {
  say(options, 'plan', planAnswer(target.planned(), options));
  return 0;
}

export function planAnswer({ plan: planned, file }: Planned, options: PlanOptions): Answer<PlanAnswer> {
  const { environment } = planned;
  const zone = zoneOfPlan(planned);
  const startMs = startOf(options.from, zone);
  const { steps, finishMs } = calendar(planned, startMs);
  if (!Number.isFinite(finishMs)) throw new CliError(3, `The windows of ${environment} in ${file} never open.`);
  const hash = planHash(planned);
  const stops = preflight(planned, startMs, zone);
  const iso = (ms: number): string => DateTime.fromMillis(ms, { zone }).toISO({ suppressMilliseconds: true }) ?? '';
  return {
    text: [
      `${planned.service} ${environment}, plan ${hash}`,
      textOf(planned, steps, finishMs, zone),
      ...checksText(planned),
      stopsText(stops, formatTime(startMs, zone, Date.now())),
    ].join('\n'),
    json: {
      environment,
      steps: steps.map(({ percentage, notBeforeMs }) => ({ percentage, notBefore: iso(notBeforeMs) })),
      finish: iso(finishMs),
      planHash: hash,
      preflight: stops.map(({ fromMs, ...stop }) => ({
        ...stop,
        notBefore: fromMs === undefined ? undefined : iso(fromMs),
      })),
      checks: checksAsked(planned),
    },
  };
}

function startOf(from: string | undefined, zone: string): number {
  if (from === undefined) return Date.now();
  return momentMs('--from', from, zone);
}

function textOf(
  { environment, windows, freezes, watch, steps: planned }: EnvironmentPlan,
  steps: ReturnType<typeof calendar>['steps'],
  finishMs: number,
  zone: string,
): string {
  const table = tableText(
    [
      { title: 'Step', align: 'right' },
      { title: '%', align: 'right' },
      { title: 'Not before' },
      { title: 'Held for at least' },
    ],
    steps.map(({ percentage, notBeforeMs }, index) => [
      String(index + 1),
      percent(percentage),
      formatTime(notBeforeMs, zone, Date.now()),
      formatDuration(planned[index]?.soakMs ?? 0),
    ]),
  );
  const frozen = freezes.filter(({ toMs, fromMs }) => toMs > (steps[0]?.notBeforeMs ?? 0) && fromMs < finishMs);
  const not = frozen.map((freeze) => `, ${describeFreeze(freeze, zone, Date.now())}`).join('');
  const open = windows.length === 0 ? 'at any time' : windows.map(describeWindow).join(', ');
  const end = `Ends ${formatTime(finishMs, zone, Date.now())} at the earliest. Raised ${open}${not}; pauses and holds move it later.`;
  const [shortest] = [...planned].sort((a, b) => a.soakMs - b.soakMs);
  const soak = shortest === undefined ? '' : ` (${formatDuration(shortest.soakMs)} at ${percent(shortest.percentage)})`;
  const canFire = `To see whether its alarms can fire within the shortest soak${soak}: \`rollout doctor ${environment}\`.`;
  const unlooked = (watch.guardsWithoutApi ?? []).map(
    (name) => `Guard ${name} is not checked: ${environment} names no verification.apiUrl.`,
  );
  return [escaped(table), end, canFire, ...unlooked].join('\n');
}

function checksText(plan: EnvironmentPlan): readonly string[] {
  const asked = checksAsked(plan);
  if (asked.length === 0) return [];
  const lines = asked.map((one) => `  ${pc.bold(one.name)}: ${askedWords(one)}`);
  return [`Checks, \`rollout check ${plan.environment}\` asks them:`, ...lines];
}

function stopsText(stops: ReturnType<typeof preflight>, start: string): string {
  if (stops.length === 0) return `Nothing in the plan would stop a rollout that starts ${start}.`;
  const lines = stops.flatMap(({ rule, why, remedy }) => [`  ${pc.bold(rule)}: ${why}`, `    ${remedy}`]);
  return [`What would stop a rollout that starts ${start}:`, ...lines].join('\n');
}

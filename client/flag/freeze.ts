import type { EnvironmentPlan, Freeze } from '../../rules/plan/environment-plan';
import { untilWords } from '../../rules/time/until-words';
import { formatTime, singleLine } from '../../rules/format';
import type { FreezeInput, FreezeResult } from '../../workflows/messages';
import { freezeWorkflowId } from '../../workflows/messages';
import { actor } from '../input/actor';
import type { Temporal } from '../temporal/connect';
import { explain } from '../temporal/explain-error';
import { CliError } from '../terminal/cli-error';
import type { ExitCode } from '../terminal/cli-error';
import type { ReasonedOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { say, warn } from '../terminal/output';
import { futureMs, momentMs, type Typed, zoneOfPlan } from '../input/times';
import { runWorkflow } from '../temporal/run-workflow';
import { nowMsOf, serverNowMs, skewWords } from '../temporal/server-clock';

const WITHIN_MS = 45_000;

export interface FreezeOptions extends ReasonedOptions {
  /** ISO 8601; default: now. */
  readonly from?: string;
  /** ISO 8601. */
  readonly until: string;
}

export const verb = defineVerb<FreezeOptions>({
  name: 'freeze',
  argument: '[env]',
  group: 'Raise',
  summary: 'stops raises until a time, in every environment of the plan or in one; alarms and `abort` still act',
  examples: [['rollout freeze --until 2027-01-04T08:00 --reason "holidays"', 'no raise in any environment']],
  reason: 'required',
  options: [
    {
      flags: '--until <time>',
      summary: 'end of the freeze, ISO 8601; a date includes all of its day',
      required: true,
    },
    { flags: '--from <time>', summary: 'start of the freeze, ISO 8601 (default: now)' },
  ],
  handler: async (target, options) => {
    const plans = plansOf(target);
    const by = actor(options.by);
    return writeAll('freeze', plans, target, (plan, nowMs) => ({
      freeze: freezeOf(options, by, { nowMs, zone: zoneOfPlan(plan) }),
      zone: zoneOfPlan(plan),
      ...{ by, reason: options.reason },
    }));
  },
});

export function freezeOf(options: FreezeOptions, by: string, { nowMs, zone }: Typed): Freeze {
  const { reason, from, until } = options;
  const toMs = futureMs('--until', until, { nowMs, zone });
  const fromMs = from === undefined ? nowMs : momentMs('--from', from, zone);
  if (fromMs >= toMs) throw new CliError(2, `--from ${from} is not before --until ${until}.`);
  return { fromMs, toMs, reason, by };
}

export function plansOf({ environment, planFile }: Target): readonly EnvironmentPlan[] {
  const names = environment === undefined ? planFile.environments() : [environment];
  const plans = names.map((name) => planFile.planned(name).plan);
  if (plans.some(({ freezeParameter }) => freezeParameter !== undefined)) return plans;
  throw new CliError(2, 'The plan names no `freezeParameter`, so only its own `freezes` count. Add one of the two.');
}

/** The request for one environment, at a moment of the server's clock: a date ends in the environment's own zone. */
type OrderOf = (plan: EnvironmentPlan, nowMs: number) => Omit<FreezeInput, 'plan'>;

type Verb = 'freeze' | 'unfreeze';

/** The outcome in one environment. */
interface Row {
  readonly environment: string;
  readonly done: boolean;
  /** The freezes by hand, where they are known. */
  readonly freezes?: readonly Freeze[];
  readonly error?: string;
  readonly text: string;
}

export async function writeAll(
  verb: Verb,
  plans: readonly EnvironmentPlan[],
  target: Target,
  orderOf: OrderOf,
): Promise<ExitCode> {
  const temporal = await target.temporal();
  const nowMs = await serverNowMs(temporal);
  // Read every environment before the first write: wrong usage changes nothing anywhere.
  const orders = plans.map((plan) => ({ plan, order: orderOf(plan, nowMs) }));
  const skewed = await skewWords(temporal);
  if (skewed !== undefined) warn(skewed);
  const rows: Row[] = [];
  for (const { plan, order } of orders) rows.push(await writeOne(temporal, verb, { plan, order }));
  const done = rows.every((row) => row.done);
  const environments = rows.map(({ text: _text, ...row }) => row);
  const json = { verb, done, ...orders[0]?.order, environments };
  if (!done && rows.length === 1) throw new CliError(1, rows[0]?.text ?? '', json);
  say(target.options, 'freeze', { text: rows.map(({ text }) => text).join('\n'), json });
  return done ? 0 : 1;
}

/** A failure in one environment does not keep the others from being frozen. */
async function writeOne(
  temporal: Temporal,
  verb: Verb,
  { plan, order }: { readonly plan: EnvironmentPlan; readonly order: Omit<FreezeInput, 'plan'> },
): Promise<Row> {
  const { service, environment, aws, freezeParameter } = plan;
  const name = `${service} ${environment}`;
  const failed = (error: string): Row => ({
    environment,
    done: false,
    error,
    text: `**${name}: NOT ${verb === 'freeze' ? 'FROZEN' : 'UNFROZEN'}.** ${error}`,
  });
  if (freezeParameter === undefined) return failed('The plan names no `freezeParameter` for it.');
  try {
    const { freezes } = await runWorkflow<FreezeInput, FreezeResult>(temporal, {
      type: 'freeze',
      workflowId: freezeWorkflowId(service, environment),
      input: { plan: { service, environment, aws, freezeParameter }, ...order },
      withinMs: WITHIN_MS,
      summary: `${name}: ${verb} by ${order.by}`,
    });
    return { environment, done: true, freezes, text: standText(name, freezes, { plan, nowMs: nowMsOf(temporal) }) };
  } catch (error) {
    return failed(explain(error, temporal).message);
  }
}

function standText(
  name: string,
  freezes: readonly Freeze[],
  { plan, nowMs }: { readonly plan: EnvironmentPlan; readonly nowMs: number },
): string {
  const zone = zoneOfPlan(plan);
  const fromFile = plan.freezes.filter(({ toMs }) => toMs > nowMs);
  const all = [...freezes, ...fromFile];
  if (all.length === 0) return `**${name}: not frozen.**`;
  const lines = all.map(({ fromMs, toMs, reason, by }) => {
    const who = by === undefined ? 'the plan file' : singleLine(by);
    return `- ${formatTime(fromMs, zone, nowMs)} until ${untilWords(toMs, zone, nowMs)}: ${singleLine(reason)} (${who})`;
  });
  const head = `**${name}: no raise in ${all.length === 1 ? 'this time' : 'these times'}; alarms and abort still act:**`;
  return [head, ...lines].join('\n');
}

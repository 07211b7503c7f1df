import type { EnvironmentPlan, Freeze } from '../../rules/plan/environment-plan';
import { untilWords } from '../../rules/time/moments';
import { instant, plain } from '../../rules/words';
import type { FreezeInput, FreezeResult } from '../../workflows/messages';
import { freezeWorkflowId } from '../../workflows/messages';
import { actor } from '../input/actor';
import type { Temporal } from '../temporal/connect';
import { withTemporal } from '../temporal/connect';
import { explain } from '../temporal/explain-error';
import { Failure } from '../terminal/failure';
import type { ExitCode } from '../terminal/failure';
import type { FreezeOptions, UnfreezeOptions } from '../options';
import { say, warn } from '../terminal/output';
import { environmentsOf, readPlan } from '../input/plan-file';
import { localZone } from '../terminal/render';
import { runWorkflow } from '../temporal/run-workflow';
import { nowMsOf, serverNowMs, skewWords } from '../temporal/server-clock';
import { freezeOf } from '../rollout/steer-input';

const WITHIN_MS = 45_000;

/** `rollout freeze [env] --until`: no raise from then until then; without an environment in every one of the plan. */
export function freeze(environment: string | undefined, options: FreezeOptions): Promise<ExitCode> {
  const plans = plansOf(environment, options);
  const by = actor(options.by);
  return writeAll('freeze', plans, options, (plan, nowMs) => ({
    freeze: freezeOf(options, by, { nowMs, zone: zoneOf(plan) }),
    zone: zoneOf(plan),
    ...{ by, reason: options.reason },
  }));
}

/** `rollout unfreeze [env]`: takes every freeze away that was written by `freeze`; those of the plan file stay. */
export function unfreeze(environment: string | undefined, options: UnfreezeOptions): Promise<ExitCode> {
  const plans = plansOf(environment, options);
  const order = { by: actor(options.by), reason: options.reason };
  return writeAll('unfreeze', plans, options, (plan) => ({ ...order, zone: zoneOf(plan) }));
}

function plansOf(environment: string | undefined, options: UnfreezeOptions): readonly EnvironmentPlan[] {
  const names = environment === undefined ? environmentsOf(options) : [environment];
  const plans = names.map((name) => readPlan(name, options).plan);
  if (plans.some(({ freezeParameter }) => freezeParameter !== undefined)) return plans;
  throw new Failure(2, 'The plan names no `freezeParameter`: only its own `freezes` count. Add one of the two.');
}

const zoneOf = ({ windows }: EnvironmentPlan): string => windows[0]?.zone ?? localZone();

/** What is asked of one environment at a moment of the server's clock: a date ends in its own zone. */
type OrderOf = (plan: EnvironmentPlan, nowMs: number) => Omit<FreezeInput, 'plan'>;

type Verb = 'freeze' | 'unfreeze';

/** What came of it in one environment. */
interface Row {
  readonly environment: string;
  readonly done: boolean;
  /** Those that stand by hand, where they are known. */
  readonly freezes?: readonly Freeze[];
  readonly error?: string;
  readonly text: string;
}

function writeAll(
  verb: Verb,
  plans: readonly EnvironmentPlan[],
  options: UnfreezeOptions,
  orderOf: OrderOf,
): Promise<ExitCode> {
  return withTemporal<ExitCode>(options, async (temporal) => {
    const nowMs = await serverNowMs(temporal);
    // All of them are read before the first one is written: wrong usage changes nothing anywhere.
    const orders = plans.map((plan) => ({ plan, order: orderOf(plan, nowMs) }));
    const skewed = await skewWords(temporal);
    if (skewed !== undefined) warn(skewed);
    const rows: Row[] = [];
    for (const { plan, order } of orders) rows.push(await writeOne(temporal, verb, { plan, order }));
    const done = rows.every((row) => row.done);
    const environments = rows.map(({ text: _text, ...row }) => row);
    const json = { verb, done, ...orders[0]?.order, environments };
    if (!done && rows.length === 1) throw new Failure(1, rows[0]?.text ?? '', json);
    say(options, { text: rows.map(({ text }) => text).join('\n'), json });
    return done ? 0 : 1;
  });
}

/** One environment that fails does not keep the others from being frozen. */
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
  const zone = zoneOf(plan);
  const fromFile = plan.freezes.filter(({ toMs }) => toMs > nowMs);
  const all = [...freezes, ...fromFile];
  if (all.length === 0) return `**${name}: not frozen.**`;
  const lines = all.map(({ fromMs, toMs, reason, by }) => {
    const who = by === undefined ? 'the plan file' : plain(by);
    return `- ${instant(fromMs, zone, nowMs)} until ${untilWords(toMs, zone, nowMs)}: ${plain(reason)} (${who})`;
  });
  const head = `**${name}: no raise in ${all.length === 1 ? 'this time' : 'these times'}; alarms and abort go on as ever:**`;
  return [head, ...lines].join('\n');
}

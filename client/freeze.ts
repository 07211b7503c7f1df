import type { EnvironmentPlan, Freeze } from '../rules/plan/environment-plan';
import { instant, plain } from '../rules/words';
import type { FreezeInput, FreezeResult } from '../workflows/messages';
import { freezeWorkflowId } from '../workflows/messages';
import { actor } from './actor';
import type { Temporal } from './connect';
import { withTemporal } from './connect';
import { explain } from './explain';
import { Failure } from './failure';
import type { ExitCode } from './failure';
import type { FreezeOptions, UnfreezeOptions } from './options';
import { say } from './output';
import { environmentsOf, readPlan } from './plan-file';
import { localZone } from './render';
import { runWorkflow } from './run-workflow';
import { freezeOf } from './steer-commands';

const WITHIN_MS = 45_000;

/** `rollout freeze [env] --until`: no raise from then until then; without an environment in every one of the plan. */
export function freeze(environment: string | undefined, options: FreezeOptions): Promise<ExitCode> {
  const plans = plansOf(environment, options);
  const by = actor(options.by);
  const wanted = freezeOf(options, by, { nowMs: Date.now(), zone: zoneOf(plans) });
  return writeAll('freeze', plans, options, { freeze: wanted, by, reason: options.reason });
}

/** `rollout unfreeze [env]`: takes every freeze away that was written by `freeze`; those of the plan file stay. */
export function unfreeze(environment: string | undefined, options: UnfreezeOptions): Promise<ExitCode> {
  const plans = plansOf(environment, options);
  return writeAll('unfreeze', plans, options, { by: actor(options.by), reason: options.reason });
}

function plansOf(environment: string | undefined, options: UnfreezeOptions): readonly EnvironmentPlan[] {
  const names = environment === undefined ? environmentsOf(options) : [environment];
  const plans = names.map((name) => readPlan(name, options).plan);
  if (plans.some(({ freezeParameter }) => freezeParameter !== undefined)) return plans;
  throw new Failure(2, 'The plan names no `freezeParameter`: only its own `freezes` count. Add one of the two.');
}

const zoneOf = (plans: readonly EnvironmentPlan[]): string =>
  plans.flatMap(({ windows }) => windows.map(({ zone }) => zone))[0] ?? localZone();

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
  order: Omit<FreezeInput, 'plan'>,
): Promise<ExitCode> {
  return withTemporal<ExitCode>(options, async (temporal) => {
    const rows: Row[] = [];
    for (const plan of plans) rows.push(await writeOne(temporal, verb, plan, order));
    const done = rows.every((row) => row.done);
    const environments = rows.map(({ text: _text, ...row }) => row);
    const json = { verb, done, ...order, environments };
    if (!done && rows.length === 1) throw new Failure(1, rows[0]?.text ?? '', json);
    say(options, { text: rows.map(({ text }) => text).join('\n'), json });
    return done ? 0 : 1;
  });
}

/** One environment that fails does not keep the others from being frozen. */
async function writeOne(
  temporal: Temporal,
  verb: Verb,
  plan: EnvironmentPlan,
  order: Omit<FreezeInput, 'plan'>,
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
    return { environment, done: true, freezes, text: standText(name, freezes, plan) };
  } catch (error) {
    return failed(explain(error, temporal).message);
  }
}

function standText(name: string, freezes: readonly Freeze[], plan: EnvironmentPlan): string {
  const zone = plan.windows[0]?.zone ?? localZone();
  const fromFile = plan.freezes.filter(({ toMs }) => toMs > Date.now());
  const all = [...freezes, ...fromFile];
  if (all.length === 0) return `**${name}: not frozen.**`;
  const lines = all.map(({ fromMs, toMs, reason, by }) => {
    const who = by === undefined ? 'the plan file' : plain(by);
    return `- ${instant(fromMs, zone, Date.now())} until ${instant(toMs, zone, Date.now())}: ${plain(reason)} (${who})`;
  });
  const head = `**${name}: no raise in ${all.length === 1 ? 'this time' : 'these times'}; alarms and abort go on as ever:**`;
  return [head, ...lines].join('\n');
}

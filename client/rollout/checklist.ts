import type { ChecklistEntry } from '../../rules/rollout/status/status';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { joined } from '../../rules/report/rollout-headline';
import { instant, written } from '../../rules/words';
import { tickUpdate } from '../../workflows/messages';
import { withTemporal } from '../temporal/connect';
import { Failure } from '../terminal/failure';
import type { ExitCode } from '../terminal/failure';
import { findRollout } from '../temporal/find-rollout';
import type { Seen } from '../temporal/find-rollout';
import type { ChecklistOptions } from '../options';
import { say, warn } from '../terminal/output';
import { readPlan } from '../input/plan-file';
import { localZone } from '../terminal/render';
import { asked, whichOf } from './steer';
import { commandOf } from './steer-input';

/** `rollout checklist <env> [--tick <id>]`: what must be so before the first raise; ticks an item that a person confirms. */
export function checklist(environment: string, options: ChecklistOptions): Promise<ExitCode> {
  const which = whichOf(environment, options);
  const item = options.tick;
  const command = commandOf(options);
  return withTemporal<ExitCode>(options, async (temporal) => {
    if (item === undefined) {
      const seen = await findRollout(temporal, which.workflowId);
      if (seen?.running === true && seen.unanswered !== undefined)
        throw new Failure(1, `The checklist of the running rollout is not known: ${seen.unanswered}.`);
      return show(environment, seen, options, {});
    }
    const { answer, seen } = await asked(temporal, which, tickUpdate, () => ({ ...command, item }));
    return show(environment, seen, options, { ...answer, verb: 'tick', item, done: true });
  });
}

function show(
  environment: string,
  seen: Seen | undefined,
  options: ChecklistOptions,
  facts: { readonly answer?: string; readonly [fact: string]: unknown },
): ExitCode {
  const running = seen?.running === true;
  const items = running ? seen.status.checklist : undefined;
  const shown = items ?? itemsOf(readPlan(environment, options).plan);
  const where = running ? `running${joined(seen.status)}` : 'no rollout is running; these are the items of the plan';
  const open = shown.filter(({ state }) => state === 'open').length;
  const count = shown.length === 0 ? 'no items' : `${shown.length - open} of ${shown.length} done`;
  const head = `${environment}: ${count} (${where}).`;
  if (seen?.unanswered !== undefined) warn(seen.unanswered);
  const lines = shown.map((one) => itemLine(one, localZone()));
  const said = facts.answer === undefined ? [] : [`**${facts.answer}**`];
  const text = [...said, said.length === 0 ? `**${head}**` : head, ...lines].join('\n');
  say(options, { text, json: { environment, running, open, checklist: shown, ...facts } });
  return 0;
}

/** Those of the plan, nothing proved yet. */
export function itemsOf({ checklist: items }: Pick<EnvironmentPlan, 'checklist'>): readonly ChecklistEntry[] {
  return items.map(({ id, text, proof }) => ({
    id,
    text,
    state: 'open',
    why: proof === undefined ? 'somebody has to tick it' : `proved by ${proof.by} when a rollout asks for it`,
  }));
}

/** `[x] alarms-quiet  Confirm alarms are not firing: proved, 4 alarms OK (Tue 3 Nov 10:00:00 EST)` */
export function itemLine({ id, text, state, why, by, atMs }: ChecklistEntry, zone: string): string {
  const box = state === 'open' ? '[ ]' : '[x]';
  const how = state === 'ticked' ? `ticked by ${written(by ?? 'somebody')}` : state;
  const because = why === undefined ? '' : `, ${written(why)}`;
  const when = atMs === undefined ? '' : ` (${instant(atMs, zone, Date.now())})`;
  return `- ${box} \`${id}\` ${written(text)}: ${how}${because}${when}`;
}

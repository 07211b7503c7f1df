import { proofWords } from '../../rules/rollout/checklist';
import type { ChecklistEntry } from '../../rules/rollout/status/status';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { joined } from '../../rules/report/rollout-headline';
import { formatTime, escapeMarkdown } from '../../rules/format';
import { tickUpdate } from '../../workflows/messages';
import { deploymentChecklist } from '../deployment/steer';
import type { DeploymentOptions } from '../options';
import { DEPLOYMENT, defineVerb } from '../program/verb';
import type { Target } from '../target';
import { CliError } from '../terminal/cli-error';
import type { ExitCode } from '../terminal/cli-error';
import type { RolloutView } from '../temporal/find-rollout';
import type { Answers } from '../answers/answers';
import { say, warn } from '../terminal/output';
import { localZone } from '../terminal/render';
import { asked, meansDeployment } from './steer';
import { commandOf } from '../input/actor';

export interface ChecklistOptions extends DeploymentOptions {
  /** Id of the item to tick. */
  readonly tick?: string;
}

export const verb = defineVerb<ChecklistOptions>({
  name: 'checklist',
  argument: '<env>',
  group: 'Raise',
  summary: 'shows what a deployment or the first raise waits for, and the proof of each item',
  examples: [
    ['rollout checklist prod', 'which items are open?'],
    ['rollout checklist prod --tick team-notified', 'confirm one item'],
  ],
  reason: 'optional',
  options: [{ flags: '--tick <id>', summary: 'confirm an item, in your name' }, DEPLOYMENT],
  leadsToZero: true,
  handler: async (target, options) =>
    (await meansDeployment(target, options)) ? deploymentChecklist(target, options) : rolloutChecklist(target, options),
});

async function rolloutChecklist(target: Target, options: ChecklistOptions): Promise<ExitCode> {
  const { tick: item } = options;
  const command = commandOf(options);
  if (item === undefined) {
    const seen = await target.rollout();
    if (seen?.running === true && seen.queryError !== undefined)
      throw new CliError(1, `The checklist of the running rollout is NOT KNOWN: ${seen.queryError}.`);
    return show(target, seen, {});
  }
  const { answer, seen } = await asked(target, tickUpdate, () => ({ ...command, item }));
  return show(target, seen, { ...answer, verb: 'tick', item, done: true });
}

function show(
  target: Target,
  seen: RolloutView | undefined,
  facts: Pick<Answers['checklist'], 'answer' | 'changed' | 'verb' | 'item' | 'done'>,
): ExitCode {
  const { named: environment, options } = target;
  const running = seen?.running === true;
  const items = running ? seen.status.checklist : undefined;
  const shown = items ?? itemsOf(target.planned().plan);
  const where = running ? `running${joined(seen.status)}` : 'no rollout is running; these are the items of the plan';
  const open = shown.filter(({ state }) => state === 'open').length;
  const count = shown.length === 0 ? 'no items' : `${shown.length - open} of ${shown.length} done`;
  const head = `${environment}: ${count} (${where}).`;
  if (seen?.queryError !== undefined) warn(seen.queryError);
  const lines = shown.map((one) => itemLine(one, localZone()));
  const said = facts.answer === undefined ? [] : [`**${facts.answer}**`];
  const text = [...said, said.length === 0 ? `**${head}**` : head, ...lines].join('\n');
  say(options, 'checklist', { text, json: { environment, running, open, checklist: shown, ...facts } });
  return 0;
}

/** The items of the plan; nothing is proved yet. */
export function itemsOf({ checklist: items }: Pick<EnvironmentPlan, 'checklist'>): readonly ChecklistEntry[] {
  return items.map(({ id, text, proof }) => ({
    id,
    text,
    state: 'open',
    why: proof === undefined ? 'a person has to tick it' : `proved by ${proofWords(proof)} when a rollout asks for it`,
  }));
}

/** `[x] alarms-quiet  Confirm alarms are not firing: proved, 4 alarms OK (Tue 3 Nov 10:00:00 EST)` */
export function itemLine({ id, text, state, why, by, atMs }: ChecklistEntry, zone: string): string {
  const box = state === 'open' ? '[ ]' : '[x]';
  const how = state === 'ticked' ? `ticked by ${escapeMarkdown(by ?? 'an unnamed person')}` : state;
  const because = why === undefined ? '' : `, ${escapeMarkdown(why)}`;
  const when = atMs === undefined ? '' : ` (${formatTime(atMs, zone, Date.now())})`;
  return `- ${box} \`${id}\` ${escapeMarkdown(text)}: ${how}${because}${when}`;
}

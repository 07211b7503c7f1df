import type { FlagReading } from '../../activities/break-glass';
import type { FlagTarget } from '../../rules/plan/environment-plan';
import { unreadableWords } from '../../rules/rollout/unreadable';
import type { Unreadable } from '../../rules/rollout/state/watch';
import { formatTime, percent, singleLine } from '../../rules/format';
import { localZone } from '../terminal/render';

/** The present document, for people. */
export function describeFlag(
  name: string,
  { document, values = {}, percentage, version, modifiedAtMs, contradiction }: FlagReading,
  sides: NonNullable<FlagTarget['sides']>,
): string {
  if (document === undefined || percentage === undefined) return `**${name}: no flag document**`;
  const pairs = Object.entries(values).map(([key, value]) => `${key}=${String(value)}`);
  return [
    `**${name}: ${percent(percentage)} of the new jobs go to ${sides.new}**`,
    `- written by ${singleLine(document.writer)}, ${modifiedAtMs === undefined ? 'when is NOT KNOWN' : formatTime(modifiedAtMs, localZone(), Date.now())}: ${singleLine(document.reason)}`,
    `- generation ${document.generation}${version === undefined ? '' : `, version ${version} of the parameter`}`,
    `- ${pairs.join(', ')}`,
    ...(contradiction === undefined ? [] : [`- not what it seems: ${contradiction}`]),
  ].join('\n');
}

interface Zeroed {
  readonly readBack: FlagReading;
  readonly before?: FlagReading;
  readonly beforeNotKnown?: boolean;
  readonly rewritten: number;
  readonly flag: FlagTarget;
  /** How to bring the value to an API that does not read the document; empty for one that does. */
  readonly byHand: readonly string[];
  /** Warning of finished jobs that cannot be read now, when the API's reads follow its switch. */
  readonly unreadable?: Unreadable | undefined;
}

export function describeZero(
  name: string,
  { flag, readBack, before, beforeNotKnown, rewritten, byHand, unreadable }: Zeroed,
): string {
  const now = readBack.document;
  const was = before?.document;
  const from = before?.percentage === undefined ? '' : `${percent(before.percentage)}, `;
  return [
    `**${name}: 0 % confirmed, and again at the second check**`,
    ...(now === undefined
      ? []
      : [
          `- version ${readBack.version ?? 'NOT KNOWN'}, generation ${now.generation}, written by ${singleLine(now.writer)}`,
        ]),
    ...(beforeNotKnown === true ? ['- before: NOT KNOWN, because the write did not wait for a slow read'] : []),
    ...(was === undefined ? [] : [`- before: ${from}written by ${singleLine(was.writer)}`]),
    ...(rewritten === 0 ? [] : [`- written again ${rewritten} times, because an earlier write arrived late`]),
    ...notDelivered(byHand),
    ...(unreadable === undefined
      ? []
      : [`- ${singleLine(unreadableWords(unreadable, flag, Date.now(), localZone()))}`]),
    '- a rollout that continues when Temporal is back finds the 0 %, raises nothing and ends; until then nothing else watches',
  ].join('\n');
}

/** Printed first, because jobs still go to the new side. */
function notDelivered(byHand: readonly string[]): readonly string[] {
  if (byHand.length === 0) return [];
  return [
    '- NOT YET IN EFFECT: the service does not read the flag document, and break-glass sets nothing else. Set it by hand:',
    ...byHand.map((line) => `    ${line}`),
  ];
}

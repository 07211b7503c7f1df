import type { Standing } from '../../activities/break-glass';
import { type Unreadable, unreadableWords } from '../../rules/rollout/unreadable';
import { formatTime, percent, singleLine } from '../../rules/format';
import { localZone } from '../terminal/render';

/** The document as it stands, for people. */
export function describeFlag(name: string, { document, percentage, version, modifiedAtMs, unsafe }: Standing): string {
  if (document === undefined || percentage === undefined) return `**${name}: no flag document**`;
  const tuple = [
    `USE_STEP_FUNCTIONS=${document.USE_STEP_FUNCTIONS}`,
    `ENABLE_STEP_FUNCTIONS_ROLLOUT=${document.ENABLE_STEP_FUNCTIONS_ROLLOUT}`,
    `STEP_FUNCTIONS_ROLLOUT_PERCENTAGE=${document.STEP_FUNCTIONS_ROLLOUT_PERCENTAGE}`,
  ];
  return [
    `**${name}: ${percent(percentage)} of the new jobs go to Step Functions**`,
    `- written by ${singleLine(document.writer)}, ${modifiedAtMs === undefined ? 'when is NOT KNOWN' : formatTime(modifiedAtMs, localZone(), Date.now())}: ${singleLine(document.reason)}`,
    `- generation ${document.generation}${version === undefined ? '' : `, version ${version} of the parameter`}`,
    `- ${tuple.join(', ')}`,
    ...unsafe.map(({ why }) => `- not what it seems: ${why}`),
  ].join('\n');
}

interface Zeroed {
  readonly stands: Standing;
  readonly before?: Standing;
  readonly beforeNotKnown?: boolean;
  readonly rewritten: number;
  /** What brings it to an API that does not read the document; empty where it does. */
  readonly byHand: readonly string[];
  /** Finished jobs that cannot be read now, where the API's reads may follow its switch. */
  readonly unreadable?: Unreadable | undefined;
}

export function describeZero(
  name: string,
  { stands, before, beforeNotKnown, rewritten, byHand, unreadable }: Zeroed,
): string {
  const now = stands.document;
  const was = before?.document;
  const from = before?.percentage === undefined ? '' : `${percent(before.percentage)}, `;
  return [
    `**${name}: 0 % confirmed, and still so at the second look**`,
    ...(now === undefined
      ? []
      : [
          `- version ${stands.version ?? 'NOT KNOWN'}, generation ${now.generation}, written by ${singleLine(now.writer)}`,
        ]),
    ...(beforeNotKnown === true ? ['- before: NOT KNOWN, because the write did not wait for a slow read'] : []),
    ...(was === undefined ? [] : [`- before: ${from}written by ${singleLine(was.writer)}`]),
    ...(rewritten === 0 ? [] : [`- written again ${rewritten} times, because an earlier write arrived late`]),
    ...notDelivered(byHand),
    ...(unreadable === undefined ? [] : [`- ${singleLine(unreadableWords(unreadable, Date.now(), localZone()))}`]),
    '- a rollout that goes on when Temporal is back finds it, raises nothing and ends; until then nothing else watches',
  ].join('\n');
}

/** Said before everything else there is to say: jobs still go there. */
function notDelivered(byHand: readonly string[]): readonly string[] {
  if (byHand.length === 0) return [];
  return [
    '- NOT YET IN EFFECT: the API knows only its environment variables, which this does not set; set them by hand:',
    ...byHand.map((line) => `    ${line}`),
  ];
}

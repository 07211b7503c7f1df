import { standingWords } from '../deployment/standing';
import { headline, percentWords } from './headline';
import type { LogEntry, RolloutStatus, Wait } from './status';
import type { Health } from '../guards/verdict';
import { instant, percent, span, written } from '../words';

const BAR_CELLS = 20;
const STEPS_SHOWN = 12;
const LOG_SHOWN = 8;
/** A character takes at most three bytes here, and Temporal shows at most 20 KB of details. */
const CHARACTERS_SHOWN = 6_500;

/**
 * How a rollout is, in words: markdown without images or HTML, under 20 KB, for Temporal's Web UI and for the terminal.
 * The first line says the one thing that matters. Both the span to a moment and the moment itself are given, because
 * the Web UI shows the text as it was at `nowMs`.
 * @param zone IANA name of the zone the times are told in.
 */
export function describeStatus(status: RolloutStatus, nowMs: number, zone = 'UTC'): string {
  const paragraphs = [
    `**${headline(status, nowMs, zone)}**`,
    [bar(status), stepLine(status)].filter((part) => part !== '').join(' '),
    facts(status, nowMs, zone).join('\n'),
    diagnosisLines(status).join('\n'),
    gateLines(status, zone).join('\n'),
    logLines(status.log, zone).join('\n'),
    `_As of ${instant(nowMs, zone)}_`,
  ].filter((paragraph) => paragraph !== '');
  const text = paragraphs.join('\n\n');
  return text.length <= CHARACTERS_SHOWN ? text : `${text.slice(0, CHARACTERS_SHOWN)} …`;
}

function bar({ percentage }: RolloutStatus): string {
  if (percentage === undefined) return '';
  // Rounded down, but never empty above 0 %, so that neither 0 nor 100 is shown before it is true.
  const full = percentage <= 0 ? 0 : Math.max(1, Math.floor((Math.min(100, percentage) / 100) * BAR_CELLS));
  return `\`${'▓'.repeat(full)}${'░'.repeat(BAR_CELLS - full)} ${percent(percentage)}\``;
}

/** `10 ✓ → 25 ● → 50 → 75 → 100`; of a long schedule the part around the present step. */
function stepLine(status: RolloutStatus): string {
  const goneBack = status.outcome !== undefined && status.outcome.outcome !== 'completed';
  const marks = status.steps.map((step, index) => {
    const reached = index + 1;
    if (status.skipped?.includes(step.percentage) === true) return `${step.percentage} skipped`;
    if (status.outcome?.outcome === 'completed' || reached < status.step) return `${step.percentage} ✓`;
    if (reached > status.step) return `${step.percentage}`;
    return goneBack || status.phase === 'rolling-back' ? `${step.percentage} ✗` : `${step.percentage} ●`;
  });
  if (marks.length <= STEPS_SHOWN) return marks.join(' → ');
  const from = Math.max(0, Math.min(status.step - STEPS_SHOWN / 2, marks.length - STEPS_SHOWN));
  const shown = marks.slice(from, from + STEPS_SHOWN);
  return [...(from > 0 ? ['…'] : []), ...shown, ...(from + STEPS_SHOWN < marks.length ? ['…'] : [])].join(' → ');
}

function facts(status: RolloutStatus, nowMs: number, zone: string): readonly string[] {
  const count = status.steps.length;
  const place =
    count === 0 ? '' : status.step === 0 ? `, before step 1 of ${count}` : `, step ${status.step} of ${count}`;
  return [
    `- **Phase:** ${status.phase}${place}`,
    ...percentageLine(status, zone),
    ...waitLines(status, nowMs, zone),
    ...deliveryLine(status),
    healthLine(status.health, zone),
    `- **Started:** ${instant(status.startedAtMs, zone)} by ${written(status.startedBy)}, ${span(nowMs - status.startedAtMs)} ago`,
    ...(status.standing === undefined ? [] : [`- **Deployment:** template ${standingWords(status.standing, zone)}`]),
    ...outcomeLine(status, zone),
    ...(status.contact === undefined ? [] : [`- **Help:** ${written(status.contact)}`]),
  ];
}

/** Why there is no percentage, and the last one that was told. */
function percentageLine(status: RolloutStatus, zone: string): readonly string[] {
  const { percentage, percentageUnknown, lastKnown, flagReadAtMs } = status;
  if (percentage !== undefined)
    return flagReadAtMs === undefined
      ? []
      : [
          `- **Percentage:** ${percent(percentage)}, read from AWS ${instant(flagReadAtMs, zone)}, not told by the rollout`,
        ];
  const last =
    lastKnown?.percentage === undefined ? '' : `; the last one told to Temporal was ${percent(lastKnown.percentage)}`;
  return [`- **Percentage:** NOT KNOWN: ${written(percentageUnknown ?? 'nobody told it')}${last}`];
}

/** `flag document 25 %, delivered to 3 of 5 instances` */
function deliveryLine(status: RolloutStatus): readonly string[] {
  const { delivery, percentage } = status;
  if (delivery === undefined) return [];
  const { to, done, reporting, of, why, problem } = delivery;
  const standing = `flag document ${percentWords(status)}`;
  if (done) return [`- **Delivered:** ${standing}, and every instance of ${written(to)} reports it`];
  const same = delivery.percentage === percentage;
  const count =
    !same || of === undefined || reporting === undefined
      ? 'not yet'
      : `to ${reporting} of ${of} ${of === 1 ? 'instance' : 'instances'}`;
  const trouble = [...(same && why !== undefined ? [why] : []), ...(problem === undefined ? [] : [problem])];
  const because = trouble.length === 0 ? '' : `: ${written(trouble.join('; '))}`;
  return [`- **NOT DELIVERED:** ${standing}, delivered ${count} of ${written(to)}${because}`];
}

function waitLines(status: RolloutStatus, nowMs: number, zone: string): readonly string[] {
  if (status.wait === undefined) return [];
  const { why, sinceMs, verbs } = status.wait;
  const since = `since ${instant(sinceMs, zone)} (${span(nowMs - sinceMs)})`;
  return [
    `- **Waiting:** ${written(why)}, ${since}`,
    `- **Until:** ${untilWords(status, nowMs, zone)}`,
    ...deadlineLine(status.wait, nowMs, zone),
    verbs.length === 0
      ? '- **Verbs that leave it:** none, it goes on by itself'
      : `- **Verbs that leave it:** ${verbs.map((verb) => `\`${verb}\``).join(', ')}`,
  ];
}

/** A wait without a time is ended by somebody, or by what it waits for. */
function untilWords({ wait, phase }: RolloutStatus, nowMs: number, zone: string): string {
  if (wait?.untilMs !== undefined) {
    const when = `${instant(wait.untilMs, zone)} (${remaining(wait.untilMs, nowMs)})`;
    return phase === 'checking' ? `the items are done; proofs are tried again ${when}` : when;
  }
  const asksSomebody = wait?.verbs.some(
    (verb) => verb.startsWith('resume') || verb === 'approve' || verb.startsWith('checklist'),
  );
  if (asksSomebody === true) return 'somebody acts';
  return phase === 'holding' ? 'it changes by itself, or somebody acts' : 'it is done';
}

function deadlineLine({ deadline }: Wait, nowMs: number, zone: string): readonly string[] {
  if (deadline === undefined) return [];
  const when = instant(deadline.atMs, zone);
  if (deadline.atMs <= nowMs)
    return [`- **OVERDUE:** it should have ended by ${when}, ${span(nowMs - deadline.atMs)} ago`];
  return [`- **At the latest:** ${when}, then it is ${deadline.then === 'abort' ? 'aborted' : 'called overdue'}`];
}

/** What the next raise still asks for, in the order in which it is asked. */
function gateLines({ gates, next, checklist }: RolloutStatus, zone: string): readonly string[] {
  const closed = gates.filter(({ open }) => !open);
  if (gates.length === 0) return [];
  const heading = `**Before ${next === undefined ? 'the next raise' : percent(next)}** (${gates.length - closed.length} of ${gates.length} allow it)`;
  return [
    heading,
    ...gates.flatMap(({ gate, open, why, fromMs }) => {
      const from = fromMs === undefined ? '' : `, not before ${instant(fromMs, zone)}`;
      const line = `- ${open ? '✓' : '✗'} ${gate}: ${written(why)}${from}`;
      return gate === 'checklist' && !open ? [line, ...openItemLines(checklist)] : [line];
    }),
  ];
}

/** Each with its own reason: the wait has them in one text, which is cut when it is long. */
const openItemLines = (items: RolloutStatus['checklist']): readonly string[] =>
  items.filter(({ state }) => state === 'open').map(({ id, why }) => `- ☐ ${written(id)}: ${written(why ?? 'open')}`);

const remaining = (untilMs: number, nowMs: number): string =>
  untilMs > nowMs ? `in ${span(untilMs - nowMs)}` : 'due now';

function healthLine(health: Health, zone: string): string {
  const alarm = health.alarm === undefined ? '' : `, alarm \`${health.alarm}\``;
  return `- **Health:** ${health.outcome}${alarm}: ${written(health.why)} (unchanged since ${instant(health.atMs, zone)})`;
}

function outcomeLine(status: RolloutStatus, zone: string): readonly string[] {
  if (status.outcome === undefined) return [];
  const alarm = status.outcome.alarm === undefined ? '' : `, alarm \`${status.outcome.alarm}\``;
  return [
    `- **Ended:** ${instant(status.outcome.atMs, zone)}, ${status.outcome.outcome}${alarm}: ${written(status.outcome.why)}`,
  ];
}

/** Who reads this at night wants to know what to do: each cause with its remedy, else what was looked at. */
function diagnosisLines({ diagnosis }: RolloutStatus): readonly string[] {
  if (diagnosis === undefined) return [];
  const { line, causes, looked, logs } = diagnosis;
  return [
    `**Diagnosis:** ${written(line)}`,
    ...causes.flatMap(({ cause, remedy, evidence }) => [
      `- ${written(cause)} → ${written(remedy)}`,
      ...evidence.map((seen) => `- seen: ${written(seen)}`),
    ]),
    ...looked.map((look) => `- looked at: ${written(look)}`),
    ...logs.map((said) => `- log: ${written(said)}`),
  ];
}

function logLines(log: readonly LogEntry[], zone: string): readonly string[] {
  if (log.length === 0) return [];
  const shown = log.slice(-LOG_SHOWN);
  const left = log.length - shown.length;
  return [
    left > 0 ? `**Last entries** (${left} earlier)` : '**Last entries**',
    ...shown.map((entry) => `- ${logEntryLine(entry, zone)}`),
  ];
}

/** `Sun 23 Nov 13:34:05 UTC raised to 25 % (by alice)` */
export function logEntryLine(entry: LogEntry, zone: string): string {
  return `${instant(entry.atMs, zone)} ${written(entry.what)}${entry.by === undefined ? '' : ` (by ${written(entry.by)})`}`;
}

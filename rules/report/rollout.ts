import { auditDelayWords } from '../audit/findings';
import { deployedStateWords } from '../stacks/deployed-state';
import { instances } from '../rollout/delivering';
import { guardRows } from './guards';
import { ago, beside, gateWords, labelled, sayingOnce, type Unsaid, waitLines } from './waits';
import { headline, percentWords, type Reading, type Times } from './rollout-headline';
import type { RolloutStatus } from '../rollout/status/status';
import type { LogEntry } from '../rollout/state/log';
import type { Health } from '../guards/verdict';
import { formatTime, percent, formatDuration, escapeMarkdown, escaped } from '../format';

const BAR_CELLS = 20;
const STEPS_SHOWN = 12;
const LOG_SHOWN = 8;
/** A character takes at most three bytes; Temporal shows at most 20 KB of details. */
const CHARACTERS_SHOWN = 6_500;

/**
 * The status of a rollout as markdown without images or HTML, under 20 KB, for Temporal's Web UI and for the terminal. The
 * first line contains the most important fact. Durations such as `in 3 h` are shown only when the text is read at `nowMs`.
 * @param zone IANA name of the zone for the times.
 */
export function describeStatus(status: RolloutStatus, nowMs: number, zone = 'UTC', reading: Reading = 'live'): string {
  const times: Times = { nowMs, zone, reading };
  const first = headline(status, nowMs, zone, reading);
  const unsaid = sayingOnce(first);
  const paragraphs = [
    `**${first}**`,
    [bar(status), stepLine(status)].filter((part) => part !== '').join(' '),
    facts(status, times, unsaid).join('\n'),
    diagnosisLines(status).join('\n'),
    reading === 'live' ? guardLines(status, times, unsaid).join('\n') : '',
    gateLines(status, times, unsaid).join('\n'),
    logLines(status.log, times).join('\n'),
    `_As of ${formatTime(nowMs, zone, nowMs)}_`,
  ].filter((paragraph) => paragraph !== '');
  const text = paragraphs.join('\n\n');
  return text.length <= CHARACTERS_SHOWN ? text : `${text.slice(0, CHARACTERS_SHOWN)} …`;
}

export function bar({ percentage }: RolloutStatus): string {
  if (percentage === undefined) return '';
  // Rounded down, but never empty above 0 %: neither 0 nor 100 is shown too early.
  const full = percentage <= 0 ? 0 : Math.max(1, Math.floor((Math.min(100, percentage) / 100) * BAR_CELLS));
  return `\`${'▓'.repeat(full)}${'░'.repeat(BAR_CELLS - full)} ${percent(percentage)}\``;
}

/** `10 ✓ → 25 ● → 50 → 75 → 100`; for a long schedule only the part around the present step. */
export function stepLine(status: RolloutStatus): string {
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

function facts(status: RolloutStatus, times: Times, unsaid: Unsaid): readonly string[] {
  const { nowMs, zone } = times;
  const count = status.steps.length;
  const place =
    count === 0 ? '' : status.step === 0 ? `, before step 1 of ${count}` : `, step ${status.step} of ${count}`;
  return [
    `- **Phase:** ${status.phase}${place}`,
    ...percentageLine(status, times),
    ...(status.wait === undefined
      ? []
      : waitLines(status.wait, { ...status, until: untilWords(status, times) }, times, unsaid)),
    ...nextLine(status, times),
    ...deliveryLine(status),
    healthLine(status.health, times, unsaid),
    ...eventLine(status, times),
    `- **Started:** ${formatTime(status.startedAtMs, zone, nowMs)} by ${escapeMarkdown(status.startedBy)}${ago(status.startedAtMs, times)}`,
    ...(status.standing === undefined
      ? []
      : [`- **Deployment:** template ${deployedStateWords(status.standing, zone, nowMs)}`]),
    ...outcomeLine(status, times, unsaid),
    ...auditLine(status),
    ...(status.contact === undefined ? [] : [`- **Help:** ${escapeMarkdown(status.contact)}`]),
  ];
}

/** Only while it is behind. */
function auditLine({ audit }: RolloutStatus): readonly string[] {
  const words = audit && auditDelayWords(audit);
  return words === undefined ? [] : [`- **Audit record:** ${escapeMarkdown(words)}`];
}

/** An event decides nothing: the line says what was checked because of it. */
function eventLine({ event }: RolloutStatus, { nowMs, zone }: Times): readonly string[] {
  if (event === undefined) return [];
  const { why, heardAtMs, checkedAtMs } = event;
  const checked = checkedAtMs === undefined ? 'a check is due' : `checked ${formatTime(checkedAtMs, zone, nowMs)}`;
  return [`- **Event:** ${formatTime(heardAtMs, zone, nowMs)}, ${checked}: ${escapeMarkdown(why)}`];
}

function percentageLine(status: RolloutStatus, times: Times): readonly string[] {
  const words = percentageSource(status, times);
  return words === undefined ? [] : [`- **Percentage:** ${words}`];
}

/** Of a percentage that the rollout did not report: where it is from, or why there is none, and the last known one. */
export function percentageSource(status: RolloutStatus, { nowMs, zone }: Omit<Times, 'reading'>): string | undefined {
  const { percentage, percentageUnknown, lastKnown, flagReadAtMs } = status;
  if (percentage !== undefined)
    return flagReadAtMs === undefined
      ? undefined
      : `${percent(percentage)}, read from AWS ${formatTime(flagReadAtMs, zone, nowMs)}, not reported by the rollout`;
  const last =
    lastKnown?.percentage === undefined
      ? ''
      : `; the last one reported to Temporal was ${percent(lastKnown.percentage)}`;
  return `NOT KNOWN: ${escapeMarkdown(percentageUnknown ?? 'the rollout did not report it')}${last}`;
}

/** `flag document 25 %, delivered to 3 of 5 instances` */
function deliveryLine(status: RolloutStatus): readonly string[] {
  const { delivery, percentage } = status;
  if (delivery === undefined) return [];
  const { to, done, weights, reporting, of, why, problem } = delivery;
  const standing = `flag document ${percentWords(status)}`;
  const who = weights === true ? escapeMarkdown(to) : `every instance of ${escapeMarkdown(to)}`;
  if (done) return [`- **Delivered:** ${standing}, and ${who} reports it`];
  const same = delivery.percentage === percentage;
  const counted = same && weights !== true && of !== undefined && reporting !== undefined;
  const count = counted ? `delivered to ${reporting} of ${instances(of)} of` : 'not yet at';
  const trouble = [...(same && why !== undefined ? [why] : []), ...(problem === undefined ? [] : [problem])];
  const because = trouble.length === 0 ? '' : `: ${escapeMarkdown(trouble.join('; '))}`;
  return [`- **NOT DELIVERED:** ${standing}, ${count} ${escapeMarkdown(to)}${because}`];
}

/** A wait without a time ends when an operator acts or when its condition is met. */
export function untilWords({ wait, phase, nextRaise }: RolloutStatus, times: Times): string {
  if (wait?.untilMs !== undefined) {
    const { nowMs, zone } = times;
    const at = (ms: number): string => `${formatTime(ms, zone, nowMs)}${beside(remaining(ms, nowMs), times)}`;
    const when = at(wait.untilMs);
    if (phase === 'soaking' && nextRaise !== undefined && nextRaise.notBeforeMs !== wait.untilMs) {
      const raised = nextRaise.notBeforeMs === undefined ? 'NEVER by this plan' : at(nextRaise.notBeforeMs);
      return `${raised}; the soak ends ${formatTime(wait.untilMs, zone, nowMs)}`;
    }
    return phase === 'checking' ? `the items are done; the next try of the proofs is ${when}` : when;
  }
  const asksSomebody = wait?.verbs.some(
    (verb) => verb.startsWith('resume') || verb === 'approve' || verb.startsWith('checklist'),
  );
  if (asksSomebody === true) return 'an operator acts';
  return phase === 'holding' ? 'the condition changes, or an operator acts' : 'it is done';
}

/** What each guard measured by the newest check, beside its limit. */
function guardLines(status: RolloutStatus, { nowMs, zone }: Times, unsaid: Unsaid): readonly string[] {
  const { guards, checkedAtMs } = status;
  if (guards.length === 0 || status.outcome !== undefined) return [];
  const when = checkedAtMs === undefined ? '' : `, checked ${formatTime(checkedAtMs, zone, nowMs)}`;
  return [
    `**Guards**${when}`,
    ...guardRows(status).map(({ text, why }) => {
      const line = `- ${escaped(text)}`;
      return why === undefined ? line : labelled(line, unsaid(why));
    }),
  ];
}

/** The gates of the next raise, in the order in which they are checked. */
function gateLines(status: RolloutStatus, { nowMs, zone, reading }: Times, unsaid: Unsaid): readonly string[] {
  const { gates, next, checklist, health } = status;
  const closed = gates.filter(({ open }) => !open);
  if (gates.length === 0) return [];
  const heading = `**Before ${next === undefined ? 'the next raise' : percent(next)}** (${gates.length - closed.length} of ${gates.length} gates open)`;
  return [
    heading,
    ...gates.flatMap((one) => {
      const { gate, open, fromMs } = one;
      const from = fromMs === undefined ? '' : `, not before ${formatTime(fromMs, zone, nowMs)}`;
      // The rows of the guards have the newest numbers of samples.
      const words = gate === 'samples' && open && reading === 'live' ? 'enough' : gateWords(one, health, unsaid);
      const line = labelled(`- ${open ? '✓' : '✗'} ${gate}`, words, from);
      return gate === 'checklist' && !open ? [line, ...openItemLines(checklist)] : [line];
    }),
  ];
}

/** Each with its own reason: the text of the wait has all of them, but is shortened. */
const openItemLines = (items: RolloutStatus['checklist']): readonly string[] =>
  items
    .filter(({ state }) => state === 'open')
    .map(({ id, why }) => `- ☐ ${escapeMarkdown(id)}: ${escapeMarkdown(why ?? 'open')}`);

/** The next raise, if it comes later than the end of the present wait. */
function nextLine({ next, nextRaise, wait }: RolloutStatus, times: Times): readonly string[] {
  if (next === undefined || nextRaise === undefined) return [];
  if (nextRaise.notBeforeMs === wait?.untilMs && nextRaise.notBeforeMs !== undefined) return [];
  const when =
    nextRaise.notBeforeMs === undefined
      ? ''
      : `not before ${formatTime(nextRaise.notBeforeMs, times.zone, times.nowMs)}`;
  return [`- **Next:** ${percent(next)} ${when === '' ? 'NEVER' : when}: ${escapeMarkdown(nextRaise.why)}`];
}

const remaining = (untilMs: number, nowMs: number): string =>
  untilMs > nowMs ? `in ${formatDuration(untilMs - nowMs)}` : 'due now';

function healthLine(health: Health, { nowMs, zone }: Times, unsaid: Unsaid): string {
  const alarm = health.alarm === undefined ? '' : `, alarm \`${health.alarm}\``;
  const since = ` (unchanged since ${formatTime(health.atMs, zone, nowMs)})`;
  return labelled(`- **Health:** ${health.outcome}${alarm}`, unsaid(health.why), since);
}

function outcomeLine(status: RolloutStatus, { nowMs, zone }: Times, unsaid: Unsaid): readonly string[] {
  if (status.outcome === undefined) return [];
  const alarm = status.outcome.alarm === undefined ? '' : `, alarm \`${status.outcome.alarm}\``;
  return [
    labelled(
      `- **Ended:** ${formatTime(status.outcome.atMs, zone, nowMs)}, ${status.outcome.outcome}${alarm}`,
      unsaid(status.outcome.why),
    ),
  ];
}

/** Each cause with its remedy; without a known cause, what was checked. */
function diagnosisLines({ diagnosis }: RolloutStatus): readonly string[] {
  if (diagnosis === undefined) return [];
  const { line, causes, looked, logs } = diagnosis;
  return [
    `**Diagnosis:** ${escapeMarkdown(line)}`,
    ...causes.flatMap(({ cause, remedy, evidence }) => [
      `- ${escapeMarkdown(cause)} → ${escapeMarkdown(remedy)}`,
      ...evidence.map((seen) => `- seen: ${escapeMarkdown(seen)}`),
    ]),
    ...looked.map((look) => `- checked: ${escapeMarkdown(look)}`),
    ...logs.map((said) => `- log: ${escapeMarkdown(said)}`),
  ];
}

function logLines(log: readonly LogEntry[], { nowMs, zone }: Times): readonly string[] {
  if (log.length === 0) return [];
  const shown = log.slice(-LOG_SHOWN);
  const left = log.length - shown.length;
  return [
    left > 0 ? `**Last entries** (${left} earlier)` : '**Last entries**',
    ...shown.map((entry) => `- ${logEntryLine(entry, zone, nowMs)}`),
  ];
}

/** `Sun 23 Nov 13:34:05 UTC raised to 25 % (by alice)` */
export function logEntryLine(entry: LogEntry, zone: string, nowMs: number): string {
  return `${formatTime(entry.atMs, zone, nowMs)} ${escapeMarkdown(entry.what)}${entry.by === undefined ? '' : ` (by ${escapeMarkdown(entry.by)}${entry.proof === 'unproved' ? ', no proof' : ''})`}`;
}

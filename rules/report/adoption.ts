import { entryWords } from '../audit/findings';
import { heldSinceMs, type Judged, notKnownOr } from '../adoption/judge';
import type { AdoptionLook, OwnerSeen } from '../adoption/look';
import type { AuditReading } from '../audit/verify';
import type { EnvironmentPlan } from '../plan/environment-plan';
import { times as counted } from '../guards/judgement';
import { escaped, formatDuration, formatTime, percent, singleLine } from '../format';
import { countedFromMs, unfitFor } from '../rollout/adoption';
import { isEmergencyWriter } from '../rollout/outside/emergency-writers';
import { parseOwner } from '../rollout/owner';
import type { FlagReading } from '../rollout/state/flag';

export interface AdoptionFacts {
  readonly look: AdoptionLook;
  readonly owner: OwnerSeen | undefined;
  /** How the newest rollout under this id ended here; undefined when Temporal knows none. */
  readonly last: string | undefined;
}

interface Times {
  readonly zone: string;
  readonly nowMs: number;
}

/** What was found of a flag that a rollout is to adopt, one line each. */
export function describeFound({ look, owner, last }: AdoptionFacts, times: Times): string {
  const record = look.record && notKnownOr(look.record, (is) => recordWords(is, times));
  const lines = {
    Flag: notKnownOr(look.flag, (flag) => flagWords(flag, look, times)),
    Owner: notKnownOr(look.owner, ({ text }) => (text === undefined ? 'nobody' : ownerWords(text, owner, times))),
    Temporal: `this one ${last === undefined ? 'knows no rollout of this environment' : `has its last rollout as ${last}`}`,
    Record: record ?? 'the plan names none',
  };
  return Object.entries(lines)
    .map(([name, words]) => `- ${name}: ${escaped(singleLine(words))}`)
    .join('\n');
}

function flagWords(flag: FlagReading, { history }: AdoptionLook, times: Times): string {
  if (!flag.found) return `NOT KNOWN: ${flag.why}`;
  const values = 'is' in history ? history.is : [];
  const last = values.at(-1);
  const by = last?.version === flag.version ? last?.by : undefined;
  const writer = by === undefined || isEmergencyWriter(flag.writer) ? flag.writer : `${flag.writer}, by ${by}`;
  const sinceMs = heldSinceMs(flag, values);
  const since =
    sinceMs === undefined ? 'since when is NOT KNOWN' : `since ${formatTime(sinceMs, times.zone, times.nowMs)}`;
  const before = 'is' in history ? '' : `; its history is NOT KNOWN: ${history.notKnown}`;
  const version = flag.version === undefined ? '' : `, version ${flag.version}`;
  const wrote = flag.atMs === undefined ? '' : ` ${formatTime(flag.atMs, times.zone, times.nowMs)}`;
  return `${percent(flag.percentage)} (generation ${flag.generation}${version}), ${since}, last written${wrote} by ${writer}${before}`;
}

function ownerWords(text: string, seen: OwnerSeen | undefined, { zone, nowMs }: Times): string {
  const parsed = parseOwner(text);
  if (!parsed.ok) return `NOT KNOWN: ${parsed.why}`;
  const { workflowId, firstRunId, temporal, by, sinceMs } = parsed.owner;
  const where = `namespace ${temporal.namespace} of Temporal ${temporal.cluster}`;
  return `${workflowId}, run ${firstRunId}, in ${where}, started by ${by} ${formatTime(sinceMs, zone, nowMs)}; ${seenWords(seen)}`;
}

function seenWords(seen: OwnerSeen | undefined): string {
  switch (seen?.is) {
    case 'running':
      return 'it RUNS';
    case 'ended':
      return `it has ended there (${seen.how})`;
    case 'unknown':
      return 'that Temporal does not know it any more';
    case 'elsewhere':
      return 'whether it runs is NOT KNOWN: this Temporal is another one and cannot ask that one; make sure that it is gone';
    case 'not-known':
      return `whether it runs is NOT KNOWN: ${seen.why}`;
    case undefined:
      return 'whether it runs is NOT KNOWN';
  }
}

function recordWords({ place, count, entries, problemCount }: AuditReading, { zone, nowMs }: Times): string {
  const last = entries.at(-1);
  const whole = problemCount === 0 ? 'whole' : 'NOT whole (`rollout history --verify`)';
  if (last === undefined) return `${place}, ${whole}, ${entryWords(count)}`;
  const at = formatTime(Date.parse(last.at), zone, nowMs);
  const by = last.by === undefined ? '' : ` (${last.by})`;
  return `${place}, ${whole}, ${entryWords(count)}, the last one ${at}: ${last.what}${by}`;
}

/** What an adopting rollout does, in the order in which it does it. */
export function describeAdoption(
  plan: Pick<EnvironmentPlan, 'steps' | 'flag' | 'approvals' | 'deployment'>,
  { adoption, soak }: Exclude<Judged, { readonly refusal: unknown }>,
  salt: string | undefined,
  { zone, nowMs }: Times,
): string {
  const { percentage, sinceMs } = adoption;
  const fromMs = countedFromMs(adoption, nowMs);
  const unfit = unfitFor(plan, { percentage, salt });
  const next = plan.steps.find((step) => step.percentage > percentage)?.percentage;
  const asked = [
    ...(plan.approvals.required > 0 ? [counted(plan.approvals.required, 'approval')] : []),
    ...(plan.deployment?.rolloutNeeds === undefined ? [] : [`a deployment that is ${plan.deployment.rolloutNeeds}`]),
  ];
  const needs = asked.length === 0 ? '' : `, and needs ${asked.join(' and ')} for its first raise`;
  const then =
    next === undefined
      ? 'That was the last step.'
      : `Then ${percent(next)}, when windows, freezes and guards allow${needs}.`;
  const alarms = sinceMs === undefined ? 'from now on' : `since ${formatTime(fromMs, zone, nowMs)}`;
  return [
    `The rollout takes the flag at ${percent(percentage)} and writes nothing.`,
    `Alarms and guards count ${alarms}: a breach since then puts the flag to 0 %.`,
    unfit === undefined ? `Soak: ${formatDuration(soak.leftMs)} (${soak.why}). ${then}` : `It HOLDS: ${unfit}.`,
  ]
    .map((line) => escaped(singleLine(line)))
    .join('\n');
}

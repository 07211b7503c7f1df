import type { FlagValue } from '../history/timeline';
import type { EnvironmentPlan } from '../plan/environment-plan';
import type { Refusal } from '../refusal';
import { formatDuration, percent, singleLine } from '../format';
import { soakLeftMs, stepAt } from '../rollout/adoption';
import { whoWrote } from '../rollout/drift';
import { ownedWords, type ParsedOwner, parseOwner } from '../rollout/owner';
import type { Adoption } from '../rollout/state/adoption';
import type { FlagFound } from '../rollout/state/flag';
import type { AdoptionLook, Looked, OwnerSeen } from './look';
import { type Proved, provedSoak } from './soak';

type Asked = Pick<EnvironmentPlan, 'environment' | 'steps' | 'flag' | 'audit' | 'delivery'>;

export interface Seen {
  readonly look: AdoptionLook;
  /** Undefined when no readable owner was found. */
  readonly owner: OwnerSeen | undefined;
  readonly planHash: string;
  /** The Temporal that the client asked; undefined when it does not say. */
  readonly cluster?: string | undefined;
}

/** What an adopting rollout would begin with, or why there may be none. */
export type Judged = { readonly refusal: Refusal } | { readonly adoption: Adoption; readonly soak: Soak };

export interface Soak {
  /** How long the flag keeps its percentage at least. */
  readonly leftMs: number;
  readonly why: string;
}

/** Total. Nothing that is not known counts as a yes: without the flag, its order or its owner there is no adoption. */
export function judgeAdoption(plan: Asked, { look, owner, planHash, cluster }: Seen, nowMs: number): Judged {
  const { environment } = plan;
  if ('notKnown' in look.flag)
    return refused('state', `the flag is NOT KNOWN: ${look.flag.notKnown}`, `repair that, or ${zeroBy(environment)}`);
  const flag = look.flag.is;
  if (!flag.found) return refused('state', flag.why, zeroBy(environment));
  if ('notKnown' in look.history)
    return refused(
      'state',
      `the history of the flag is NOT KNOWN, and readers may have seen a higher generation: ${look.history.notKnown}`,
      `repair that, or ${zeroBy(environment)}`,
    );
  const values = look.history.is;
  const refusal =
    refusedForFlag(environment, flag, values) ??
    refusedForWorker(environment, look.owner, cluster) ??
    refusedForOwner(environment, look.owner, owner, flag.percentage) ??
    refusedAsCompleted(plan, look.owner, flag.percentage);
  if (refusal !== undefined) return { refusal };
  const proved = provedSoak(plan, { flag: withDate(flag, values), record: look.record, planHash }, nowMs);
  const highestGeneration = Math.max(flag.generation, ...values.map(generationOf));
  const sinceMs = heldSinceMs(flag, values);
  const text = 'is' in look.owner ? look.owner.is.text : undefined;
  const { percentage, generation, version } = flag;
  const soakedSinceMs = 'sinceMs' in proved ? proved.sinceMs : undefined;
  const adoption = { percentage, generation, version, highestGeneration, sinceMs, soakedSinceMs, owner: text };
  return { adoption, soak: soakOf(plan, flag.percentage, proved, nowMs) };
}

const refused = (rule: string, why: string, remedy: string): { readonly refusal: Refusal } => ({
  refusal: { rule, why, remedy },
});

const zeroBy = (environment: string): string =>
  `write 0 % with \`rollout flags set ${environment} --percentage 0 --break-glass --reason TEXT\`, then \`rollout start ${environment}\``;

const generationOf = ({ document }: FlagValue): number => document?.generation ?? 0;

function refusedForFlag(environment: string, flag: FlagFound, values: readonly FlagValue[]): Refusal | undefined {
  const { percentage, generation, version } = flag;
  if (percentage === 0)
    return {
      rule: 'state',
      why: `the flag is at 0 %, ${whoWrote(flag)}: there is nothing to adopt`,
      remedy: `\`rollout start ${environment}\` begins at the first step`,
    };
  const newest = values.at(-1);
  if (newest !== undefined && version !== undefined && newest.version !== version)
    return {
      rule: 'state',
      why: `the flag was changed while it was looked at: its history ends at version ${newest.version}, the flag has version ${version}`,
      remedy: `run \`rollout adopt ${environment}\` again`,
    };
  const higher = values.find((value) => generationOf(value) > generation);
  if (higher === undefined) return undefined;
  const held = percent(higher.document?.percentage ?? 0);
  return {
    rule: 'state',
    why: `readers ignore the present ${percent(percentage)}: it has generation ${generation}, and version ${higher.version} of the flag had generation ${generationOf(higher)}, at ${held}`,
    remedy: zeroBy(environment),
  };
}

/** A worker asks for the id of its Temporal when it starts. By an old one the new owner would not be recognised later. */
function refusedForWorker(
  environment: string,
  read: AdoptionLook['owner'],
  cluster: string | undefined,
): Refusal | undefined {
  if ('notKnown' in read || cluster === undefined || read.is.here.cluster === cluster) return undefined;
  return {
    rule: 'worker',
    why: `the worker still works for Temporal ${singleLine(read.is.here.cluster)}, which it found when it started; this one is ${singleLine(cluster)}`,
    remedy: `restart the workers, then \`rollout adopt ${environment}\` again`,
  };
}

function refusedForOwner(
  environment: string,
  read: AdoptionLook['owner'],
  seen: OwnerSeen | undefined,
  percentage: number,
): Refusal | undefined {
  if ('notKnown' in read)
    return {
      rule: 'owner',
      why: `who owns the flag is NOT KNOWN: ${read.notKnown}`,
      remedy: `repair that and run \`rollout adopt ${environment}\` again`,
    };
  const { text, parameter } = read.is;
  if (text === undefined) return undefined;
  const parsed: ParsedOwner = parseOwner(text);
  const who = ownedWords(parsed, parameter, environment);
  const release = `\`rollout flags release-owner ${environment} --reason TEXT\``;
  if (!parsed.ok)
    return { rule: 'owner', why: who, remedy: `make sure that no rollout runs anywhere, then ${release}` };
  const { temporal } = parsed.owner;
  const there = `namespace ${singleLine(temporal.namespace)} of Temporal ${singleLine(temporal.cluster)}`;
  if (seen?.is === 'running')
    return {
      rule: 'owner',
      why: `${who}; it RUNS`,
      remedy: `\`rollout status ${environment}\` there (${there}); \`rollout resume ${environment} --adopt\` continues from ${percent(percentage)}`,
    };
  if (seen === undefined || seen.is === 'not-known')
    return {
      rule: 'owner',
      why: `${who}; whether it runs is NOT KNOWN: ${seen?.why ?? 'it was not asked'}`,
      remedy: `look at ${there}; if it is gone, ${release}, then \`rollout adopt ${environment}\` again`,
    };
  return undefined;
}

/** A rollout that completes leaves the flag at its last step and frees it. Alarms since then would put it to 0 %. */
function refusedAsCompleted(
  { environment, steps }: Asked,
  read: AdoptionLook['owner'],
  percentage: number,
): Refusal | undefined {
  if (!('is' in read) || read.is.text !== undefined || percentage !== steps.at(-1)?.percentage) return undefined;
  return {
    rule: 'state',
    why: `the flag is at ${percent(percentage)}, the last step of the plan, and nobody owns it: so a rollout leaves it that has completed`,
    remedy: `nothing, or \`rollout rollback ${environment}\` to go back to 0 %`,
  };
}

/** SSM tells the date of the present value, and its history who wrote it. */
function withDate(flag: FlagFound, values: readonly FlagValue[]): FlagFound {
  const newest = values.at(-1);
  if (newest === undefined || newest.version !== flag.version) return flag;
  return { ...flag, atMs: flag.atMs ?? newest.atMs, by: newest.by ?? flag.by };
}

/** Since when the flag is at its percentage without a break, as far as AWS knows. */
export function heldSinceMs(flag: FlagFound, values: readonly FlagValue[]): number | undefined {
  const last = values.findLastIndex(({ document }) => document?.percentage !== flag.percentage);
  const first = values[last + 1];
  return first === undefined || first.atMs === 0 ? flag.atMs : first.atMs;
}

function soakOf({ steps }: Asked, percentage: number, proved: Proved, nowMs: number): Soak {
  const soakMs = steps[stepAt({ steps }, percentage)]?.soakMs ?? 0;
  if (!('sinceMs' in proved)) return { leftMs: soakMs, why: `again in full, because ${proved.notProved}` };
  const leftMs = soakLeftMs(soakMs, proved.sinceMs, nowMs);
  const since = new Date(proved.sinceMs).toISOString();
  return { leftMs, why: `the whole audit record proves it since ${since}; ${formatDuration(leftMs)} are left` };
}

/** For a text. */
export const notKnownOr = <T>(looked: Looked<T>, words: (is: T) => string): string =>
  'is' in looked ? words(looked.is) : `NOT KNOWN: ${singleLine(looked.notKnown)}`;

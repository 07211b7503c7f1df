import type { AuditEntry } from '../audit/entry';
import type { AuditReading } from '../audit/verify';
import type { EnvironmentPlan } from '../plan/environment-plan';
import { percent } from '../format';
import type { FlagFound } from '../rollout/state/flag';
import type { Looked } from './look';

/** Since when the present step soaks, or what is missing of the proof. */
export type Proved = { readonly sinceMs: number } | { readonly notProved: string };

interface Evidence {
  readonly flag: FlagFound;
  readonly record: Looked<AuditReading> | undefined;
  readonly planHash: string;
}

/** Between SSM's clock and the worker's, with the time that a raise takes. */
const SAME_WRITE_MS = 60_000;
/** What may follow a raise in the record without a word about its soak: also another start, which the owner of the flag refused. */
const SAYS_NOTHING_OF_THE_SOAK = /^(approved |started\b|refused: )/;

/**
 * Since when the step soaks by the audit record: the record is whole, its raise to this percentage is the very write that the flag
 * holds, by the same plan, and nothing came after it that pauses, holds or extends. Anything else proves nothing.
 */
export function provedSoak(
  { audit, delivery, steps }: Pick<EnvironmentPlan, 'audit' | 'delivery' | 'steps'>,
  { flag, record, planHash }: Evidence,
  nowMs: number,
): Proved {
  if (audit === undefined || record === undefined) return { notProved: 'the plan names no audit record' };
  if ('notKnown' in record) return { notProved: `the audit record cannot be read (${record.notKnown})` };
  const { problemCount, entries, place } = record.is;
  if (problemCount > 0) return { notProved: `the audit record ${place} is not whole` };
  if (delivery !== undefined) return { notProved: 'what the service has of it must be read first' };
  if (!steps.some(({ percentage }) => percentage === flag.percentage))
    return { notProved: `${percent(flag.percentage)} is no step of the plan` };
  const at = entries.findLastIndex((entry) => isRaise(entry, flag));
  const raise = entries[at];
  if (raise === undefined)
    return { notProved: `the audit record has no raise to ${percent(flag.percentage)} by the flag's writer` };
  const raisedAtMs = Date.parse(raise.at);
  if (!(raisedAtMs <= nowMs)) return { notProved: `entry ${raise.number} of the audit record is of the future` };
  if (raise.planHash !== planHash) return { notProved: 'the raise was by another plan' };
  if (flag.atMs === undefined || Math.abs(flag.atMs - raisedAtMs) > SAME_WRITE_MS)
    return { notProved: 'the flag was written at another time than the raise in the audit record' };
  const after = entries.slice(at + 1).find(({ what }) => !SAYS_NOTHING_OF_THE_SOAK.test(what));
  if (after === undefined) return { sinceMs: raisedAtMs };
  return { notProved: `entry ${after.number} of the audit record came after the raise (${after.what})` };
}

/** The words of `recordRaise`, by the rollout that the flag document names. */
const isRaise = ({ what, workflowId, run }: AuditEntry, { percentage, writer }: FlagFound): boolean =>
  what === `${percentage} % written and read back` && writer === `${workflowId}/${run}`;

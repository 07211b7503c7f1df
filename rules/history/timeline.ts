import type { AuditEntry } from '../audit/entry';
import type { BriefDiagnosis } from '../diagnosis/brief';
import type { LogEntry } from '../rollout/state/log';
import { percent } from '../format';

/** One value of the flag parameter that AWS still knows. */
export interface FlagValue {
  readonly version: number;
  readonly atMs: number;
  /** ARN of the writer, according to AWS. */
  readonly by?: string;
  readonly labels?: readonly string[];
  /** Content of the flag document; absent when it could not be read. */
  readonly document?: {
    readonly percentage: number;
    readonly generation: number;
    readonly writer: string;
    readonly reason: string;
  };
  /** Why it could not be read. */
  readonly why?: string;
}

/** One run of the rollout, or of a deployment, as far as Temporal still knows it. */
export interface RunTold {
  /** A rollout when left out. */
  readonly of?: 'rollout' | 'deployment';
  readonly runId: string;
  readonly startedAtMs: number;
  readonly log: readonly LogEntry[];
  readonly outcome?: { readonly outcome: string; readonly why: string; readonly atMs: number };
  /** Of the breach that ended it. */
  readonly diagnosis?: BriefDiagnosis;
  /** Why the run reports nothing more. */
  readonly unanswered?: string;
}

/** One line of the history. */
export interface Told {
  readonly atMs: number;
  /** `flag`: a value of the parameter. The others: log entries of a run. */
  readonly source: 'flag' | 'rollout' | 'deployment';
  readonly what: string;
  readonly by?: string;
  readonly version?: number;
  readonly percentage?: number;
  readonly runId?: string;
  /** Its number in the audit record, if it is from there. */
  readonly number?: number;
}

/**
 * What AWS and Temporal know of one environment as one timeline, oldest first. The parameter shows what was really written
 * and by whom, even without a rollout; the runs show why.
 */
export function timeline(
  values: readonly FlagValue[],
  runs: readonly RunTold[],
  recorded: readonly AuditEntry[] = [],
): readonly Told[] {
  const written = values.map((value, index) => valueTold(value, values[index - 1]));
  const kept = recorded.map(entryTold);
  const known = new Set(kept.map(sameness));
  // The record has what a run no longer has, and a run what is not recorded yet.
  const noted = runs.flatMap(runTold).filter((one) => !known.has(sameness(one)));
  // A run logs a write after the write itself.
  return [...written, ...kept, ...noted].sort((a, b) => a.atMs - b.atMs);
}

const sameness = ({ atMs, source, what }: Told): string => JSON.stringify([atMs, source, what]);

function entryTold({ number, workflowId, run, at, what, by, percentage }: AuditEntry): Told {
  const source = workflowId.startsWith('deployment-') ? 'deployment' : 'rollout';
  const known = percentage?.after;
  const told = { atMs: Date.parse(at), source, what, by, runId: run, number } as const;
  return known === undefined ? told : { ...told, percentage: known };
}

function valueTold(value: FlagValue, before: FlagValue | undefined): Told {
  const { version, atMs, by, document, why = 'cannot be read', labels = [] } = value;
  const labelled = labels.length === 0 ? '' : ` [${labels.join(', ')}]`;
  const common = { atMs, source: 'flag', version, by } as const;
  if (document === undefined) return { ...common, what: `the flag became unreadable: ${why}${labelled}` };
  const { percentage, generation, writer, reason } = document;
  const left = before?.document?.generation === generation && before.document.writer === writer;
  const whose = left ? 'manually, generation unchanged' : `generation ${generation}, by ${writer}`;
  const because = reason === '' || left ? '' : `: ${reason}`;
  return { ...common, percentage, what: `flag at ${percent(percentage)} (${whose})${because}${labelled}` };
}

function runTold({
  of = 'rollout',
  runId,
  startedAtMs,
  log,
  outcome,
  diagnosis,
  unanswered,
}: RunTold): readonly Told[] {
  const common = { source: of, runId } as const;
  const entries = log.map(({ atMs, what, by }) => ({ ...common, atMs, what, by }));
  const found = diagnosis === undefined ? [] : [{ ...common, atMs: diagnosis.atMs, what: diagnosisWords(diagnosis) }];
  // The log of a rollout contains its end, that of a deployment does not.
  const end =
    outcome === undefined || of === 'rollout'
      ? []
      : [{ ...common, atMs: outcome.atMs, what: `${outcome.outcome}: ${outcome.why}` }];
  if (entries.length > 0) return [...entries, ...found, ...end];
  const began = {
    ...common,
    atMs: startedAtMs,
    what: `started${unanswered === undefined ? '' : `; nothing more is known: ${unanswered}`}`,
  };
  return outcome === undefined
    ? [began]
    : [began, { ...common, atMs: outcome.atMs, what: `${outcome.outcome}: ${outcome.why}` }];
}

const diagnosisWords = ({ line, causes }: BriefDiagnosis): string =>
  [`diagnosis: ${line}`, ...causes.map(({ cause, remedy }) => `${cause} -> ${remedy}`)].join('; ');

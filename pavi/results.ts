import { isObject, jsonIn } from '../flags/json';
import type { Expected, JudgedResults, Results } from '../rules/jobs/job-kind';
import { alignedSequences, alignmentDifferences, excerpt, seqInfoDifferences } from './golden';

/** The two results that PAVI's API serves for a completed job, as text. */
export type PaviResults = {
  /** `…/result/alignment`, CLUSTAL format. */
  readonly alignment: string;
  /** `…/result/seq-info`, JSON. */
  readonly seqInfo: string;
};

/** One sequence of a submitted job, with the fields that its results can be recognised by. */
interface JobEntry {
  readonly unique_entry_id?: unknown;
  readonly base_seq_name?: unknown;
}

/** The sequences of a submitted job; undefined for anything else. */
function entriesOf(job: unknown): readonly JobEntry[] | undefined {
  const isEntry = (one: unknown): boolean => typeof one === 'object' && one !== null;
  return Array.isArray(job) && job.every(isEntry) ? (job as readonly JobEntry[]) : undefined;
}

/**
 * Whether these are the results of that job: the right kind, complete, of the same sequences, and equal to the golden ones.
 * Without golden ones, a result truncated exactly between two blocks of the alignment is not detected.
 */
export function judgePaviResults(read: Results, expected: Expected): JudgedResults {
  const results = bothOf(read);
  const golden = expected.golden === undefined ? undefined : bothOf(expected.golden);
  const problem = alignmentProblem(results.alignment) ?? seqInfoProblem(results.seqInfo) ?? otherSequences(results);
  if (problem !== undefined) return { ok: false, why: problem };
  if (golden !== undefined) {
    const differences = [
      ...endsEarly(golden.alignment, results.alignment),
      ...alignmentDifferences(golden.alignment, results.alignment),
      ...seqInfoDifferences(golden.seqInfo, results.seqInfo),
    ];
    if (differences.length === 0) return { ok: true, why: 'with the golden results' };
    return { ok: false, why: 'its results differ from the golden ones', differences };
  }
  const entries = entriesOf(expected.job);
  const stranger = entries === undefined ? undefined : ofAnotherJob(results, entries);
  return stranger === undefined ? { ok: true, why: 'with both results' } : { ok: false, why: stranger };
}

const bothOf = ({ alignment = '', seqInfo = '' }: Results): PaviResults => ({ alignment, seqInfo });

/** Also detects that only the residue count or the line of marks at the end is missing, which no sequence shows. */
function endsEarly(golden: string, result: string): readonly string[] {
  const [whole, part] = [golden.trimEnd(), result.trimEnd()];
  return part.length < whole.length && whole.startsWith(part) ? ['the alignment ends early'] : [];
}

function alignmentProblem(text: string): string | undefined {
  if (text.trim() === '') return 'its alignment is empty';
  const sequences = alignedSequences(text);
  if (sequences === undefined) {
    const what = text.startsWith('CLUSTAL') ? 'is truncated, or contains other text' : 'is not a CLUSTAL alignment';
    return `its alignment ${what}: ${excerpt(text)}`;
  }
  const lengths = new Set([...sequences.values()].map(({ length }) => length));
  if (lengths.size === 1) return undefined;
  return `its alignment is incomplete: its sequences have ${[...lengths].sort((a, b) => a - b).join(', ')} columns`;
}

function seqInfoProblem(text: string): string | undefined {
  if (text.trim() === '') return 'its sequence info is empty';
  const value = jsonIn(text);
  if (!isObject(value)) return `its sequence info is not a JSON object: ${excerpt(text)}`;
  return Object.keys(value).length === 0 ? 'its sequence info names no sequence' : undefined;
}

/** PAVI's sequence info has a key for each sequence of the alignment, and for those that could not be aligned. */
function otherSequences({ alignment, seqInfo }: PaviResults): string | undefined {
  const known = new Set(Object.keys(jsonIn(seqInfo) as object));
  const strange = [...(alignedSequences(alignment)?.keys() ?? [])].filter((name) => !known.has(name));
  if (strange.length === 0) return undefined;
  return `its two results are of different jobs: the sequence info lacks ${strange.slice(0, 3).join(', ')}`;
}

/**
 * PAVI names the sequences of a result by the id of their entry, earlier revisions without the leading number (agr_pavi,
 * tests/resources); an alternative sequence has a suffix. If no name is made from an id, each base name must occur in one.
 */
function ofAnotherJob({ alignment, seqInfo }: PaviResults, entries: readonly JobEntry[]): string | undefined {
  const names = [...(alignedSequences(alignment)?.keys() ?? []), ...Object.keys(jsonIn(seqInfo) as object)];
  const isMissing = (by: (id: string, name: string) => boolean, key: keyof JobEntry): readonly string[] =>
    entries
      .map((entry) => entry[key])
      .filter((text): text is string => typeof text === 'string' && text !== '')
      .filter((text) => !names.some((name) => by(text, name)));
  const missing = isMissing((id, name) => name.startsWith(id) || id.endsWith(`_${name}`), 'unique_entry_id');
  if (missing.length === 0) return undefined;
  const bases = entries.filter(({ base_seq_name }) => typeof base_seq_name === 'string');
  const byBase = missing.length === entries.length && bases.length === entries.length;
  if (byBase && isMissing((base, name) => name.includes(base), 'base_seq_name').length === 0) return undefined;
  return `its results are of another job: they contain ${names.slice(0, 3).join(', ')}, not ${missing.slice(0, 3).join(', ')}`;
}

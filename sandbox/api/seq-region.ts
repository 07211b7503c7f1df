import { z } from 'zod';

const regions = z.array(z.union([z.string(), z.record(z.string(), z.union([z.string(), z.int()]))]));

/** One sequence of a job, as PAVI's API takes it (`Pipeline_seq_region`). Fields it does not know are dropped. */
const seqRegion = z.object({
  base_seq_name: z.string(),
  unique_entry_id: z.string(),
  seq_id: z.string(),
  seq_strand: z.string(),
  exon_seq_regions: regions,
  cds_seq_regions: regions,
  fasta_file_url: z.string(),
  variant_ids: z.array(z.string()),
  /** Null if PAVI's API passes it on to Step Functions as null. */
  alt_seq_name_suffix: z.string().nullish(),
});

export type SeqRegion = z.infer<typeof seqRegion>;

/** One entry of `detail` in a 422 answer, as FastAPI and pydantic write it. */
export interface InvalidInput {
  readonly type: string;
  readonly loc: readonly (string | number)[];
  readonly msg: string;
}

export type ParsedJob =
  | { readonly ok: true; readonly regions: readonly SeqRegion[] }
  | { readonly ok: false; readonly detail: readonly InvalidInput[] };

/** Checks the body of a submission: a bare JSON array. Reports every problem with its place. */
export function parseJob(body: unknown): ParsedJob {
  if (body === undefined || body === null) return { ok: false, detail: NO_BODY };
  const parsed = z.array(seqRegion).safeParse(body, { reportInput: true });
  if (parsed.success) return { ok: true, regions: parsed.data };
  return { ok: false, detail: parsed.error.issues.map(translated) };
}

const MESSAGES: Readonly<Record<string, string>> = {
  missing: 'Field required',
  string_type: 'Input should be a valid string',
  list_type: 'Input should be a valid list',
  model_attributes_type: 'Input should be a valid dictionary or object to extract fields from',
  union_type: 'Input should be a valid string or a valid dictionary',
};

const problem = (type: string, loc: readonly (string | number)[]): InvalidInput => ({
  type,
  loc,
  msg: MESSAGES[type] ?? 'Input is not valid',
});

export const NO_BODY: readonly InvalidInput[] = [problem('missing', ['body'])];

function translated(issue: z.core.$ZodIssue): InvalidInput {
  const loc = ['body', ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  if (issue.code === 'invalid_union') return problem('union_type', loc);
  if (issue.code !== 'invalid_type') return { ...problem(issue.code, loc), msg: issue.message };
  if (issue.input === undefined) return problem('missing', loc);
  if (issue.expected === 'string') return problem('string_type', loc);
  return problem(issue.expected === 'array' ? 'list_type' : 'model_attributes_type', loc);
}

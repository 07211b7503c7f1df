import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { murmur3 } from '../../flags';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import { awsClient } from '../aws/client-config';
import type { SeqRegion } from './seq-region';

/*
 * What the containers would have written: made from the input alone, so that both backends give the same result for the
 * same job, as the pipeline must. The residues are invented, the lengths follow the coding regions.
 */
const RESIDUES = 'ACDEFGHIKLMNPQRSTVWY';
const WIDTH = 60;

const RESULT_FILES = { alignment: 'alignment-output.aln', 'seq-info': 'aligned_seq_info.json' } as const;
export type ResultName = keyof typeof RESULT_FILES;

/** Puts the two files where the pipeline's containers put them: `executions/{name of the execution}/results/`. */
export async function putResults(
  s3: S3Client,
  Bucket: string,
  { execution, regions }: { readonly execution: string; readonly regions: readonly SeqRegion[] },
): Promise<void> {
  const texts = { alignment: alignmentOf(regions), 'seq-info': JSON.stringify(seqInfoOf(regions)) };
  for (const name of ['alignment', 'seq-info'] as const) {
    const Key = `executions/${execution}/results/${RESULT_FILES[name]}`;
    await s3.send(new PutObjectCommand({ Bucket, Key, Body: texts[name] }));
  }
}

/** Results in S3, as PAVI reads them (agr_pavi, api/src/job_service.py). */
export class StoredResults {
  private readonly s3: S3Client;

  constructor(
    aws: AwsTarget,
    private readonly bucket: string,
  ) {
    this.s3 = new S3Client({ ...awsClient(aws), forcePathStyle: true });
  }

  /** In place of the containers, which the emulator does not have. Without the bucket there are no results. */
  async put(execution: string, regions: readonly SeqRegion[]): Promise<void> {
    await putResults(this.s3, this.bucket, { execution, regions }).catch((error: unknown) => {
      if (!(error instanceof Error && error.name === 'NoSuchBucket')) throw error;
    });
  }

  /**
   * `result_s3_uri` is the alignment itself; its file name is replaced by the other file's name. Undefined when the file is
   * missing: an address of a folder finds nothing.
   */
  async read(resultUri: string, name: ResultName): Promise<string | undefined> {
    const uri = resultUri.replaceAll(RESULT_FILES.alignment, RESULT_FILES[name]);
    const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri) ?? [];
    if (Bucket === undefined || Key === undefined) return undefined;
    try {
      const { Body } = await this.s3.send(new GetObjectCommand({ Bucket, Key }));
      return await Body?.transformToString();
    } catch {
      return undefined;
    }
  }

  close(): void {
    this.s3.destroy();
  }
}

/** The alignment in CLUSTAL format with residue numbers, as `clustalo --outfmt=clustal --resno` writes it. */
export function alignmentOf(regions: readonly SeqRegion[]): string {
  const rows = regions.map((region) => ({ name: region.unique_entry_id, protein: proteinOf(region) }));
  const columns = Math.max(0, ...rows.map(({ protein }) => protein.length));
  const nameWidth = Math.max(0, ...rows.map(({ name }) => name.length)) + 6;
  const lines = ['CLUSTAL O(1.2.4) multiple sequence alignment', '', ''];
  for (let from = 0; from < columns; from += WIDTH) {
    for (const { name, protein } of rows) {
      const shown = protein.padEnd(columns, '-').slice(from, from + WIDTH);
      lines.push(`${name.padEnd(nameWidth)}${shown}\t${Math.min(protein.length, from + WIDTH)}`);
    }
    lines.push('');
  }
  return `${lines.join('\n')}\n`;
}

export function seqInfoOf(
  regions: readonly SeqRegion[],
): Record<string, { readonly embedded_variants: readonly object[] }> {
  return Object.fromEntries(
    regions.map((region) => {
      const length = proteinOf(region).length;
      const variants = region.variant_ids.map((id) => ({
        genomic_variant_id: id,
        alignment_start_pos: 1 + (murmur3(id) % length),
      }));
      return [region.unique_entry_id, { embedded_variants: variants }];
    }),
  );
}

function proteinOf(region: SeqRegion): string {
  const bases = region.cds_seq_regions.reduce((sum, coding) => sum + lengthOf(coding), 0);
  const length = Math.min(2_000, Math.max(1, Math.floor(bases / 3)));
  const residue = (at: number): string =>
    RESIDUES.charAt(murmur3(`${region.seq_id}:${region.base_seq_name}:${at}`) % RESIDUES.length);
  return `M${Array.from({ length: length - 1 }, (_, at) => residue(at)).join('')}`;
}

function lengthOf(region: SeqRegion['cds_seq_regions'][number]): number {
  const [start, end] = typeof region === 'string' ? region.split('..') : [region['start'], region['end']];
  const length = Math.abs(Number(end) - Number(start)) + 1;
  return Number.isFinite(length) ? length : 0;
}

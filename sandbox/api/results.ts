import { murmur3 } from '../../flags';
import type { SeqRegion } from './seq-region';

/*
 * What the containers would have written: made from the input alone, so that both backends give the same result for the
 * same job, as the pipeline must. The residues are invented, the lengths follow the coding regions.
 */
const RESIDUES = 'ACDEFGHIKLMNPQRSTVWY';
const WIDTH = 60;

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

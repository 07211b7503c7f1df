import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { FAILURE_TEST_SEQ_ID } from '../api/job-view';
import type { SeqRegion } from '../api/seq-region';

const FASTA = 'https://s3.amazonaws.com/agrjbrowse/fasta/GCF_000002985.6_WBcel235_genomic.fna.gz';

/** Transcripts in the manner of C. elegans: realistic names, chromosomes and sizes, exons in transcript order. */
const transcripts: readonly Omit<SeqRegion, 'unique_entry_id' | 'variant_ids'>[] = [
  transcript('C54H2.5.1', 'X', '-', ['5780644..5780722', '5780278..5780585', '5779920..5780204', '5778875..5779453']),
  transcript('C42D8.8a.1', 'X', '+', ['5112200..5112381', '5112655..5112910', '5113190..5113772', '5114020..5114449']),
  transcript('Y48G1C.9b.1', 'I', '-', ['148650..148812', '147001..147244', '145360..145599']),
  transcript('T26F2.2.1', 'V', '+', ['20811380..20811601', '20811950..20812210', '20812505..20812744']),
  transcript('K10C3.6a.1', 'I', '+', ['9410330..9410582', '9411020..9411344', '9412108..9412292']),
  transcript('R13A5.9.1', 'III', '-', ['7549220..7549402', '7548840..7549070', '7548201..7548612', '7547950..7548090']),
];

function transcript(name: string, chromosome: string, strand: '+' | '-', exons: readonly string[]) {
  return {
    base_seq_name: name,
    seq_id: chromosome,
    seq_strand: strand,
    exon_seq_regions: [...exons],
    cds_seq_regions: [...exons],
    fasta_file_url: FASTA,
  };
}

const VARIANTS = [
  'NC_003284.9:g.5780644G>A',
  'NC_003279.8:g.147102C>T',
  'NC_003283.11:g.20812000del',
  'NC_003281.10:g.7549001A>G',
];

/** The smallest job: one sequence without variants. */
export const minimalJob: readonly SeqRegion[] = [entry(0, 0, [])];

/** One that the regression fails on Step Functions. */
export const variantJob: readonly SeqRegion[] = [entry(0, 0, []), entry(0, 1, [VARIANTS[0]!])];

/** One with wrong input, so that it fails on every backend. */
export const mustFailJob: readonly SeqRegion[] = [{ ...entry(0, 0, []), seq_id: FAILURE_TEST_SEQ_ID }];

function entry(which: number, index: number, variants: readonly string[]): SeqRegion {
  const base = transcripts[which % transcripts.length]!;
  return {
    ...base,
    unique_entry_id: `${base.base_seq_name}-${index}`,
    variant_ids: [...variants],
    ...(variants.length > 0 ? { alt_seq_name_suffix: '_alt' } : {}),
  };
}

export interface JobMix {
  readonly seed: number;
  /** Of all jobs, 0 to 1: those with a variant. */
  readonly variantShare: number;
  /** Of all jobs, 0 to 1: those with wrong input. */
  readonly mustFailShare: number;
}

/** Jobs of one to four sequences without end; one seed always gives the same ones in the same order. */
export function* sampleJobs(mix: JobMix): Generator<readonly SeqRegion[], never> {
  const random = xoroshiro128plus(mix.seed);
  const chance = (share: number): boolean => uniformInt(random, 0, 999_999) < share * 1_000_000;
  for (;;) {
    const which = uniformInt(random, 0, transcripts.length - 1);
    const size = uniformInt(random, 1, 4);
    const variant = VARIANTS[uniformInt(random, 0, VARIANTS.length - 1)]!;
    const withVariant = chance(mix.variantShare);
    const faulty = chance(mix.mustFailShare);
    const regions = Array.from({ length: size }, (_, index) =>
      entry(which + index, index, withVariant && index === size - 1 ? [variant] : []),
    );
    yield faulty ? regions.map((region) => ({ ...region, seq_id: FAILURE_TEST_SEQ_ID })) : regions;
  }
}

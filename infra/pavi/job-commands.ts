/**
 * The commands of the three kinds of job. Both images contain bash and the AWS CLI beside their own programs. The texts are
 * constants: data comes in environment variables, so no input can become part of a command.
 */
const bash = (lines: readonly string[]): readonly string[] => ['bash', '-euo', 'pipefail', '-c', lines.join('\n')];

/** EX_DATAERR of sysexits.h: the input is wrong, and a retry cannot help. */
export const BAD_INPUT_EXIT_CODE = 65;

/**
 * How `seq_retrieval.py` reports wrong input: click ends with 2 at an argument it cannot read, and pysam raises `KeyError:
 * "sequence 'X' not present"` for a sequence that is missing in the FASTA file.
 */
const tellBadInput = [
  '  || status=$?',
  'cat errors.txt >&2',
  'if [ "${status:-0}" -ne 0 ]; then',
  '  if [ "$status" -eq 2 ] || grep -q "KeyError: .*sequence .* not present" errors.txt; then',
  `    exit ${BAD_INPUT_EXIT_CODE}`,
  '  fi',
  '  exit "$status"',
  'fi',
];

/** Image `pipeline_seq_retrieval`: one protein sequence and what is known about its variants. */
export const retrieveSequence = bash([
  'cd "$(mktemp -d)"',
  'seq_retrieval.py --output_type protein --name "$NAME" --sequence_output_file sequence.fa \\',
  '  --seq_id "$SEQ_ID" --seq_strand "$SEQ_STRAND" --fasta_file_url "$FASTA_FILE_URL" \\',
  '  --exon_seq_regions "$EXON_SEQ_REGIONS" --cds_seq_regions "$CDS_SEQ_REGIONS" \\',
  '  --variant_ids "$VARIANT_IDS" --alt_seq_name_suffix "$ALT_SEQ_NAME_SUFFIX" 2> errors.txt \\',
  ...tellBadInput,
  'mv ./*-seqinfo.json seqinfo.json',
  'aws s3 cp . "$OUTPUT" --recursive --exclude "*" --include sequence.fa --include seqinfo.json',
]);

/** Image `pipeline_alignment`: all sequences of the execution in one alignment. */
export const alignSequences = bash([
  'cd "$(mktemp -d)"',
  'aws s3 cp "$WORK"sequences/ sequences --recursive --exclude "*" --include "*/sequence.fa"',
  'cat sequences/*/sequence.fa > alignment-input.fa',
  'clustalo -i alignment-input.fa --outfmt=clustal --resno -o alignment-output.aln',
  'aws s3 cp alignment-output.aln "$RESULTS"',
]);

/** Image `pipeline_seq_retrieval`: positions of the variants in the alignment. */
export const collectResults = bash([
  'cd "$(mktemp -d)"',
  'aws s3 cp "$WORK"sequences/ sequences --recursive --exclude "*" --include "*/seqinfo.json"',
  'aws s3 cp "$RESULTS"alignment-output.aln alignment-output.aln',
  'set -- sequences/*/seqinfo.json',
  'seq_info_align.py --sequence-info-files "$*" --alignment-result-file alignment-output.aln',
  'aws s3 cp aligned_seq_info.json "$RESULTS"',
]);

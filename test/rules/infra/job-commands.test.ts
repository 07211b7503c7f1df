import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BAD_INPUT_EXIT_CODE, retrieveSequence } from '../../../infra/pavi/job-commands';

/** Runs the container's command with other programs in place of the image's. */
function run(seqRetrieval: string): number | null {
  const programs = mkdtempSync(join(tmpdir(), 'job-'));
  const program = (name: string, text: string): void =>
    writeFileSync(join(programs, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  program('seq_retrieval.py', seqRetrieval);
  program('aws', 'exit 0');
  const [command = '', ...args] = retrieveSequence;
  const names = ['NAME', 'SEQ_ID', 'SEQ_STRAND', 'FASTA_FILE_URL', 'EXON_SEQ_REGIONS', 'CDS_SEQ_REGIONS'];
  const input = [...names, 'VARIANT_IDS', 'ALT_SEQ_NAME_SUFFIX', 'OUTPUT'].map((name) => [name, 'x'] as const);
  const env = { ...Object.fromEntries(input), PATH: `${programs}:${process.env['PATH']}` };
  const { status } = spawnSync(command, args, { env, stdio: 'ignore' });
  rmSync(programs, { recursive: true });
  return status;
}

const NOT_THERE = `echo "KeyError: \\"sequence 'FAILURE_TEST_SEQ_ID' not present\\"" >&2`;

describe('retrieveSequence', () => {
  it.each([
    ['a sequence that is not in the FASTA file', `${NOT_THERE}; exit 1`, BAD_INPUT_EXIT_CODE],
    ['an argument that cannot be read', 'exit 2', BAD_INPUT_EXIT_CODE],
    ['any other failure', 'echo "OSError: no space left" >&2; exit 1', 1],
    ['a success, whatever it wrote', `${NOT_THERE}; touch x-seqinfo.json; exit 0`, 0],
  ])('ends at %s', (_name, program, status) => expect(run(program)).toBe(status));
});

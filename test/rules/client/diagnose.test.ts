import { stripVTControlCharacters } from 'node:util';
import { told } from '../../../client/inspect/diagnose';
import type { Cause, Diagnosis } from '../../../rules/diagnosis/diagnosis';
import { diagnosisLine } from '../../../rules/diagnosis/diagnosis';

const NIGHT_MS = Date.UTC(2026, 10, 23, 3);
const look = { call: 'HeadBucket', where: 'files', found: 'missing' };
const cause: Cause = {
  ...{ trouble: 's3-access-denied', id: 'bucket-missing', cause: 'the bucket files does not exist', remedy: 'make it' },
  evidence: [{ source: 'HeadBucket', where: 'files', atMs: NIGHT_MS, says: '404 Not\u001b[31m Found' }],
};
const diagnosis = (changes: Partial<Diagnosis> = {}): Diagnosis => ({
  ...{ atMs: NIGHT_MS, sinceMs: NIGHT_MS - 86_400_000, causes: [cause], looks: [look], logs: [] },
  ...changes,
});
const text = (changes: Partial<Diagnosis> = {}) =>
  stripVTControlCharacters(told('pavi prod', diagnosis(changes), 'UTC'));

describe('the words of a diagnosis', () => {
  it('say cause, remedy, evidence, log lines and what was looked at, in this order', () => {
    const logs = [{ group: '/aws/batch/job', lines: [{ atMs: NIGHT_MS, text: 'Access Denied' }] }];
    expect(text({ logs })).toBe(`pavi prod: one likely cause.

1. No access to S3: the bucket files does not exist
   → make it
   seen: 404 Not [31m Found (Mon 23 Nov 03:00:00 UTC, HeadBucket of files)

Log /aws/batch/job:
   Mon 23 Nov 03:00:00 UTC Access Denied

Read, back to Sun 22 Nov 03:00:00 UTC:
   HeadBucket files: missing`);
  });

  const unknown: Cause = { ...cause, trouble: 'unknown', id: 'execution-failed-unknown' };
  const failed = { ...look, failed: true };
  it.each([
    ['nothing wrong', { causes: [] }, 'nothing that was read is out of order.'],
    ['two causes', { causes: [cause, { ...cause, id: 'other' }] }, '2 likely causes.'],
    ['an unknown one', { causes: [unknown] }, 'something fails, and the cause is unknown.'],
    ['a look that failed', { looks: [look, failed] }, 'one likely cause. 1 of 2 reads failed, so there may be more.'],
    ['no look at all', { causes: [], looks: [failed] }, 'every read failed, so nothing is known.'],
  ] as const)('begin with the sum: %s', (_what, changes, sum) => {
    expect(text(changes as Partial<Diagnosis>).split('\n')[0]).toBe(`pavi prod: ${sum}`);
  });

  it('fit into one line for a notification', () => {
    const { causes } = diagnosis();
    expect(diagnosisLine(diagnosis())).toBe('likely cause: the bucket files does not exist');
    expect(diagnosisLine(diagnosis({ causes: [...causes, unknown] }))).toBe(
      'likely cause: the bucket files does not exist; and execution-failed-unknown',
    );
    expect(diagnosisLine(diagnosis({ causes: [], looks: [look, failed] }))).toBe(
      'no cause found in 2 checks (1 of 2 checks failed)',
    );
  });
});

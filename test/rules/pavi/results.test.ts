import fc from 'fast-check';
import { judgePaviResults, type PaviResults } from '../../../pavi/results';
import { alignmentOf, seqInfoOf } from '../../../sandbox/api/results';
import type { SeqRegion } from '../../../sandbox/api/seq-region';
import { sampleJobs } from '../../../sandbox/pipeline/sample-jobs';

const resultsOf = (job: readonly SeqRegion[]): PaviResults => ({
  alignment: alignmentOf(job),
  seqInfo: JSON.stringify(seqInfoOf(job)),
});
const aJob = fc.tuple(fc.integer({ min: 0, max: 500 }), fc.nat({ max: 20 })).map(([seed, skip]) => {
  const jobs = sampleJobs({ seed, variantShare: 0.5, mustFailShare: 0 });
  for (let i = 0; i < skip; i += 1) jobs.next();
  return jobs.next().value;
});

it('results of a job are good by themselves, by what it was submitted with, and by golden ones that are equal', () => {
  fc.assert(
    fc.property(aJob, (job) => {
      const results = resultsOf(job);
      for (const expected of [{}, { job }, { golden: results }])
        expect(judgePaviResults(results, expected)).toMatchObject({ ok: true });
    }),
  );
});

it('the golden results of PAVI are good: names of sequences are not the ids of entries there', () => {
  const results: PaviResults = {
    alignment:
      'CLUSTAL O(1.2.4) multiple sequence alignment\n\n\napl-1_C42D8.8a.1_yn32  MTV-GK\t5\nmgl-1_ZC506.4a.1       ------\t0\n',
    seqInfo: JSON.stringify({
      'apl-1_C42D8.8a.1_yn32': { embedded_variants: [] },
      'mgl-1_ZC506.4a.1': {},
      'hyls-1_C05C8.9b.1_tm3067': { error: 'Reference start codon is different' },
    }),
  };
  const entries = [
    { unique_entry_id: '002_apl-1_C42D8.8a.1_yn32', base_seq_name: 'apl-1_C42D8.8a.1' },
    { unique_entry_id: '006_mgl-1_ZC506.4a.1', base_seq_name: 'mgl-1_ZC506.4a.1' },
  ];
  expect(judgePaviResults(results, { job: entries })).toEqual({ ok: true, why: 'with both results' });
});

it('results that end early are never good beside the golden ones', () => {
  fc.assert(
    fc.property(aJob, fc.nat(), fc.nat(), (job, a, b) => {
      const whole = resultsOf(job);
      const seqInfo = whole.seqInfo.slice(0, a % whole.seqInfo.length);
      expect(judgePaviResults({ ...whole, seqInfo }, {}).ok).toBe(false);
      const alignment = whole.alignment.slice(0, b % whole.alignment.trimEnd().length);
      const golden = judgePaviResults({ ...whole, alignment }, { golden: whole });
      expect(golden.ok).toBe(false);
    }),
  );
});

it('results of another job are not those of this one', () => {
  fc.assert(
    fc.property(aJob, aJob, (one, other) => {
      const ids = (job: readonly SeqRegion[]): string =>
        job
          .map(({ unique_entry_id: id }) => id)
          .sort()
          .join();
      // Of the same transcripts under other ids only golden results would tell.
      fc.pre(!one.every(({ base_seq_name: base }) => other.some((entry) => entry.base_seq_name === base)));
      expect(judgePaviResults(resultsOf(other), { job: one })).toMatchObject({ ok: false });
      expect(judgePaviResults(resultsOf(other), { golden: resultsOf(one) })).toMatchObject({ ok: false });
      fc.pre(ids(one) !== ids(other));
      const mixed = { alignment: resultsOf(one).alignment, seqInfo: resultsOf(other).seqInfo };
      expect(judgePaviResults(mixed, {})).toMatchObject({ ok: false });
    }),
  );
});

it.each<[string, Partial<PaviResults>, RegExp]>([
  ['an empty alignment', { alignment: '' }, /alignment is empty/],
  ['only spaces', { alignment: ' \n\n' }, /alignment is empty/],
  [
    'no sequence',
    { alignment: 'CLUSTAL O(1.2.4) multiple sequence alignment\n\n\n' },
    /truncated, or contains other text/,
  ],
  ['an HTML page', { alignment: '<!doctype html><html><body>502</body></html>' }, /not a CLUSTAL alignment: <!doctype/],
  ['an error in JSON', { alignment: '{"detail":"File not found."}' }, /not a CLUSTAL alignment/],
  ['a page after the alignment', { alignment: 'CLUSTAL\n\none  MFC\n<html>error</html>\n' }, /contains other text/],
  ['rows of different lengths', { alignment: 'CLUSTAL\n\none  MFCDC\ntwo  MFC\n' }, /is incomplete: .*3, 5 columns/],
  ['empty sequence info', { seqInfo: '' }, /sequence info is empty/],
  ['no JSON', { seqInfo: '<html>' }, /not a JSON object/],
  ['a list', { seqInfo: '[]' }, /not a JSON object/],
  ['null', { seqInfo: 'null' }, /not a JSON object/],
  ['no sequences in it', { seqInfo: '{}' }, /names no sequence/],
  ['an error with 200', { seqInfo: '{"detail":"Internal Server Error"}' }, /of different jobs/],
])('%s is no result', (_what, changes, why) => {
  const good: PaviResults = { alignment: 'CLUSTAL\n\none  MFC\n', seqInfo: '{"one":{}}' };
  expect(judgePaviResults(good, {})).toMatchObject({ ok: true });
  expect(judgePaviResults({ ...good, ...changes }, {})).toEqual({ ok: false, why: expect.stringMatching(why) });
});

import { parseJob } from '../../../sandbox/api/seq-region';
import { minimalJob, mustFailJob, sampleJobs, variantJob, type JobMix } from '../../../sandbox/pipeline/sample-jobs';

const first = (count: number, mix: JobMix): (typeof minimalJob)[] => {
  const jobs = sampleJobs(mix);
  return Array.from({ length: count }, () => jobs.next().value);
};
const mix: JobMix = { seed: 7, variantShare: 0.4, mustFailShare: 0.1 };

it('gives the same jobs for a seed, and others for another', () => {
  expect(first(100, mix)).toEqual(first(100, mix));
  expect(first(100, mix)).not.toEqual(first(100, { ...mix, seed: 8 }));
});

it('gives only jobs the API takes, with an id of its own for each sequence', () => {
  for (const job of [minimalJob, variantJob, mustFailJob, ...first(200, mix)]) {
    expect(parseJob(job)).toEqual({ ok: true, regions: job });
    expect(new Set(job.map(({ unique_entry_id }) => unique_entry_id)).size).toBe(job.length);
  }
});

it.each([0, 0.4, 1])('keeps to a share of %f', (share) => {
  const jobs = first(2_000, { seed: 1, variantShare: share, mustFailShare: share });
  const withVariant = jobs.filter((job) => job.some(({ variant_ids }) => variant_ids.length > 0)).length;
  const faulty = jobs.filter((job) => job[0]!.seq_id === mustFailJob[0]!.seq_id).length;
  for (const count of [withVariant, faulty]) expect(Math.abs(count / jobs.length - share)).toBeLessThanOrEqual(0.05);
});

import type { MockCase } from '../pipeline/mock-responses';
import { isFaulty } from './job-view';
import type { SeqRegion } from './seq-region';

/**
 * A fault of the new backend alone, switched on while a rollout runs: every job with a variant fails in its alignment. It
 * depends on the content of the job, so that the same job always ends the same way.
 */
export class Regression {
  on = false;

  /** What the containers will do with this job; the emulator gets it when the execution starts. */
  caseOf(regions: readonly SeqRegion[]): MockCase {
    if (isFaulty(regions)) return 'retrieval-fails';
    return this.on && regions.some(({ variant_ids }) => variant_ids.length > 0) ? 'alignment-fails' : 'succeeds';
  }
}

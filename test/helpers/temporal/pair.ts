import { Worker, type WorkerOptions } from '@temporalio/worker';
import { PATIENCE } from '../../../worker/bundle';
import { WorkerPair } from '../../../worker/pair';
import { TASK_QUEUE, ZERO_QUEUE } from '../../../workflows/messages';

type Options = Omit<WorkerOptions, 'taskQueue'>;

/** A worker as in production, with activities and options of a test. */
export async function createPair({ workflowBundle, ...options }: Options): Promise<WorkerPair> {
  const [rollouts, zero] = await Promise.all([
    Worker.create({ ...options, ...PATIENCE, workflowBundle, taskQueue: TASK_QUEUE }),
    Worker.create({ ...options, taskQueue: ZERO_QUEUE }),
  ]);
  return new WorkerPair(rollouts, zero);
}

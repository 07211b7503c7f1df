import { sleep } from '@temporalio/workflow';
import * as workflows from '../../../workflows';
import type { RolloutInput } from '../../../workflows/messages';

export * from '../../../workflows';

/**
 * A rollout that first waits for a moment. The history of one that started with other code differs: its task fails at every
 * try.
 */
export async function rollout(input: RolloutInput): ReturnType<typeof workflows.rollout> {
  await sleep(1);
  return workflows.rollout(input);
}

import { sleep } from '@temporalio/workflow';
import * as workflows from '../../../workflows';
import type { RolloutInput } from '../../../workflows/messages';

export * from '../../../workflows';

/** A rollout that waits for a moment first. For one that began with other code the history tells otherwise: its task fails at every try. */
export async function rollout(input: RolloutInput): ReturnType<typeof workflows.rollout> {
  await sleep(1);
  return workflows.rollout(input);
}

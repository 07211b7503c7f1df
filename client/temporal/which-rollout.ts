import { rolloutWorkflowId } from '../../workflows/messages';
import type { Temporal } from './connect';
import { CliError } from '../terminal/cli-error';
import { listRollouts } from './list-rollouts';

export interface Which {
  readonly service: string;
  readonly environment: string;
  readonly workflowId: string;
}

/** The rollout of the environment; without an environment, the only one that runs. */
export async function whichRollout(
  service: string,
  environment: string | undefined,
  connected: () => Promise<Temporal>,
): Promise<Which | undefined> {
  const of = (name: string): Which => ({ service, environment: name, workflowId: rolloutWorkflowId(service, name) });
  if (environment !== undefined) return of(environment);
  const rows = await listRollouts(await connected(), false);
  const running = rows.filter((row) => row.workflowId === of(row.environment).workflowId);
  const [only] = running;
  if (only === undefined) return undefined;
  if (running.length === 1) return of(only.environment);
  const names = running.map((row) => row.environment).join(', ');
  throw new CliError(2, `Several rollouts of ${service} are running. Name the environment: ${names}.`);
}

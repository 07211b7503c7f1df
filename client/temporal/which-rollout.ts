import { rolloutWorkflowId } from '../../workflows/messages';
import type { Temporal } from './connect';
import { Failure } from '../terminal/failure';
import { listRollouts } from './list-rollouts';
import type { CommonOptions } from '../options';
import { serviceOf } from '../input/plan-file';

export interface Which {
  readonly service: string;
  readonly environment: string;
  readonly workflowId: string;
}

/** A function that names the rollout meant: the one of the environment, or, without one, the only one that runs. */
export function whichRollout(
  environment: string | undefined,
  options: CommonOptions,
): (temporal: Temporal) => Promise<Which | undefined> {
  // The plan is read before anything is connected, so that wrong usage is told even without a server.
  const service = serviceOf(environment, options);
  const of = (name: string): Which => ({ service, environment: name, workflowId: rolloutWorkflowId(service, name) });
  if (environment !== undefined) return () => Promise.resolve(of(environment));
  return async (temporal) => {
    const ids = (await listRollouts(temporal, false)).filter(
      (row) => row.workflowId === of(row.environment).workflowId,
    );
    const only = ids[0];
    if (only === undefined) return undefined;
    if (ids.length === 1) return of(only.environment);
    const names = ids.map((row) => row.environment).join(', ');
    throw new Failure(2, `Several rollouts of ${service} are running. Name the environment: ${names}.`);
  };
}

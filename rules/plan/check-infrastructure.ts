import { durationMs } from './duration';
import { listAt, valueAt, type Finding } from './problems/plan-problem';

/** Every stack is monitored after the one before it: all of that has to fit into the time of a deployment. */
export function infrastructureFindings(raw: unknown): readonly Finding[] {
  const at = (name: string): number | undefined => {
    const value = valueAt(raw, ['infrastructure', name]);
    return typeof value === 'string' ? durationMs(value) : undefined;
  };
  const [monitorMs, atMostMs = DEFAULT_DEPLOYMENT_MS] = [at('monitor'), at('atMost')];
  const stacks = Math.max(1, listAt(raw, ['infrastructure', 'stacks']).length);
  if (monitorMs === undefined || monitorMs * stacks < atMostMs) return [];
  const problem = `leaves no time to deploy: ${stacks} × monitor is as long as atMost, or longer`;
  return [{ path: ['infrastructure', 'monitor'], problem, remedy: 'write a shorter monitor, or a longer atMost' }];
}

/** Of `infrastructure.atMost` when nothing is written. */
export const DEFAULT_DEPLOYMENT_MS = 4 * 3_600_000;

import { rolloutWorkflowId } from '../workflows/messages';
import { effect, sent, told } from './act';
import { verdictOf } from './act-verdict';
import { actor } from './actor';
import { withTemporal } from './connect';
import type { ExitCode } from './failure';
import { findRollout } from './find-rollout';
import type { CommandOptions } from './options';
import { readPlan } from './plan-file';
import { startWorkflow } from './start';

/**
 * `rollout rollback <env> --to flag`: "Fastest rollback - disable Step Functions for new jobs". A running rollout is aborted;
 * what an ended one has left is put to 0 by a rollout that does nothing else. Waits until 0 % is confirmed.
 */
export function rollback(environment: string, options: CommandOptions): Promise<ExitCode> {
  const { plan } = readPlan(environment, options);
  const by = actor(options.by);
  const why = options.reason === undefined ? {} : { reason: options.reason };
  const which = { service: plan.service, environment, workflowId: rolloutWorkflowId(plan.service, environment) };
  return withTemporal<ExitCode>(options, async (temporal) => {
    const before = await findRollout(temporal, which.workflowId);
    const aborted = before?.running === true && (await sent(temporal, 'abort', which, { by, ...why }));
    if (!aborted) await startWorkflow(temporal, { plan, startedBy: by, backToZero: true, ...why }, options);
    const after = await effect(temporal, 'abort', which, options);
    return told(temporal, after, { verb: 'abort', sent: true, ...verdictOf('abort', after) }, options);
  });
}

import type { DeploymentLook } from '../../../rules/stacks/deployed-state';

/** A read of one stack that is as it was deployed, and has passed its verification unless it says otherwise. */
export function lookOf(
  template: string,
  changes: { readonly passed?: boolean; readonly state?: string } = {},
): DeploymentLook {
  const { passed = true, state = template } = changes;
  const run = { atMs: 1, workflowId: 'w', runId: 'r', template };
  return {
    record: {
      schema: 1,
      deployed: { ...run, by: 'ada', nextTemplates: {}, states: { S: template } },
      verified: { ...run, by: 'bob', passed, why: passed ? 'all parts' : 'health failed' },
    },
    stacks: [{ name: 'S', status: 'UPDATE_COMPLETE', state }],
  };
}

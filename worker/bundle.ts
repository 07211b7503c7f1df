import { bundleWorkflowCode, type BundleOptions } from '@temporalio/worker';

/** What everything that runs or replays our workflows bundles. */
export const WORKFLOWS = {
  workflowsPath: require.resolve('../workflows'),
  payloadConverterPath: require.resolve('../workflows/boundary/payload-converter'),
  failureConverterPath: require.resolve('../workflows/boundary/failure-converter'),
  workflowInterceptorModules: [require.resolve('../workflows/boundary/boundary')],
} as const;

/** For what is converted outside of workflows: an activity whose order cannot be read is to fail. */
export const DATA_CONVERTER = { failureConverterPath: WORKFLOWS.failureConverterPath } as const;

/** @param more Other workflows, in a test, or where to log. */
export const bundleWorkflows = (more: Partial<BundleOptions> = {}) =>
  bundleWorkflowCode({ ...WORKFLOWS, workflowInterceptorModules: [...WORKFLOWS.workflowInterceptorModules], ...more });

import { bundleWorkflowCode, type BundleOptions } from '@temporalio/worker';

/** The bundle options of everything that runs or replays our workflows. */
export const WORKFLOWS = {
  workflowsPath: require.resolve('../workflows'),
  payloadConverterPath: require.resolve('../workflows/boundary/payload-converter'),
  failureConverterPath: require.resolve('../workflows/boundary/failure-converter'),
  workflowInterceptorModules: [require.resolve('../workflows/boundary/boundary')],
} as const;

/** For conversions outside workflows: an activity with an unreadable input must fail. */
export const DATA_CONVERTER = { failureConverterPath: WORKFLOWS.failureConverterPath } as const;

/** @param more Other workflows for a test, or a logger. */
export const bundleWorkflows = (more: Partial<BundleOptions> = {}) =>
  bundleWorkflowCode({ ...WORKFLOWS, workflowInterceptorModules: [...WORKFLOWS.workflowInterceptorModules], ...more });

/** The parts of a verification, in order. */
export const PARTS = [
  'health',
  'deployment-status',
  'bad-input',
  'test-job',
  'step-functions',
  'failing-job',
  'alarms',
  'dashboard',
] as const;

export type PartName = (typeof PARTS)[number];

/** What a verification looks at, in its order. */
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

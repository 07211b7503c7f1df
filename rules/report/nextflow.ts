import type { NextflowRollback } from '../nextflow/nextflow';

const MARKS = { open: '·', running: '…', done: '✓', failed: '✗' } as const;

/** Markdown, one line for each step. */
export function describeRollback({ service, environment, by, reason, steps }: NextflowRollback): string {
  const title = `**${service} ${environment}: back to Nextflow**, by ${by}: ${reason}`;
  return [title, '', ...steps.map(({ step, state, why }) => `- ${MARKS[state]} ${step}: ${why}`)].join('\n');
}

import type { FallbackRollback } from '../fallback/fallback';

const MARKS = { open: '·', running: '…', done: '✓', failed: '✗' } as const;

/** Markdown, one line for each step. */
export function describeRollback({ service, environment, to, by, reason, steps }: FallbackRollback): string {
  const title = `**${service} ${environment}: back to ${to}**, by ${by}: ${reason}`;
  return [title, '', ...steps.map(({ step, state, why }) => `- ${MARKS[state]} ${step}: ${why}`)].join('\n');
}

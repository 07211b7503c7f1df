import { singleLine } from '../format';
import type { Part, PartState, Verification } from '../verification/verification';

const MARKS: Readonly<Record<PartState, string>> = {
  open: '·',
  running: '…',
  passed: '✓',
  failed: '✗',
  'not-verified': '?',
  'left-out': '–',
};
const SAID: Readonly<Partial<Record<PartState, string>>> = {
  'not-verified': 'not verified: ',
  'left-out': 'left out: ',
};

export const partLine = ({ part, state, why }: Part): string =>
  `${MARKS[state]} ${part}: ${SAID[state] ?? ''}${singleLine(why)}`;

/** Markdown, one line for each part, with its differences below. */
export function describeVerification(verification: Verification): string {
  const { service, environment, by, reason, parts, outcome, why, notes } = verification;
  const title = `**${service} ${environment}: verification**, by ${by}${reason === undefined ? '' : `: ${singleLine(reason)}`}`;
  const lines = parts.flatMap((part) => [
    `- ${partLine(part)}`,
    ...(part.differences ?? []).map((difference) => `  - ${singleLine(difference)}`),
  ]);
  const end = outcome === undefined ? [] : ['', `**${outcome}**: ${singleLine(why ?? '')}`];
  return [title, '', ...lines, ...end, ...notes.map((note) => `- Note: ${singleLine(note)}`)].join('\n');
}

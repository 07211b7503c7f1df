import { escapeMarkdown } from '../../format';
import { describeStatus } from '../rollout';
import { describeDeployment } from '../deployment';
import { describeVerification } from '../verification';
import { DECISION_COLUMNS, decisionCells } from './course';
import type { RolloutReport } from './report';
import { courseWords } from './staircase';
import { intervalWords, limitWords, measuredWords } from './tile';
import { NOT_KNOWN } from './times';

/** The report for a chat, a ticket or a terminal. */
export function reportMarkdown(report: RolloutReport): string {
  const { status, asOfMs, zone, deployment, verification, notKnown, next } = report;
  return [
    describeStatus(status, asOfMs, zone, 'still'),
    `**Next:** ${escapeMarkdown(next.why)}\n\n    ${next.command}`,
    `**Percentage over time**\n\n${escapeMarkdown(courseWords(report))}`,
    section(
      'Guards and alarms',
      ['Name', 'Outcome', 'Value', 'Limit', 'Interval', 'Samples', 'Why'],
      guardRows(report),
    ),
    section('Who did what, when and why', DECISION_COLUMNS, decisionCells(report)),
    deployment === undefined ? '' : describeDeployment(deployment, asOfMs, zone),
    verification === undefined ? '' : describeVerification(verification),
    notKnown.length === 0
      ? ''
      : ['**Not known**', '', ...notKnown.map((line) => `- ${escapeMarkdown(line)}`)].join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

const guardRows = ({ guards }: RolloutReport): readonly (readonly string[])[] =>
  guards.map(({ name, now, values, planned }) => {
    const measured = now?.measured ?? values.at(-1);
    const figures =
      measured === undefined
        ? [planned?.hasValue === false ? '' : NOT_KNOWN, planned?.limit ?? NOT_KNOWN, '']
        : [measuredWords(measured), limitWords(measured), intervalWords(measured)];
    const samples = now?.samples === undefined ? '' : `${now.samples.seen} of ${now.samples.wanted}`;
    return [name, now?.outcome ?? NOT_KNOWN, ...figures, samples, now?.why ?? ''];
  });

function section(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const row = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  return [`**${title}**`, '', row(columns), `|${columns.map(() => ' --- ').join('|')}|`, ...rows.map(row)].join('\n');
}

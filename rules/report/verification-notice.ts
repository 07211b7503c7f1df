import { inTheWay, type Verification } from '../verification/verification';
import { formatTime, singleLine } from '../format';
import type { Notice } from '../notify/notice';
import { titleOf } from '../notify/notice';
import { pasted } from './commands';
import { helpLine } from './rollout-notice';
import { partLine } from './verification';

/** What a notice contains besides the findings. */
export interface Circumstances {
  readonly workflowId: string;
  readonly contact?: string;
  readonly nowMs: number;
  /** IANA name of the zone for the times. */
  readonly zone: string;
}

/** Notices are read on a phone: the first differences of each part are enough. */
const DIFFERENCES_TOLD = 3;

/** A notice for a failed verification. A passed one is reported by its deployment. */
export function verificationNotices(verification: Verification, around: Circumstances): readonly Notice[] {
  return verification.outcome === 'failed' ? [failedNotice(verification, around)] : [];
}

function failedNotice(verification: Verification, { workflowId, contact, nowMs, zone }: Circumstances): Notice {
  const { service, environment, template, by, why = '', notes } = verification;
  const bad = inTheWay(verification);
  const of = template === undefined ? '' : ` of template ${template}`;
  const commands = [
    pasted(`rollout diagnose ${environment}`),
    pasted(`rollout verify ${environment}`),
    pasted(`rollout rollback ${environment} --to infra`),
  ] as const;
  const [diagnose, verify, back] = commands;
  const lines = [
    `${service} ${environment}: the verification${of} FAILED, started by ${singleLine(by)}.`,
    ...(bad.length === 0 ? [singleLine(why)] : bad.flatMap(partLines)),
    ...notes.map(singleLine),
    'The deployment stays in place, but no rollout may use it until it is verified.',
    `What to do: ${diagnose}; ${verify} again; ${back}`,
    ...helpLine(contact),
    `${workflowId}, ${formatTime(nowMs, zone, nowMs)}`,
  ];
  const title = titleOf(
    `${service} ${environment}: THE VERIFICATION FAILED: ${bad.map(({ part }) => part).join(', ')}`,
  );
  const about = { service, environment, workflowId, atMs: nowMs, commands, links: [] };
  return { kind: 'verification-failed', key: 'verification-failed', title, text: lines.join('\n'), about };
}

const partLines = (part: Verification['parts'][number]): readonly string[] => [
  partLine(part),
  ...(part.differences ?? []).slice(0, DIFFERENCES_TOLD).map((difference) => `  ${singleLine(difference)}`),
];

import { commandsOf, pasted } from './commands';
import { ticksHook } from './waits';
import type { BriefDiagnosis } from '../diagnosis/brief';
import { headline, joined } from './rollout-headline';
import type { RolloutStatus } from '../rollout/status/status';
import { formatTime, percent, singleLine, unescaped } from '../format';
import type { NoticeEvent } from '../notify/due';
import type { Notice, NoticeKind } from '../notify/notice';
import { titleOf } from '../notify/notice';

/**
 * The notice for an event, written for a phone: what happened, why, what to do, whom to ask.
 * @param zone IANA name of the zone for the times.
 */
export function noticeOf(occasion: NoticeEvent, status: RolloutStatus, nowMs: number, zone: string): Notice {
  const { service, environment, workflowId, contact, percentage } = status;
  const commands = commandsFor(status);
  const lines = [
    unescaped(headline(status, nowMs, zone, 'still')),
    ...urgent(occasion.kind, status),
    ...(commands.length === 0 ? [] : [`You can: ${commands.join(', ')}`]),
    ...diagnosisLines(status.diagnosis),
    ...helpLine(contact),
    `${workflowId}, ${formatTime(nowMs, zone, nowMs)}`,
  ];
  return {
    ...occasion,
    title: titleOf(`${service} ${environment}: ${TITLES[occasion.kind](status)}`),
    text: lines.join('\n'),
    about: { service, environment, workflowId, atMs: nowMs, percentage, commands, links: [] },
  };
}

const awaited = (status: RolloutStatus): string => {
  if (status.phase !== 'checking') return 'approval';
  return status.wait?.verbs.some((verb) => ticksHook(verb, status)) === true ? 'a hook' : 'the checklist';
};
const to = ({ percentage }: RolloutStatus): string =>
  percentage === undefined ? ', percentage NOT KNOWN' : ` to ${percent(percentage)}`;
const ended = (status: RolloutStatus): string =>
  status.percentage === undefined ? ', percentage NOT KNOWN' : `, at ${percent(status.percentage)}`;
const undelivered = ({ outcome }: RolloutStatus): string | undefined =>
  outcome?.undelivered === true ? ', 0 % NOT DELIVERED' : undefined;

const TITLES: Readonly<Record<NoticeKind, (status: RolloutStatus) => string>> = {
  started: ({ startedBy }) => `rollout started by ${startedBy}`,
  raised: (status) => `raised${to(status)}`,
  waiting: (status) => `waits for ${awaited(status)}${joined(status)}`,
  held: (status) => `held${joined(status)}`,
  paused: (status) => `paused${joined(status)}`,
  overdue: (status) => `OVERDUE${joined(status)}`,
  'zero-not-confirmed': (status) => (delivers(status) ? '0 % IS NOT DELIVERED' : '0 % IS NOT CONFIRMED'),
  unwatched: () => 'the rollout is UNWATCHED',
  'rolling-back': (status) => `ROLLING BACK, 0 % is written${delivers(status) ? ', and not delivered yet' : ''}`,
  'rolled-back': (status) => `ROLLED BACK${undelivered(status) ?? to(status)}`,
  aborted: (status) => `aborted${undelivered(status) ?? ended(status)}`,
  completed: (status) => `completed${ended(status)}`,
  'deployment-waiting': () => 'a deployment waits',
  'deployment-failed': () => 'THE DEPLOYMENT FAILED',
  'deployment-done': () => 'deployed',
  'verification-failed': () => 'THE VERIFICATION FAILED',
};

/** Then the flag document already says 0 %. */
const delivers = ({ delivery }: RolloutStatus): boolean => delivery?.percentage === 0 && !delivery.done;

function urgent(kind: NoticeKind, status: RolloutStatus): readonly string[] {
  const { wait } = status;
  if (kind === 'zero-not-confirmed') {
    const manually = delivers(status) ? 'setting its environment variables' : 'writing the flag';
    return [`Jobs may still go to the new side. Retrying without limit. Try ${manually} manually.`];
  }
  if (kind === 'overdue' && wait !== undefined) return [`It has waited too long: ${singleLine(wait.why)}.`];
  return [];
}

/** Commands for the operator; none while the rollout continues automatically. */
function commandsFor(status: RolloutStatus): readonly string[] {
  const { wait, phase } = status;
  if (wait === undefined || wait.untilMs !== undefined || phase === 'starting') return [];
  return commandsOf(wait.verbs, status).map(pasted);
}

function diagnosisLines(diagnosis: BriefDiagnosis | undefined): readonly string[] {
  if (diagnosis === undefined) return [];
  const { line, causes, looked, logs } = diagnosis;
  return [
    `Diagnosis: ${singleLine(line)}`,
    ...causes.flatMap(({ cause, remedy, evidence }) => [
      `- ${singleLine(cause)} -> ${singleLine(remedy)}`,
      ...evidence.map((seen) => `  seen: ${singleLine(seen)}`),
    ]),
    ...looked.map((look) => `- checked: ${singleLine(look)}`),
    ...logs.map((said) => `- log: ${singleLine(said)}`),
  ];
}

export const helpLine = (contact: string | undefined): readonly string[] =>
  contact === undefined ? [] : [`Help: ${singleLine(contact)}`];

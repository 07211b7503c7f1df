import type { NoticeKind } from './notice';

/** What an incident is about: one of each may be open for a workflow, and a later notice updates or resolves it. */
type Trouble = 'held' | 'waiting' | 'zero' | 'unwatched' | 'rollback' | 'failed';
type Severity = 'critical' | 'error' | 'warning' | 'info';

/** One step in the life of an incident, in the words of PagerDuty's Events API v2. */
export type IncidentStep =
  | { readonly action: 'trigger'; readonly trouble: Trouble; readonly severity: Severity }
  | { readonly action: 'acknowledge' | 'resolve'; readonly trouble: Trouble };

/** The kinds that open an incident. */
const TRIGGERS: Readonly<
  Partial<Record<NoticeKind, { readonly trouble: Trouble; readonly severity: Severity; readonly asked?: true }>>
> = {
  held: { trouble: 'held', severity: 'warning' },
  overdue: { trouble: 'held', severity: 'warning' },
  'zero-not-confirmed': { trouble: 'zero', severity: 'critical' },
  unwatched: { trouble: 'unwatched', severity: 'critical' },
  'rolling-back': { trouble: 'rollback', severity: 'error' },
  'rolled-back': { trouble: 'rollback', severity: 'error' },
  'deployment-failed': { trouble: 'failed', severity: 'error' },
  'verification-failed': { trouble: 'failed', severity: 'error' },
  // Nobody is woken for an approval unless the plan asks for it.
  waiting: { trouble: 'waiting', severity: 'info', asked: true },
  'deployment-waiting': { trouble: 'waiting', severity: 'info', asked: true },
};

/** A pause shows that a person is at work. */
const ACKNOWLEDGES: Readonly<Partial<Record<NoticeKind, readonly Trouble[]>>> = { paused: ['held', 'waiting'] };

/** A rollback is resolved by people, or by the next rollout that completes: the id of the workflow is the same. */
const RESOLVES: Readonly<Partial<Record<NoticeKind, readonly Trouble[]>>> = {
  raised: ['held', 'waiting'],
  'rolling-back': ['held', 'waiting', 'zero', 'unwatched'],
  'rolled-back': ['held', 'waiting', 'zero', 'unwatched'],
  aborted: ['held', 'waiting', 'zero', 'unwatched'],
  completed: ['held', 'waiting', 'unwatched', 'rollback'],
  'deployment-done': ['held', 'waiting', 'failed'],
  'deployment-failed': ['held', 'waiting'],
};

/** The kinds that open an incident. Any other would never reach the channel. */
export const INCIDENT_KINDS = Object.keys(TRIGGERS) as readonly NoticeKind[];

/**
 * What a notice does to the incidents of its workflow, for a channel that asks for these events. A step without an open
 * incident changes nothing at PagerDuty, so nobody has to know which are open.
 */
export function incidentSteps(events: readonly NoticeKind[] | undefined, kind: NoticeKind): readonly IncidentStep[] {
  const opens = (one: NoticeKind): boolean =>
    events === undefined ? TRIGGERS[one]?.asked !== true : events.includes(one);
  const troubles = new Set(INCIDENT_KINDS.filter(opens).map((one) => TRIGGERS[one]?.trouble));
  const known = (trouble: Trouble): boolean => troubles.has(trouble);
  const trigger = opens(kind) ? TRIGGERS[kind] : undefined;
  return [
    ...(RESOLVES[kind] ?? []).filter(known).map((trouble) => ({ action: 'resolve' as const, trouble })),
    ...(ACKNOWLEDGES[kind] ?? []).filter(known).map((trouble) => ({ action: 'acknowledge' as const, trouble })),
    ...(trigger === undefined
      ? []
      : [{ action: 'trigger' as const, trouble: trigger.trouble, severity: trigger.severity }]),
  ];
}

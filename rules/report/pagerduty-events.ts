import { firstCharacters } from '../format';
import { type IncidentStep, incidentSteps } from '../notify/incidents';
import type { Notice, NoticeKind } from '../notify/notice';

/** What the Events API v2 takes, without the routing key: https://developer.pagerduty.com/docs/send-alert-event. */
export interface PagerDutyEvent {
  readonly event_action: IncidentStep['action'];
  /** The same for each event of one incident. */
  readonly dedup_key: string;
  readonly client?: string;
  readonly links?: readonly { readonly href: string; readonly text: string }[];
  readonly payload?: {
    readonly summary: string;
    readonly source: string;
    readonly severity: string;
    readonly timestamp?: string;
    readonly component?: string;
    readonly group?: string;
    readonly class: string;
    readonly custom_details: Readonly<Record<string, unknown>>;
  };
}

const LONGEST_SUMMARY = 1_024;
const LONGEST_KEY = 255;

/** A test opens an incident of its own, of the lowest severity, and resolves it. */
const TEST: readonly IncidentStep[] = [
  { action: 'trigger', trouble: 'waiting', severity: 'info' },
  { action: 'resolve', trouble: 'waiting' },
];

/** The events of a notice, in the order in which they are sent. Sent twice, they change nothing. */
export function pagerDutyEvents(notice: Notice, events: readonly NoticeKind[] | undefined): readonly PagerDutyEvent[] {
  const steps = notice.test === true ? TEST : incidentSteps(events, notice.kind);
  return steps.map((step) => eventOf(step, notice));
}

function eventOf(step: IncidentStep, notice: Notice): PagerDutyEvent {
  const { title, text, kind, key, about, test } = notice;
  const source = about?.workflowId ?? title;
  const event = {
    event_action: step.action,
    dedup_key: firstCharacters(`${source}/${test === true ? 'test' : step.trouble}`, LONGEST_KEY),
  };
  if (step.action !== 'trigger') return event;
  const { service, environment, atMs, percentage, commands = [], links = [] } = about ?? {};
  return {
    ...event,
    client: 'rollout',
    links: links.map((link) => ({ href: link.url, text: link.text })),
    payload: {
      summary: firstCharacters(title, LONGEST_SUMMARY),
      source,
      severity: step.severity,
      timestamp: atMs === undefined ? undefined : new Date(atMs).toISOString(),
      component: service,
      group: environment,
      class: kind,
      custom_details: { text, commands, percentage, key },
    },
  };
}

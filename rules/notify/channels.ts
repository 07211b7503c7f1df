import { incidentSteps } from './incidents';
import type { Channel, Link, Notice, NoticeKind } from './notice';

interface Told {
  readonly notify?: readonly Channel[];
}

export function channelsFor({ notify = [] }: Told, kind: NoticeKind): readonly Channel[] {
  return notify.filter((channel) => {
    const { events } = channel;
    if ('pagerduty' in channel) return incidentSteps(events, kind).length > 0;
    return events === undefined || events.includes(kind);
  });
}

export const withLinks = (notice: Notice, links: readonly Link[]): Notice =>
  notice.about === undefined ? notice : { ...notice, about: { ...notice.about, links } };

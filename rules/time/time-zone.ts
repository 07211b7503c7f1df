import { nearestName } from '../plan/problems/nearest-name';

/** Common names of zones that the database lacks, or knows only without daylight saving time. */
const SPOKEN: Readonly<Record<string, string>> = {
  ET: 'America/New_York',
  EST: 'America/New_York',
  EDT: 'America/New_York',
  EST5EDT: 'America/New_York',
  CT: 'America/Chicago',
  CST: 'America/Chicago',
  CDT: 'America/Chicago',
  MT: 'America/Denver',
  MST: 'America/Denver',
  MDT: 'America/Denver',
  PT: 'America/Los_Angeles',
  PST: 'America/Los_Angeles',
  PDT: 'America/Los_Angeles',
  GMT: 'UTC',
  Z: 'UTC',
};

/** The zone that was probably meant, or undefined. */
export function nearestTimeZone(written: string): string | undefined {
  const zones = Intl.supportedValuesOf('timeZone');
  const city = `/${written.replaceAll(' ', '_').toLowerCase()}`;
  return (
    SPOKEN[written.toUpperCase()] ??
    zones.find((zone) => zone.toLowerCase().endsWith(city)) ??
    nearestName(written, zones)
  );
}

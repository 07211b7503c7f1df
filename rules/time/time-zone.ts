import { IANAZone } from 'luxon';
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

/**
 * Whether the name is in the IANA database and names a place, such as `America/New_York`; also `UTC`. Abbreviations are
 * refused even if the database has them: its EST has no daylight saving time.
 */
export function isTimeZone(name: string): boolean {
  return name === 'UTC' || (name.includes('/') && IANAZone.isValidZone(name));
}

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

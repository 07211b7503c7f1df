import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../..');

/** The calendar of prod over both changes of the clock in New York, made on a machine in another zone. */
function calendarIn(zone: string): string {
  const script = `
    const { calendar } = require('./rules/time/schedule');
    const { nextRaise } = require('./rules/time/freeze');
    const prod = { zone: 'America/New_York', days: [2, 3, 4], from: '10:00', to: '14:00', except: ['2026-11-11'] };
    const steps = [10, 25, 50, 75, 100].map((percentage) => ({ percentage, soakMs: 2 * 86400000 }));
    const freezes = [{ fromMs: Date.UTC(2026, 2, 10), toMs: Date.UTC(2026, 2, 11, 15), reason: 'x' }];
    const starts = [Date.UTC(2026, 2, 5), Date.UTC(2026, 9, 29), Date.UTC(2028, 1, 27), Date.UTC(2026, 11, 30)];
    const calendars = starts.map((startMs) => calendar({ steps, windows: [prod], freezes }, startMs));
    console.log(JSON.stringify([new Date(0).getHours(), calendars, nextRaise([prod], freezes, Date.UTC(2026, 2, 10, 16))]));
  `;
  const options = { encoding: 'utf8', cwd: ROOT, env: { ...process.env, TZ: zone } } as const;
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--require', './register.cjs', '-e', script],
    options,
  );
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

/** With the hour that a clock there showed when 1970 began in UTC. */
const zones = [
  ['Asia/Tokyo', 9],
  ['America/New_York', 19],
] as const;

describe('a machine in another zone than the window', () => {
  it('has the same calendar as one in UTC, whatever its clock shows', () => {
    const [hour, ...utc] = JSON.parse(calendarIn('UTC')) as readonly unknown[];
    expect(hour).toBe(0);
    for (const [zone, itsHour] of zones) {
      const [shown, ...same] = JSON.parse(calendarIn(zone)) as readonly unknown[];
      expect(shown).toBe(itsHour);
      expect(same).toEqual(utc);
    }
  });
});

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DateTime } from 'luxon';
import { pasteable } from '../../../client/terminal/hints';

const ROOT = resolve(__dirname, '../../..');
const DAY_MS = 86_400_000;

/** As typed; no server is asked, so none is needed. */
function rolloutPlan(...words: string[]) {
  const env = { ...process.env, NO_COLOR: '1', TEMPORAL_ADDRESS: '127.0.0.1:9' };
  const args = [join(ROOT, 'client/bin/rollout.cjs'), 'plan', ...words];
  return spawnSync(process.execPath, args, { encoding: 'utf8', env, cwd: ROOT });
}

interface Printed {
  readonly environment: string;
  readonly steps: readonly { readonly percentage: number; readonly notBefore: string }[];
  readonly finish: string;
  readonly planHash: string;
  readonly preflight: readonly { readonly rule: string; readonly why: string; readonly remedy: string }[];
}

const SATURDAY = '2026-11-07T09:00:00-05:00';

describe('rollout plan', () => {
  it.each(['2026-11-03T09:00:00-05:00', '2026-03-05'])(
    'prints the calendar of prod from %s, every raise in the window and after its soak',
    (from) => {
      const { status, stdout } = rolloutPlan('prod', '--from', from, '--json');
      expect(status).toBe(0);
      const { environment, steps, finish } = JSON.parse(stdout) as Printed;
      expect(environment).toBe('prod');
      expect(steps.map(({ percentage }) => percentage)).toEqual([10, 25, 50, 75, 100]);
      const times = steps.map(({ notBefore }) => DateTime.fromISO(notBefore, { zone: 'America/New_York' }));
      for (const { weekday, hour } of times) {
        expect([2, 3, 4]).toContain(weekday);
        expect(hour >= 10 && hour < 14).toBe(true);
      }
      const all = [...times.map((time) => time.toMillis()), Date.parse(finish)];
      [1, 2, 2, 2, 1].forEach((days, index) =>
        expect((all[index + 1] ?? 0) - (all[index] ?? 0)).toBeGreaterThanOrEqual(days * DAY_MS),
      );
    },
  );

  it('draws it for people, with the window and the end', () => {
    const { stdout } = rolloutPlan('prod', '--from', '2026-11-03T09:00:00-05:00');
    expect(stdout).toContain('Tue 3 Nov 10:00:00 EST');
    expect(stdout).toContain('Tue–Thu 10:00–14:00 America/New_York');
  });

  it('says what would stop a rollout that starts then, by rule and with what to do', () => {
    const { status, stdout } = rolloutPlan('prod', '--from', SATURDAY, '--json');
    expect(status).toBe(0);
    const { planHash, preflight } = JSON.parse(stdout) as Printed;
    expect(planHash).toMatch(/^[0-9a-f]{12}$/);
    expect(preflight.map(({ rule }) => rule)).toEqual([
      ...['window', 'deployment', 'checklist', 'checklist', 'checklist', 'approval'],
    ]);
    expect(preflight[0]).toMatchObject({ notBefore: '2026-11-10T10:00:00-05:00' });
    expect(preflight.every(({ why, remedy }) => why !== '' && remedy !== '')).toBe(true);
  });

  it('says the same in words, with the name of the plan', () => {
    const { planHash, preflight } = JSON.parse(rolloutPlan('prod', '--from', SATURDAY, '--json').stdout) as Printed;
    const { stdout } = rolloutPlan('prod', '--from', SATURDAY);
    expect(stdout).toContain(`pavi prod, plan ${planHash}`);
    expect(stdout).toContain('What would stop a rollout that starts Sat 7 Nov 09:00:00 EST:');
    for (const { rule, why, remedy } of preflight) {
      expect(stdout).toContain(`${rule}: ${why}`);
      const hint = pasteable(remedy, { environment: 'prod', options: {} }, ROOT);
      expect(stdout).toContain(hint.replaceAll('`', ''));
    }
  });

  it('applies the freezes of the plan file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'plan-'));
    const file = join(folder, 'frozen.yaml');
    const pavi = readFileSync(join(ROOT, 'plans/pavi.yaml'), 'utf8');
    const freezes =
      'freezes: [{ zone: America/New_York, from: 2026-11-10, to: 2026-11-11, reason: Data centre moves }]';
    writeFileSync(file, `${pavi}\n${freezes}\n`);
    const { stdout } = rolloutPlan('prod', '--plan', file, '--from', '2026-11-10T11:00:00-05:00', '--json');
    rmSync(folder, { recursive: true });
    const { steps, preflight } = JSON.parse(stdout) as Printed;
    expect(steps[0]?.notBefore).toBe('2026-11-12T10:00:00-05:00');
    expect(preflight[0]).toMatchObject({ rule: 'freeze', why: expect.stringContaining('Data centre moves') as string });
  });

  it('takes no time that is none', () => {
    const { status, stderr } = rolloutPlan('prod', '--from', 'tomorrow');
    expect(status).toBe(2);
    expect(stderr).toContain('write ISO 8601');
  });
});

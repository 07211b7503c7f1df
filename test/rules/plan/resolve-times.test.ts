import { DateTime } from 'luxon';
import { checkPlan } from '../../../rules/plan/plan';
import { environmentPlan } from '../../../rules/plan/resolve';
import { editedText, type Edit } from './broken-plan';

const DAY_MS = 86_400_000;
const NEW_YORK = 'America/New_York';
const prod = ['environments', 2] as const;

const freeze = { zone: NEW_YORK, from: '2026-12-19', to: '2027-01-03', reason: 'Year-end holidays' };
const frozen = (change: Partial<typeof freeze>): Edit => ({ at: ['freezes'], to: [{ ...freeze, ...change }] });

function prodOf(...edits: readonly Edit[]) {
  const checked = checkPlan(editedText(...edits));
  const resolved = checked.ok ? environmentPlan(checked.plan, 'prod') : checked;
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return resolved.plan;
}

describe('environmentPlan, times and consent', () => {
  it('takes what it always took when nothing is written', () => {
    const { freezes, freezeParameter, approvals, limits, windows } = prodOf();
    const patient = { atMostMs: 7 * DAY_MS, then: 'continue' };
    expect(freezes).toEqual([]);
    expect(freezeParameter).toBe('/pavi/prod/rollout-freezes');
    expect(approvals).toMatchObject({ before: 'first-raise', validForMs: 7 * DAY_MS });
    expect(limits).toEqual({
      paused: patient,
      held: patient,
      evidence: patient,
      approval: patient,
      checklist: patient,
    });
    expect(windows[0]?.except).toBeUndefined();
  });

  const shown = (ms: number): string => DateTime.fromMillis(ms, { zone: NEW_YORK }).toFormat('yyyy-MM-dd HH:mm ZZ');
  it.each([
    ['whole days, the last one too', '2026-12-19', '2027-01-03', '2026-12-19 00:00 -05:00', '2027-01-04 00:00 -05:00'],
    ['one day', '2026-11-26', '2026-11-26', '2026-11-26 00:00 -05:00', '2026-11-27 00:00 -05:00'],
    ['a leap day', '2028-02-29', '2028-02-29', '2028-02-29 00:00 -05:00', '2028-03-01 00:00 -05:00'],
    ['times', '2026-12-19T18:00', '2027-01-04T08:00', '2026-12-19 18:00 -05:00', '2027-01-04 08:00 -05:00'],
    ['over a change of the clock', '2026-03-07', '2026-03-08', '2026-03-07 00:00 -05:00', '2026-03-09 00:00 -04:00'],
    [
      'the doubled hour, both of them',
      '2026-11-01T01:30',
      '2026-11-01T01:30',
      '2026-11-01 01:30 -04:00',
      '2026-11-01 01:30 -05:00',
    ],
    [
      'from the missing hour',
      '2026-03-08T02:30',
      '2026-03-08T12:00',
      '2026-03-08 03:30 -04:00',
      '2026-03-08 12:00 -04:00',
    ],
  ])('freezes %s', (_what, ...[from, to, begin, end]) => {
    const [one] = prodOf(frozen({ from, to })).freezes;
    expect([shown(one?.fromMs ?? 0), shown(one?.toMs ?? 0)]).toEqual([begin, end]);
    expect(one?.reason).toBe('Year-end holidays');
  });

  it('adds the freezes of the environment to those of the plan, in order', () => {
    const own = { ...freeze, from: '2026-11-26', to: '2026-11-27', reason: '{env} rests' };
    const { freezes } = prodOf(frozen({}), { at: [...prod, 'freezes'], to: [own] });
    expect(freezes.map(({ reason }) => reason)).toEqual(['prod rests', 'Year-end holidays']);
  });

  it('puts single limits of the environment in place of those of the plan', () => {
    const { limits } = prodOf(
      { at: ['limits'], to: { held: { atMost: '2d', then: 'abort' }, paused: { atMost: '3d' } } },
      { at: [...prod, 'limits'], to: { held: { then: 'abort' } } },
    );
    expect(limits.held).toEqual({ atMostMs: 7 * DAY_MS, then: 'abort' });
    expect(limits.paused).toEqual({ atMostMs: 3 * DAY_MS, then: 'continue' });
  });

  it('writes a proof by its word, and with what it needs', () => {
    const { checklist } = prodOf({
      at: [...prod, 'checklist', 1, 'proof'],
      to: { by: 'no-open-incident', url: 'https://x.org/{env}' },
    });
    expect(checklist.map((item) => item.proof)).toEqual([
      { by: 'rollout-completed', environment: 'staging' },
      { by: 'no-open-incident', url: 'https://x.org/prod' },
      { by: 'team-notified' },
      undefined,
    ]);
    expect(prodOf({ at: [...prod, 'checklist', 0, 'proof'], to: 'alarms-quiet' }).checklist[0]?.proof).toEqual({
      by: 'alarms-quiet',
    });
  });

  it('keeps excluded dates in order', () => {
    expect(
      prodOf({ at: [...prod, 'windows', 0, 'except'], to: ['2026-12-24', '2026-11-26'] }).windows[0]?.except,
    ).toEqual(['2026-11-26', '2026-12-24']);
  });
});

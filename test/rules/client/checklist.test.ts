import { stripVTControlCharacters } from 'node:util';
import { itemLine, itemsOf } from '../../../client/rollout/checklist';
import { tableOf, verdict } from '../../../client/inspect/doctor';
import { widthOf } from '../../../client/terminal/width';
import type { ChecklistEntry } from '../../../rules/rollout/status/status';
import type { Finding } from '../../../rules/doctor/doctor-report';
import { NOON } from '../../helpers/samples/rollout-status';

describe('the checklist', () => {
  const item: ChecklistEntry = { id: 'team-notified', text: 'Team notified of deployment', state: 'open' };

  it.each<[string, Partial<ChecklistEntry>, string]>([
    [
      'open',
      { why: 'a person has to tick it' },
      '- [ ] `team-notified` Team notified of deployment: open, a person has to tick it',
    ],
    [
      'ticked',
      { state: 'ticked', by: 'ada_l', atMs: NOON },
      '- [x] `team-notified` Team notified of deployment: ticked by ada\\_l (Mon 23 Nov 12:00:00 UTC)',
    ],
    [
      'proved',
      { state: 'proved', why: '4 alarms OK', atMs: NOON },
      '- [x] `team-notified` Team notified of deployment: proved, 4 alarms OK (Mon 23 Nov 12:00:00 UTC)',
    ],
  ])('shows an item that is %s', (_state, changes, line) =>
    expect(itemLine({ ...item, ...changes }, 'UTC')).toBe(line),
  );

  it("is the plan's, all open, while no rollout runs", () => {
    const checklist = [
      { id: 'a', text: 'A' },
      { id: 'b', text: 'B', proof: { by: 'alarms-quiet' } },
    ] as const;
    expect(itemsOf({ checklist })).toEqual([
      { id: 'a', text: 'A', state: 'open', why: 'a person has to tick it' },
      { id: 'b', text: 'B', state: 'open', why: expect.stringContaining('alarms-quiet') },
    ]);
  });
});

describe('the doctor', () => {
  const ok: Finding = { subject: 'clock', level: 'ok', what: 'agrees with AWS' };
  const warning: Finding = { subject: 'push queue q', level: 'warning', what: 'does not exist', remedy: 'deploy it' };
  const problem: Finding = { ...warning, subject: 'alarm failed', level: 'problem' };

  it.each<[string, readonly Finding[], RegExp]>([
    ['nothing but order', [ok, ok], /^pavi prod: everything is in order \(2 things checked .*, by plan\.yaml\)\.$/],
    ['a warning', [ok, warning], /^pavi prod: nothing stops a rollout, 1 warning \(/],
    ['problems', [problem, warning, problem], /^pavi prod: 2 problems and 1 warning \(/],
  ])('says at the end what %s means', (_what, findings, expected) =>
    expect(verdict('pavi prod', 'plan.yaml', { atMs: NOON, findings })).toMatch(expected),
  );

  const shown = (findings: readonly Finding[], how: object): string =>
    stripVTControlCharacters(tableOf(findings, { width: Infinity, ...how }));

  it('shows problems first, each with its remedy, and what is in order only when asked', () => {
    const all = shown([ok, warning, problem], { all: true });
    expect(all).toMatch(/ok\s.*clock\s.*agrees with AWS/);
    expect(all).toMatch(/problem\s.*alarm failed\s.*does not exist/);
    expect(all).toContain('→ deploy it');
    expect(all.indexOf('problem')).toBeLessThan(all.indexOf('warning'));
    expect(shown([ok, warning], {})).not.toContain('clock');
    expect(shown([ok], {})).toBe('');
  });

  it('fits into 80 columns, whatever was found', () => {
    const long = {
      ...problem,
      what: 'is missing '.repeat(20),
      subject: `role arn:aws:iam::333333333333:role/${'z'.repeat(60)}`,
    };
    const lines = shown([long, warning], { width: 80 }).split('\n');
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(80);
    expect(lines.join('').match(/z/g)).toHaveLength(60);
  });
});

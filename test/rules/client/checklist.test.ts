import { stripVTControlCharacters } from 'node:util';
import { itemLine, itemsOf } from '../../../client/rollout/checklist';
import { tableOf, verdict } from '../../../client/inspect/doctor';
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

  it('shows each thing with its remedy', () => {
    const table = stripVTControlCharacters(tableOf([ok, problem]));
    expect(table).toMatch(/ok\s.*clock\s.*agrees with AWS/);
    expect(table).toMatch(/problem\s.*alarm failed\s.*does not exist/);
    expect(table).toContain('→ deploy it');
  });
});

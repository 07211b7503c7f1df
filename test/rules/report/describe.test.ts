import fc from 'fast-check';
import { describeStatus } from '../../../rules/report/rollout';
import { headline, zeroConfirmed } from '../../../rules/report/rollout-headline';
import type { RolloutStatus } from '../../../rules/rollout/status/status';
import { percent, formatDuration, escapeMarkdown, unescaped } from '../../../rules/format';
import { NOON, soakingStatus, withoutWait } from '../../helpers/samples/rollout-status';

const HOUR = 3_600_000;
const held = { why: 'paused by bob: looking at job 17', sinceMs: NOON - HOUR, verbs: ['resume', 'abort'] };
const outcome = { why: 'pavi-sfn-executions-failed-prod went to ALARM', atMs: NOON };

describe('headline', () => {
  it.each<[string, RolloutStatus, string]>([
    ['starting', withoutWait({ phase: 'starting', percentage: 0, step: 0 }), 'pavi prod: starting, still at 0 %.'],
    ['raising', withoutWait({ phase: 'raising' }), 'pavi prod: raising from 25 % to 50 %.'],
    ['soaking', soakingStatus(), 'pavi prod: 25 %, healthy; next 50 % in 3 h, Mon 23 Nov 10:00:00 EST.'],
    [
      'soaking, due',
      soakingStatus({ wait: { why: 'x', sinceMs: 0, untilMs: NOON - 1, verbs: [] } }),
      'pavi prod: 25 %, healthy; next 50 % due now.',
    ],
    [
      'soaking at 100 %',
      soakingStatus({ percentage: 100, step: 5 }),
      'pavi prod: 100 %, healthy; watched until the end in 3 h, Mon 23 Nov 10:00:00 EST.',
    ],
    [
      'soaking blind',
      soakingStatus({ health: { outcome: 'no-data', why: 'the alarm is missing.', atMs: NOON } }),
      'pavi prod: 25 %, NOT KNOWN TO BE HEALTHY (no-data): the alarm is missing.',
    ],
    ['paused', soakingStatus({ phase: 'paused', wait: held }), 'pavi prod: PAUSED at 25 % by bob: looking at job 17.'],
    [
      'held',
      soakingStatus({ phase: 'holding', wait: { ...held, why: 'on hold: drift' } }),
      'pavi prod: HELD at 25 %: drift.',
    ],
    [
      'waiting for a window',
      soakingStatus({ phase: 'holding', wait: { ...held, why: '50 % waits for the window', untilMs: NOON + HOUR } }),
      'pavi prod: 25 %, healthy; 50 % waits for the window, in 1 h, Mon 23 Nov 08:00:00 EST.',
    ],
    [
      'going back',
      soakingStatus({ phase: 'rolling-back', wait: { ...held, why: 'writing 0 %: alarm', verbs: [] } }),
      'pavi prod: ROLLING BACK, 0 % is being written and not confirmed yet: writing 0 %: alarm.',
    ],
    [
      'back at 0 %',
      soakingStatus({
        phase: 'rolling-back',
        percentage: 0,
        wait: { why: 'looked at once more', sinceMs: NOON, untilMs: NOON + 1, verbs: [] },
      }),
      'pavi prod: BACK AT 0 %: looked at once more.',
    ],
    [
      'completed',
      withoutWait({
        phase: 'ended',
        percentage: 100,
        step: 5,
        outcome: { outcome: 'completed', why: 'nothing wrong', atMs: NOON },
      }),
      'pavi prod: DONE, at 100 %: nothing wrong.',
    ],
    [
      'rolled back',
      withoutWait({
        phase: 'ended',
        percentage: 0,
        outcome: { ...outcome, outcome: 'rolled-back', alarm: 'a-failed-prod' },
      }),
      'pavi prod: ROLLED BACK to 0 % by alarm a-failed-prod: pavi-sfn-executions-failed-prod went to ALARM.',
    ],
    [
      'aborted',
      withoutWait({ phase: 'ended', percentage: 0, outcome: { outcome: 'aborted', why: 'bob', atMs: NOON } }),
      'pavi prod: ABORTED, at 0 %: bob.',
    ],
    [
      'refused',
      withoutWait({
        phase: 'ended',
        percentage: 0,
        outcome: { outcome: 'refused', why: 'the flag is at 5 %', atMs: NOON },
      }),
      'pavi prod: REFUSED, at 0 %: the flag is at 5 %.',
    ],
    [
      'cut off',
      withoutWait({ phase: 'ended', health: { outcome: 'no-data', why: 'terminated', atMs: NOON } }),
      'pavi prod: ended without an outcome, last known at 25 %: terminated.',
    ],
  ])('says the one thing that matters: %s', (_case, status, expected) => {
    expect(headline(status, NOON, 'America/New_York')).toBe(expected);
    expect(describeStatus(status, NOON, 'America/New_York').split('\n')[0]).toBe(
      `**${escapeMarkdown(expected.slice(0, -1))}.**`,
    );
  });
});

describe('zeroConfirmed', () => {
  it.each<[string, boolean, RolloutStatus]>([
    ['0 % before the first write of the way back', false, withoutWait({ phase: 'rolling-back', percentage: 0 })],
    [
      '0 % while it is written',
      false,
      soakingStatus({ phase: 'rolling-back', percentage: 0, wait: { why: 'writing 0 %', sinceMs: NOON, verbs: [] } }),
    ],
    ['0 % waiting for the second look', true, soakingStatus({ phase: 'rolling-back', percentage: 0 })],
    ['the end at 0 %', true, withoutWait({ phase: 'ended', percentage: 0 })],
    ['the end at 100 %', false, withoutWait({ phase: 'ended', percentage: 100 })],
    ['0 % at the start', false, soakingStatus({ phase: 'starting', percentage: 0 })],
  ])('of %s is %s', (_case, expected, status) => {
    expect(zeroConfirmed(status)).toBe(expected);
  });
});

describe('describeStatus', () => {
  const text = describeStatus(soakingStatus(), NOON, 'America/New_York');

  it('shows percentage, steps, phase, wait, verbs, health, starter and log', () => {
    expect(text).toBe(
      [
        '**pavi prod: 25 %, healthy; next 50 % in 3 h, Mon 23 Nov 10:00:00 EST.**',
        '',
        '`▓▓▓▓▓░░░░░░░░░░░░░░░ 25 %` 10 ✓ → 25 ● → 50 → 75 → 100',
        '',
        '- **Phase:** soaking, step 2 of 5',
        '- **Waiting:** 25 % soaks before 50 %, since Sun 22 Nov 07:00:00 EST (1 d)',
        '- **Until:** Mon 23 Nov 10:00:00 EST (in 3 h)',
        '- **You can:** `rollout pause prod`',
        '           `rollout abort prod`',
        '- **Health:** healthy: 2 alarms are OK (unchanged since Mon 23 Nov 06:59:59 EST)',
        '- **Started:** Sat 21 Nov 07:00:00 EST by alice, 2 d ago',
        '',
        '**Last entries**',
        '- Sat 21 Nov 07:00:00 EST started (by alice)',
        '- Sun 22 Nov 07:00:00 EST 25 % written and read back',
        '',
        '_As of Mon 23 Nov 07:00:00 EST_',
      ].join('\n'),
    );
  });

  it.each<[number, string]>([
    [0, '`░░░░░░░░░░░░░░░░░░░░ 0 %`'],
    [0.01, '`▓░░░░░░░░░░░░░░░░░░░ 0.01 %`'],
    [99.9, '`▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓░ 99.9 %`'],
    [100, '`▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓ 100 %`'],
  ])('draws %s %% neither empty nor full before it is true', (percentage, bar) => {
    expect(describeStatus(soakingStatus({ percentage }), NOON)).toContain(bar);
  });

  it('marks the step it went back from', () => {
    const back = withoutWait({ phase: 'ended', percentage: 0, outcome: { ...outcome, outcome: 'rolled-back' } });
    expect(describeStatus(back, NOON)).toContain('10 ✓ → 25 ✗ → 50');
  });

  it.each<[string, RolloutStatus['nextRaise'], string]>([
    [
      'the window that opens later',
      { by: 'window', notBeforeMs: NOON + 50 * HOUR, why: 'outside the maintenance window' },
      'Wed 25 Nov 14:00:00 UTC (in 2 d 2 h); the soak ends Mon 23 Nov 15:00:00 UTC',
    ],
    [
      'never, when a freeze has no end',
      { by: 'freeze', why: 'frozen' },
      'NEVER by this plan; the soak ends Mon 23 Nov 15:00:00 UTC',
    ],
    [
      'the end of the soak, when nothing comes after it',
      { by: 'soak', notBeforeMs: NOON + 3 * HOUR, why: 'soak' },
      'Mon 23 Nov 15:00:00 UTC (in 3 h)',
    ],
  ])('says that a soak waits until the raise: %s', (_case, nextRaise, until) => {
    expect(describeStatus(soakingStatus({ nextRaise }), NOON).split('\n')).toContain(`- **Until:** ${until}`);
  });

  it('says that an operator has to act when only a verb ends the wait', () => {
    const lines = describeStatus(soakingStatus({ phase: 'paused', wait: held }), NOON).split('\n');
    expect(lines).toContain('- **Until:** an operator acts');
    const at = lines.indexOf('- **You can:** `rollout resume prod`');
    expect(lines[at + 1]).toBe('           `rollout abort prod`');
  });

  it('names the open items of the checklist in the first line, and each reason whole below it', () => {
    const long = 'x'.repeat(280);
    const status = soakingStatus({
      phase: 'checking',
      percentage: 0,
      step: 0,
      next: 10,
      wait: { why: `2 open: ${long}; team-notified`, sinceMs: NOON, untilMs: NOON + HOUR, verbs: ['checklist --tick'] },
      checklist: [
        { id: 'staging-done', text: 'Staging', state: 'open', why: long },
        { id: 'team-notified', text: 'Team', state: 'open' },
      ],
      gates: [
        { gate: 'checklist', open: false, why: 'open: staging-done, team-notified' },
        { gate: 'window', open: false, why: 'outside the window', fromMs: NOON + HOUR },
      ],
    });
    const lines = describeStatus(status, NOON).split('\n');
    expect(lines[0]).toBe('**pavi prod: at 0 %, waits for the checklist: staging-done, team-notified open.**');
    expect(lines).toContain(
      '- **Until:** the items are done; the next try of the proofs is Mon 23 Nov 13:00:00 UTC (in 1 h)',
    );
    expect(lines.slice(lines.indexOf('**Before 10 %** (0 of 2 gates open)') + 2).slice(0, 3)).toEqual([
      `- ☐ staging-done: ${long}`,
      '- ☐ team-notified: open',
      '- ✗ window: outside the window, not before Mon 23 Nov 13:00:00 UTC',
    ]);
  });

  it('tells times in UTC when no zone is named', () => {
    expect(describeStatus(soakingStatus(), NOON)).toContain('_As of Mon 23 Nov 12:00:00 UTC_');
  });

  it('shows the part of a long schedule around the present step', () => {
    const steps = Array.from({ length: 100 }, (_unused, i) => ({ percentage: i + 1, soakMs: 1 }));
    expect(describeStatus(soakingStatus({ steps, step: 50, percentage: 50 }), NOON)).toContain(
      '… → 45 ✓ → 46 ✓ → 47 ✓ → 48 ✓ → 49 ✓ → 50 ● → 51 → 52',
    );
  });

  it('stays under 20 KB, without HTML, images or control characters, for any input', () => {
    const any = fc.string({ unit: 'binary', maxLength: 5_000 });
    fc.assert(
      fc.property(any, fc.array(any, { maxLength: 60 }), (typed, log) => {
        const status = soakingStatus({
          startedBy: typed,
          wait: { why: `![x](http://y) <script> ${typed}`, sinceMs: 0, verbs: ['abort'] },
          health: { outcome: 'breach', why: typed, atMs: 0 },
          log: log.map((what) => ({ atMs: 0, what, by: typed })),
        });
        const shown = describeStatus(status, NOON);
        expect(Buffer.byteLength(shown)).toBeLessThan(20_000);
        expect(shown).not.toMatch(/(^|[^\\])[<>]|!\[/);
        expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      }),
      { numRuns: 30 },
    );
  });
});

describe('written', () => {
  it('makes one line without terminal or markdown commands, and can be read back', () => {
    const typed = 'a\u001b[31m *b*\n`c` <d>.';
    expect(escapeMarkdown(typed)).toBe('a \\[31m \\*b\\* \\`c\\` \\<d\\>');
    expect(unescaped(escapeMarkdown(typed))).toBe('a [31m *b* `c` <d>');
  });
});

describe('span', () => {
  it.each<[number, string]>([
    [-5, '0 s'],
    [499, '0 s'],
    [500, '1 s'],
    [61_000, '1 min 1 s'],
    [HOUR, '1 h'],
    [26 * HOUR, '1 d 2 h'],
    [48 * HOUR + 60_000, '2 d'],
  ])('of %d ms is %s', (lengthMs, expected) => expect(formatDuration(lengthMs)).toBe(expected));
});

describe('percent', () => {
  it.each([
    [0.1 + 0.2, '0.3 %'],
    [12.345, '12.35 %'],
    [100, '100 %'],
  ])('of %d is %s', (percentage, expected) => expect(percent(percentage)).toBe(expected));
});

it('weights are set or not, and have no instances', () => {
  const delivery = {
    to: 'alias live of shop',
    percentage: 10,
    sinceMs: 0,
    weights: true,
    reporting: 0,
    of: 1,
  } as const;
  const said = (done: boolean): string =>
    describeStatus({ ...soakingStatus({ percentage: 10 }), delivery: { ...delivery, done } }, 0);
  expect(said(false)).toContain('flag document 10 %, not yet at alias live of shop');
  expect(said(true)).toContain('flag document 10 %, and alias live of shop reports it');
  expect(said(false) + said(true)).not.toContain('instance');
});

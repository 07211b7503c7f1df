import { linesOf, pageOf } from '../../../client/inspect/history';
import { widthOf } from '../../../client/terminal/width';
import type { FlagValue, RunTold } from '../../../rules/history/timeline';
import { timeline } from '../../../rules/history/timeline';

const T = Date.UTC(2026, 10, 24, 12);
const ADA = 'arn:aws:iam::333333333333:user/ada';
const WORKER = 'arn:aws:iam::333333333333:role/worker';
const document = (percentage: number, generation: number, writer = 'rollout-pavi-prod/run-1', reason = 'healthy') => ({
  percentage,
  generation,
  writer,
  reason,
});

const values: readonly FlagValue[] = [
  { version: 1, atMs: T, by: WORKER, document: document(0, 0, 'cloudformation', 'initial value') },
  { version: 2, atMs: T + 2_000, by: WORKER, document: document(10, 1) },
  { version: 3, atMs: T + 5_000, by: ADA, document: document(60, 1) },
  { version: 4, atMs: T + 6_000, by: ADA, why: 'not JSON', labels: ['last-good'] },
];
const run: RunTold = {
  runId: 'run-1',
  startedAtMs: T + 1_000,
  log: [
    { atMs: T + 1_000, what: 'started: release 2.4', by: 'alice' },
    { atMs: T + 2_000, what: '10 % written and read back' },
  ],
};

describe('the history of an environment', () => {
  const entries = timeline(values, [run]);

  it('is one line of time over the flag and its rollouts, a write before what is noted of it', () => {
    expect(entries.map(({ source, version, atMs }) => [source, version, atMs - T])).toEqual([
      ['flag', 1, 0],
      ['rollout', undefined, 1_000],
      ['flag', 2, 2_000],
      ['rollout', undefined, 2_000],
      ['flag', 3, 5_000],
      ['flag', 4, 6_000],
    ]);
  });

  it('names the writer of each value, also of a change in the console', () => {
    expect(entries[4]).toMatchObject({ by: ADA, percentage: 60, what: expect.stringContaining('manually') });
    expect(entries[2]?.what).toBe('flag at 10 % (generation 1, by rollout-pavi-prod/run-1): healthy');
    expect(entries[5]?.what).toBe('the flag became unreadable: not JSON [last-good]');
  });

  it('tells of a run that does not answer when it began and how it ended', () => {
    const outcome = { outcome: 'aborted', why: 'job 17', atMs: T + 9_000 } as const;
    const silent = timeline([], [{ runId: 'run-2', startedAtMs: T, log: [], unanswered: 'no worker', outcome }]);
    expect(silent.map(({ what }) => what)).toEqual(['started; nothing more is known: no worker', 'aborted: job 17']);
  });

  it('tells the diagnosis of a breach, and deployments with their end', () => {
    const cause = { trouble: 'executions-fail', id: 'x', cause: 'no right', remedy: 'give it', evidence: [] } as const;
    const diagnosis = { atMs: T + 8_000, line: 'likely cause: no right', causes: [cause], looked: [], logs: [] };
    const deployed: RunTold = {
      ...{ of: 'deployment', runId: 'run-2', startedAtMs: T, log: [{ atMs: T + 500, what: 'started', by: 'bob' }] },
      outcome: { outcome: 'deployed', why: 'S: updated', atMs: T + 900 },
    };
    const all = timeline([], [{ ...run, diagnosis }, deployed]);
    expect(all.map(({ source, what }) => `${source}: ${what}`)).toEqual([
      'deployment: started',
      'deployment: deployed: S: updated',
      'rollout: started: release 2.4',
      'rollout: 10 % written and read back',
      'rollout: diagnosis: likely cause: no right; no right -> give it',
    ]);
    expect(linesOf(all, 'UTC')).toContain('Tue 24 Nov 12:00:00 UTC  deployment started (bob)');
  });

  it('is readable line by line, and obeys no control character', () => {
    const text = linesOf([...entries, { atMs: T, source: 'rollout', what: 'paused: \u001b[31mred\nline' }], 'UTC');
    expect(text.split('\n')).toHaveLength(7);
    expect(text).toContain(`Tue 24 Nov 12:00:05 UTC  flag v3    flag at 60 %`);
    expect(text).toContain(`(${ADA})`);
    expect(text).not.toContain('\u001b');
  });

  it('is a page for a terminal: by day, wrapped, with short names, and the newest of many', () => {
    const entry = (i: number) =>
      ({ atMs: T + i * 3_600_000, source: 'flag', version: i, what: `flag at ${i} %`, by: ADA }) as const;
    const page = pageOf([entry(1), { ...entry(30), what: 'word '.repeat(30) }], 'UTC', { width: 60 });
    expect(page.split('\n').slice(0, 5)).toEqual([
      '**Tue 24 Nov 2026, UTC**',
      expect.stringMatching(/^ {2}13:00:00 {2}flag v1 {5}flag at 1 % \([^:]*\)$/),
      '',
      '**Wed 25 Nov 2026, UTC**',
      expect.stringMatching(/^ {2}18:00:00 {2}flag v30 {4}word word/),
    ]);
    expect(Math.max(...page.split('\n').map(widthOf))).toBeLessThanOrEqual(60);
    const many = Array.from({ length: 50 }, (_unused, i) => entry(i));
    expect(pageOf(many, 'UTC')).toMatch(/^10 earlier entries; `rollout history --all` shows them\./);
    expect(pageOf(many, 'UTC', { all: true })).toContain('flag v0 ');
  });
});

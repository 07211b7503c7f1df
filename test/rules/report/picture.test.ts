import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { LIVE_POLICY, actionForm, livePage } from '../../../rules/report/picture/live-page';
import { listMarkup } from '../../../rules/report/picture/list-page';
import { reportMarkdown } from '../../../rules/report/picture/markdown';
import { html } from '../../../rules/report/picture/markup';
import { reportPage } from '../../../rules/report/picture/page';
import { NARROW, staircase, WIDE } from '../../../rules/report/picture/staircase';
import { aPlan, HOUR_MS } from '../../helpers/samples/plans';
import { aReport, someFacts, verdictOf } from '../../helpers/samples/rollout-reports';
import { NOON, soakingStatus } from '../../helpers/samples/rollout-status';

const HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>\'&amp;';

describe('the page', () => {
  const page = reportPage(aReport());

  it('loads nothing and runs nothing, and its policy allows its own style only', () => {
    const [, policy = ''] = /Content-Security-Policy" content="([^"]+)"/.exec(page) ?? [];
    const [, style = ''] = /<style>([^]*)<\/style>/.exec(page) ?? [];
    const hash = createHash('sha256').update(style).digest('base64');
    expect(policy.replaceAll('&#39;', "'")).toBe(
      `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`,
    );
    expect(page).not.toMatch(/<script|<link|<img|<iframe|@import|url\(| style="| on\w+="/);
  });

  it('names each picture and describes it, and has its content as a table too', () => {
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const pictures = [...page.matchAll(/<svg [^>]*role="img" aria-labelledby="(\S+) (\S+)"/g)];
    expect(pictures).toHaveLength([...page.matchAll(/<svg /g)].length);
    for (const [, title, description] of pictures) expect(ids).toEqual(expect.arrayContaining([title, description]));
    expect(page).toContain('The same as a table');
  });

  it('has what was decided, by whom and why, and the next command', () => {
    for (const text of ['release 2.4', 'bob approved 10 %: 1 of 1', 'the soak is over', 'carol', 'job 17'])
      expect(page).toContain(text);
    expect(page).toMatch(/<pre class="command"[^>]*>rollout watch prod<\/pre>/);
  });

  it('shows value, limit, interval and samples of a guard, and what is not known as not known', () => {
    const facts = [...someFacts];
    const shown = reportPage(aReport({ facts }));
    for (const text of ['98.5 %', 'breach below 95 %', '94 to 99.6 %', '200 of 30 wanted'])
      expect(shown).toContain(text);
    expect(reportPage(aReport({ facts: [] }))).toContain('not known: no check has reported it');
  });

  it('escapes whatever people typed and AWS reported', () => {
    const facts = [
      { kind: 'started', atMs: NOON - HOUR_MS, by: HOSTILE, reason: HOSTILE },
      { kind: 'asked', atMs: NOON - 9, verb: HOSTILE, by: HOSTILE, reason: HOSTILE, answer: HOSTILE },
      {
        kind: 'checked',
        atMs: NOON - 8,
        verdict: verdictOf('breach', { why: HOSTILE, guards: [{ name: HOSTILE, outcome: 'breach', why: HOSTILE }] }),
      },
      { kind: 'written', atMs: NOON - 7, percentage: 10, why: HOSTILE },
    ] as const;
    const status = soakingStatus({
      startedBy: HOSTILE,
      wait: { why: HOSTILE, sinceMs: NOON, verbs: [HOSTILE] },
      log: [{ atMs: NOON, what: HOSTILE, by: HOSTILE }],
      checklist: [{ id: HOSTILE, text: HOSTILE, state: 'open', why: HOSTILE }],
      gates: [{ gate: 'soak', open: false, why: HOSTILE }],
      diagnosis: {
        atMs: NOON,
        line: HOSTILE,
        causes: [{ trouble: 'unknown', id: HOSTILE, cause: HOSTILE, remedy: HOSTILE, evidence: [HOSTILE] }],
        looked: [HOSTILE],
        logs: [HOSTILE],
      },
      outcome: { outcome: 'rolled-back', why: HOSTILE, atMs: NOON },
    });
    const plan = aPlan({ freezes: [{ fromMs: NOON - 9, toMs: NOON, reason: HOSTILE }] });
    const shown = reportPage(aReport({ facts, status, plan, link: `https://x/${HOSTILE}`, notKnown: [HOSTILE] }));
    expect(shown).not.toMatch(/<script|<img|onerror=alert\(1\)>/);
    expect(shown).toContain('&lt;script&gt;alert(1)');
  });

  it('is one element and one attribute, for any text', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) =>
        expect(html`<p title="${text}">${text}</p>`.text).toMatch(/^<p title="[^"<>]*">[^<>]*<\/p>$/),
      ),
    ));
});

describe('the staircase', () => {
  const numbersOf = (markup: string): number[] =>
    [...markup.matchAll(/ (?:x|cx)="([^"]+)"/g)].map(([, x]) => Number(x));

  it.each([WIDE, NARROW])('stays inside its own frame: $id', (size) =>
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * 24 * HOUR_MS }), (laterMs) => {
        const { text } = staircase(aReport({}, NOON + laterMs), size);
        expect(text).not.toMatch(/NaN|Infinity|undefined/);
        for (const x of numbersOf(text)) expect(x >= 0 && x <= size.width).toBe(true);
      }),
    ),
  );

  it('has a gap where the percentage is not known, and shows a fall and an alarm', () => {
    const facts = [
      ...someFacts,
      { kind: 'not-written', atMs: NOON - 3 * HOUR_MS, percentage: 50, why: 'no answer' },
      { kind: 'checked', atMs: NOON - 2 * HOUR_MS, verdict: verdictOf('breach') },
      { kind: 'flag-read', atMs: NOON - 2 * HOUR_MS, percentage: 50 },
      { kind: 'written', atMs: NOON - HOUR_MS, percentage: 0, why: 'breach' },
    ] as const;
    const { text } = staircase(aReport({ facts, status: soakingStatus({ percentage: 0 }) }), WIDE);
    const [, path = ''] = /class="course" d="([^"]+)"/.exec(text) ?? [];
    expect(path.match(/M/g)).toHaveLength(2);
    expect(text).toContain('class="fall"');
    expect(text).toContain('class="alarm"');
  });
});

describe('live pages', () => {
  it('may run their own script and send their own form, and nothing else', () => {
    const text = livePage({ title: 't', main: html`<p>x</p>`, from: '/parts', ways: [] });
    expect(text).toContain('<script src="/live.js" defer></script>');
    expect(LIVE_POLICY).toMatch(/^default-src 'none';.*script-src 'self'; connect-src 'self'; form-action 'self'/);
  });

  it('offer actions only for what runs, and an approval for the raise that is shown', () => {
    const form = { to: '/rollouts/pavi/prod', token: 'abc' };
    expect(actionForm(aReport({ running: false }), form)).toBeUndefined();
    const text = actionForm(aReport(), form)?.text ?? '';
    expect(text).toMatch(/name="token" value="abc".*name="percentage" value="50".*Approve 50 %.*Abort: back to 0 %/s);
  });

  it('say that a list is old while no worker runs, and never show a number that is not known', () => {
    const line = {
      href: '/x',
      service: 'pavi',
      environment: 'prod',
      state: 'soaking',
      startedBy: 'alice',
      startedAtMs: NOON,
    };
    const { text } = listMarkup({ lines: [line], current: false, zone: 'UTC', asOfMs: NOON });
    expect(text).toContain('No worker is running');
    expect(text).toContain('<td>not known</td>');
  });
});

describe('Markdown', () => {
  it('has the status, the guards, every decision and the next command', () => {
    const text = reportMarkdown(aReport({ notKnown: ['The deployment is not known: no worker.'] }));
    expect(text).toMatch(/^\*\*pavi prod: 25 %, healthy/);
    for (const part of [
      '| success-rate | healthy | 98.5 % | breach below 95 %',
      '| bob | approve 10 % |',
      '    rollout watch prod',
      '- The deployment is not known',
    ])
      expect(text).toContain(part);
  });
});

it('a live page has the way to 0 % without Temporal from the beginning, and shows it when nothing answers', () => {
  const ways = ['npx rollout flags set prod --percentage 0 --break-glass --reason x'];
  const text = livePage({ title: 't', main: html`<p>x</p>`, from: '/parts', ways });
  expect(text).toMatch(/<div id="way" hidden>.*paste this line/s);
  expect(text).toContain(ways[0]);
});

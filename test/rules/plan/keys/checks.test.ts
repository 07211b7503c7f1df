import { parse } from 'yaml';
import type { Check } from '../../../../rules/checks/check';
import { checkPlan } from '../../../../rules/plan/plan';
import { planHash } from '../../../../rules/plan/plan-hash';
import { environmentPlan } from '../../../../rules/plan/resolve';
import { type Edit, editedText, problemsAfter } from '../broken-plan';

const prod = ['environments', 2] as const;
const all = (text: string): Edit => ({ at: ['checks'], to: parse(text) as unknown });
const own = (text: string): Edit => ({ at: [...prod, 'checks'], to: parse(text) as unknown });
const HEALTH = "health: { http: { url: 'https://x-{env}.example.org/health' } }";

function planOf(...edits: readonly Edit[]) {
  const checked = checkPlan(editedText(...edits));
  const resolved = checked.ok ? environmentPlan(checked.plan, 'prod') : checked;
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return resolved.plan;
}
const only = (text: string): Check | undefined => planOf(all(text)).checks?.[0];

describe('a check', () => {
  it.each<[string, object]>([
    [
      HEALTH,
      {
        kind: 'http',
        url: 'https://x-prod.example.org/health',
        method: 'GET',
        headers: {},
        answerHeaders: {},
        json: [],
        withinMs: 10_000,
      },
    ],
    [
      "a: { http: { url: http://x, method: POST, headers: { x-key: { variable: KEY }, x-env: '{env}' }, body: hi, expect: { status: 201, headers: { x-id: a }, json: { x-ok: true, 'items[0].n': { above: 0, type: number } } } }, within: 1m }",
      {
        ...{
          kind: 'http',
          url: 'http://x',
          method: 'POST',
          headers: { 'x-key': { variable: 'KEY' }, 'x-env': 'prod' },
        },
        ...{ body: 'hi', status: [201], answerHeaders: { 'x-id': 'a' }, withinMs: 60_000 },
        json: [
          { path: 'x-ok', equals: true },
          { path: 'items[0].n', above: 0, type: 'number' },
        ],
      },
    ],
    [
      "a: { command: { run: [python3, e2e.py, '{env}'], directory: ../tests, variables: { API: 'http://{env}', TOKEN: { variable: T } }, exitCodes: [0, 5], failureCodes: [1] } }",
      {
        ...{ kind: 'command', run: ['python3', 'e2e.py', 'prod'], directory: '../tests', withinMs: 300_000 },
        ...{ variables: { API: 'http://prod', TOKEN: { variable: 'T' } }, exitCodes: [0, 5], failureCodes: [1] },
      },
    ],
    [
      'a: { command: { run: [./check] } }',
      { kind: 'command', run: ['./check'], directory: '.', variables: {}, exitCodes: [0] },
    ],
    [
      "a: { metric: { metrics: { m: { namespace: N, metric: M, statistic: Sum, dimensions: { Stage: '{env}' } } }, period: 5m, atMost: 3 } }",
      {
        ...{ kind: 'metric', periodMs: 300_000, lastMs: 900_000, atMost: 3, withinMs: 20_000 },
        metrics: [{ id: 'm', namespace: 'N', metric: 'M', statistic: 'Sum', dimensions: { Stage: 'prod' } }],
      },
    ],
    [
      "a: { execution: { stateMachine: 'm-{env}', input: { x-order: '{env}' }, output: { ok: true } } }",
      {
        ...{ kind: 'execution', stateMachine: 'm-prod', input: { 'x-order': 'prod' }, withinMs: 2_100_000 },
        output: [{ path: 'ok', equals: true }],
      },
    ],
    [
      "a: { lambda: { function: 'f-{env}:live' } }",
      { kind: 'lambda', function: 'f-prod:live', payload: {}, answer: [], withinMs: 60_000 },
    ],
    ['a: alarms-quiet', { kind: 'alarms-quiet', withinMs: 20_000 }],
    ['a: { alarms-quiet: true, within: 5s }', { kind: 'alarms-quiet', withinMs: 5_000 }],
    ['a: { dashboard-has-data: true }', { kind: 'dashboard-has-data' }],
    ["a: { dashboard-has-data: 'Other-{env}' }", { kind: 'dashboard-has-data', dashboard: 'Other-prod' }],
    ['a: team-notified', { kind: 'team-notified', withinMs: 30_000 }],
    ['a: { rollout-completed: staging }', { kind: 'rollout-completed', environment: 'staging' }],
    ['a: { no-open-incident: https://x.org/open }', { kind: 'no-open-incident', url: 'https://x.org/open' }],
  ])('is read: %s', (text, check) => {
    expect(only(text)).toEqual({ name: text.split(':')[0], withinMs: expect.any(Number), ...check });
  });

  it("is the plan's unless the environment has its own of that name", () => {
    const two = all(`${HEALTH}\nquiet: alarms-quiet`);
    expect(planOf(two, own('quiet: { alarms-quiet: true, within: 3s }\nmore: team-notified')).checks).toMatchObject([
      { name: 'health', kind: 'http' },
      { name: 'quiet', withinMs: 3_000 },
      { name: 'more', kind: 'team-notified' },
    ]);
  });

  it('counts in the hash of the plan, but the folder of a command does not: it belongs to a machine', () => {
    const command = (folder: string) => all(`a: { command: { run: [x], directory: ${folder} } }`);
    expect(planHash(planOf(command('/one')))).toBe(planHash(planOf(command('/two'))));
    expect(planHash(planOf(command('/one')))).not.toBe(planHash(planOf()));
    expect(planHash(planOf())).toBe(planHash({ ...planOf(), checks: undefined }));
  });
});

describe('checks in a plan', () => {
  it('wants a dashboard and a channel where a check needs them', () => {
    const none = [{ at: ['watch', 'dashboard'] }, { at: ['environments', 1, 'checklist', 1, 'proof'] }];
    expect(problemsAfter(...none, all('a: dashboard-has-data'))).toMatchObject([{ path: 'checks.a' }]);
    const unheard = [{ at: ['notify'] }, { at: [...prod, 'checklist', 2, 'proof'], to: 'told' }];
    expect(problemsAfter(...unheard, all('told: team-notified'))).toMatchObject([
      { path: 'environments[2].checklist[2].proof', problem: 'has no channel that gets the event started' },
    ]);
  });

  it('tells every problem of every check at once', () => {
    const bad = all('a: {}\nb: { http: { url: x, methd: GET } }\nc: { command: { run: [], exitCodes: [256] } }');
    expect(problemsAfter(bad).map(({ path }) => path)).toEqual([
      'checks.a',
      'checks.b.http.url',
      'checks.b.http.methd',
      'checks.c.command.run',
      'checks.c.command.exitCodes[0]',
    ]);
  });

  it('takes a check as a proof by its name alone, or with the key, and as a required part', () => {
    const proof = (to: unknown): Edit => ({ at: [...prod, 'checklist', 0, 'proof'], to });
    const verified: readonly Edit[] = [
      { at: [...prod, 'verification', 'checks'], to: ['health'] },
      { at: [...prod, 'verification', 'require'], to: ['health', 'alarms'] },
    ];
    for (const to of ['health', { check: 'health' }]) {
      const plan = planOf(all(HEALTH), proof(to), ...verified);
      expect(plan.checklist[0]?.proof).toEqual({ by: 'check', check: 'health' });
      expect(plan.verification).toMatchObject({ checks: ['health'], require: ['health', 'alarms'] });
    }
  });

  it("asks the environment's own probe in place of the plan's, and knows its checks", () => {
    const probe: Edit = { at: ['probe'], to: { checks: ['health'] } };
    const ownProbe: Edit = { at: [...prod, 'probe'], to: { checks: ['quiet'] } };
    expect(planOf(all(HEALTH), probe).probe).toEqual({ checks: ['health'] });
    expect(planOf(all(HEALTH), own('quiet: alarms-quiet'), probe, ownProbe).probe).toEqual({ checks: ['quiet'] });
    expect(planOf().probe).toBeUndefined();
    const paths = (...edits: readonly Edit[]) => new Set(problemsAfter(...edits).map(({ path }) => path));
    expect(paths(probe)).toEqual(new Set(['probe.checks[0]']));
    expect(paths(all(HEALTH), ownProbe)).toEqual(new Set(['environments[2].probe.checks[0]']));
  });

  it('asks the checks of the fallback in every environment, under a name of its own', () => {
    const fallback = (name: string, ...checks: readonly string[]): Edit => ({ at: ['fallback'], to: { name, checks } });
    expect(planOf(all(HEALTH), fallback('v1', 'health')).fallback).toEqual({ name: 'v1', checks: ['health'] });
    const paths = (...edits: readonly Edit[]) => problemsAfter(...edits).map(({ path }) => path);
    // The check of one environment is none of the others'.
    expect(paths(own(HEALTH), fallback('v1', 'health'))).toEqual(['fallback.checks[0]']);
    for (const name of ['flag', 'infra'])
      expect(paths(all(HEALTH), fallback(name, 'health'))).toEqual(['fallback.name']);
    expect(paths(all('record: alarms-quiet'), fallback('v1', 'record'))).toEqual(['fallback.checks[0]']);
    expect(paths(all(HEALTH), fallback('V 1'))).toEqual(['fallback.name', 'fallback.checks']);
  });
});

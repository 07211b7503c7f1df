import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { checkPlan } from '../../../rules/plan/plan';
import { planProblems } from '../../../rules/plan/problems/problems';
import { PLANS, problemsAfter, problemsOf } from './broken-plan';

const pavi = readFileSync(join(PLANS, 'pavi.yaml'), 'utf8');

describe('checkPlan, all problems at once', () => {
  it('reports mistakes of shape and of agreement together, in the order of the file', () => {
    const problems = problemsAfter(
      { at: ['service'], to: 'PAVI' },
      { at: ['steps', 0, 'soak'], to: 'a day' },
      { at: ['steps', 2, 'percentage'], to: 20 },
      { at: ['watch', 'alarms', 1, 'name'], to: 'timeouts' },
      { at: ['infrastructure'] },
      { at: ['environments', 1, 'windows', 0, 'zone'], to: 'ET' },
      { at: ['environments', 2, 'name'], to: 'dev' },
      { at: ['environments', 2, 'deployment'] },
      { at: ['environments', 2, 'aprovals'], to: 1 },
    );
    expect(problems.map(({ path }) => path)).toEqual([
      'service',
      'steps[0].soak',
      'steps[2].percentage',
      'watch.alarms[1].name',
      'environments[1].windows[0].zone',
      'environments[1].deployment',
      'environments[2].name',
      'environments[2].aprovals',
    ]);
  });

  it('says where each value is and how it is written', () => {
    const lines = pavi.split('\n');
    const line = lines.findIndex((each) => each.includes('percentage: 50')) + 1;
    const column = (lines[line - 1] ?? '').indexOf('50') + 1;
    const [problem] = problemsOf(pavi.replace('percentage: 50', 'percentage: 5e0'));
    expect(problem).toMatchObject({ path: 'steps[2].percentage', line, column, value: '5e0' });
  });

  it('shows a missing key at the mapping it belongs to, without a value', () => {
    const [problem] = problemsOf(pavi.replace(', onBreach: rollback', ''));
    const line = pavi.split('\n').findIndex((each) => each.includes("executions-failed-{env}',")) + 1;
    expect(problem).toMatchObject({ path: 'watch.alarms[0].onBreach', line, problem: 'missing' });
    expect(problem?.value).toBeUndefined();
  });

  it('follows an alias to the value it stands for', () => {
    const text = pavi
      .replace('- { percentage: 10, soak: 1d }', '- { percentage: 10, soak: &day 1 day }')
      .replace('percentage: 100, soak: 1d', 'percentage: 100, soak: *day');
    expect(problemsOf(text).map(({ path, value }) => [path, value])).toEqual([
      ['steps[0].soak', '1 day'],
      ['steps[4].soak', '*day'],
    ]);
  });
});

describe('checkPlan, YAML', () => {
  const rows: readonly (readonly [string, string, number, RegExp, RegExp])[] = [
    ['a bracket that is not closed', 'steps: [1, 2\nservice: x\n', 2, /not valid YAML/, /brackets/],
    ['a tab', 'flag:\n\tsalt: x\n', 2, /Tabs/, /spaces in place of tabs/],
    ['a key written twice', `${pavi}version: 1\n`, pavi.split('\n').length, /keys must be unique/, /each key once/],
    ['{env} without quotes inside braces', 'a: { name: x-{env}, b: c }\n', 1, /not valid YAML/, /in quotes/],
    ['an alias of nothing', 'a: 1\nb: *nothing\n', 2, /no &nothing before it/, /in place of the \*alias/],
    ['two plans in one file', 'version: 1\n---\nversion: 1\n', 2, /multiple documents/, /one plan in one file/],
    ['a tag', pavi.replace('version: 1', 'version: !number 1'), 5, /Unresolved tag/, /without a tag/],
    ['an empty file', '', 1, /mapping of keys/, /version: 1/],
    ['only a comment', '# nothing\n', 1, /mapping of keys/, /version: 1/],
    ['a list', '- version: 1\n', 1, /mapping of keys/, /version: 1/],
  ];
  it.each(rows)('refuses %s', (_what, ...[text, line, problem, remedy]) => {
    expect(problemsOf(text)).toContainEqual({
      ...{ path: '', line, column: expect.any(Number), value: expect.any(String) },
      ...{ problem: expect.stringMatching(problem), remedy: expect.stringMatching(remedy) },
    });
  });

  it('reports a key written twice beside the other problems', () => {
    const problems = problemsOf(`${pavi.replace('percentage: 50', 'percentage: 5')}version: 1\n`);
    expect(problems.map(({ path }) => path)).toEqual(['steps[2].percentage', '']);
  });

  it('tells a line that cannot be read only once', () => {
    expect(problemsOf('a: { name: x-{env}, b: c }\n')).toHaveLength(1);
  });

  it('stops a file whose aliases multiply without end', () => {
    const levels = Array.from({ length: 9 }, (_, i) => `k${i + 1}: &k${i + 1} [${Array(9).fill(`*k${i}`).join(', ')}]`);
    const [problem] = problemsOf(['k0: &k0 [x, x, x]', ...levels, ''].join('\n'));
    expect(problem).toMatchObject({ problem: expect.stringMatching(/alias/), remedy: expect.stringMatching(/alias/) });
  });
});

describe('checkPlan, any text', () => {
  it('answers every text, and never throws', () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => !checkPlan(text).ok));
  });

  it('answers the plan with any piece of it cut out or doubled', () => {
    const cut = fc.tuple(fc.nat(pavi.length), fc.nat(60), fc.constantFrom('', '{', ': ', '\n- ', '*a', '~', '"'));
    fc.assert(
      fc.property(cut, ([at, length, instead]) => {
        const checked = checkPlan(pavi.slice(0, at) + instead + pavi.slice(at + length));
        return checked.ok || checked.problems.every(({ line, remedy }) => (line ?? 0) >= 1 && remedy.length > 0);
      }),
      { numRuns: 150 },
    );
  });
});

describe('planProblems', () => {
  it('writes a line for each problem with place, path, value, problem and remedy', () => {
    const problems = problemsOf(
      pavi.replace('percentage: 50', 'percentage: 20').replace(', soak: 1d } # "Day 8', ' } # "Day 8'),
    );
    expect(
      planProblems('plans/x.yaml', problems)
        .replaceAll(/yaml:\d+:/g, 'yaml:LINE:')
        .split('\n'),
    ).toEqual([
      'plans/x.yaml:LINE:19 steps[2].percentage is 20: must be more than 25, the percentage before it; ' +
        'write a number above 25, or remove the step',
      'plans/x.yaml:LINE:5 steps[4].soak: missing; write a duration from 1s to 30d, as 1d or 30m',
    ]);
  });

  it('leaves the place out when the problem is not in the file', () => {
    const problem = { path: 'environment', value: 'prd', problem: 'the plan has only dev, prod', remedy: 'name prod' };
    expect(planProblems('x.yaml', [problem])).toBe('x.yaml environment is prd: the plan has only dev, prod; name prod');
  });

  it('names an empty value, an empty file and a line that is not YAML as such', () => {
    const [empty] = problemsOf(pavi.replace('service: pavi', 'service:'));
    expect(planProblems('x.yaml', empty === undefined ? [] : [empty])).toMatch(
      /^x\.yaml:\d+:\d+ service is empty: must be text/,
    );
    expect(planProblems('x.yaml', problemsOf(''))).toMatch(/^x\.yaml:1:1 the plan is empty: /);
    expect(planProblems('x.yaml', problemsOf('a: [1\n'))).toMatch(/^x\.yaml:2:1 the plan: not valid YAML/);
    expect(planProblems('x.yaml', problemsOf('a: *b\n'))).toMatch(/^x\.yaml:1:4 the plan has "a: \*b": not valid YAML/);
  });
});

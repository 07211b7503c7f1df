import { checkPlan } from '../../../../rules/plan/plan';
import { PLAN_SHAPE, shapeProblem } from '../../../../rules/plan/shape';
import { environmentPlan } from '../../../../rules/plan/resolve';
import { type Edit, editedText, problemsAfter } from '../broken-plan';

const at = (key: string, to: unknown): Edit => ({ at: ['flag', key], to });

function flagAfter(...edits: Edit[]): unknown {
  const checked = checkPlan(editedText(...edits));
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  const found = environmentPlan(checked.plan, 'prod');
  if (!found.ok) return undefined;
  // A workflow refuses an input of another shape.
  expect(shapeProblem(found.plan, PLAN_SHAPE, 'plan')).toBeUndefined();
  return found.plan.flag;
}

describe('flag.keys, flag.format and flag.sides', () => {
  it('are left out by a service that has no names of its own', () => {
    const flag = flagAfter(at('keys', undefined), at('sides', undefined));
    expect(flag).toEqual({ parameter: '/pavi/prod/step-functions-rollout', salt: 'pavi-prod' });
  });

  it('keep the order of the switches, in which the API asks them', () => {
    const off = { above: 'on', atZero: 'off' };
    expect(
      flagAfter(at('keys', { percentage: 'PCT', switches: { B: off, A: { ...off, whileOff: 100 } } })),
    ).toMatchObject({
      format: {
        percentage: 'PCT',
        switches: [
          { name: 'B', ...off, whileOff: 0 },
          { name: 'A', ...off, whileOff: 100 },
        ],
      },
    });
  });

  it('may be a plain number', () => {
    expect(flagAfter(at('keys', undefined), at('format', 'number'))).toMatchObject({ format: 'number' });
  });

  it.each([
    ['keys of a number', [at('format', 'number')], /flag\.keys: has no place/],
    [
      'a first switch that means all',
      [at('keys', { switches: { ON: on({ whileOff: 100 }) } })],
      /must be 0 for the first/,
    ],
    ['a switch with one value', [at('keys', { switches: { ON: on({ atZero: true }) } })], /is the value for 0 % too/],
    ['a switch named as the percentage', [at('keys', { switches: { percentage: on() } })], /key of the percentage too/],
    ['a key that every document has', [at('keys', { percentage: 'writer' })], /every document has/],
    ['a switch that every document has', [at('keys', { switches: { salt: on() } })], /every document has/],
    ['a switch without values', [at('keys', { switches: { ON: {} } })], /ON\.above: .*\n.*ON\.atZero/],
    ['a percentage of a switch', [at('keys', { switches: { ON: on({ whileOff: 50 }) } })], /must be 0 or 100/],
    ['one side', [at('sides', { new: 'v2' })], /sides\.old/],
    ['another format', [at('keys', undefined), at('format', 'yaml')], /must be one of document, number/],
  ])('are a problem with %s', (_name, edits, problem) => {
    const problems = problemsAfter(...edits);
    expect(problems.map((one) => `${one.path}: ${one.problem}`).join('\n')).toMatch(problem);
    for (const { remedy } of problems) expect(remedy).not.toBe('');
  });

  function on(more: object = {}): object {
    return { above: true, atZero: false, ...more };
  }
});

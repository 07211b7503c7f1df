import { checkPlan } from '../../../rules/plan/plan';
import { environmentPlan } from '../../../rules/plan/resolve';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAVI = readFileSync(join(__dirname, '../../../plans/pavi.yaml'), 'utf8');
const ROLE = 'arn:aws:iam::111122223333:role/Release';
const withTop = (text: string): string => PAVI.replace(/^environments:/m, `permissions: ${text}\nenvironments:`);
const inEnvironment = (name: string, text: string): string =>
  PAVI.replace(new RegExp(`(- name: ${name}\\n)`), `$1    permissions: ${text}\n`);
const problemsOf = (text: string): readonly string[] => {
  const checked = checkPlan(text);
  return checked.ok ? [] : checked.problems.map(({ path, problem, remedy }) => `${path}: ${problem}; ${remedy}`);
};

describe('permissions in a plan', () => {
  it('apply to every environment without its own, and say where they are written', () => {
    const checked = checkPlan(withTop(`{ raise: ['${ROLE}'], approve: ['${ROLE}'] }`));
    const prod = checked.ok ? environmentPlan(checked.plan, 'prod') : undefined;
    expect(prod?.ok === true && prod.plan.permissions).toEqual({
      ...{ proof: 'required', raise: [ROLE], approve: [ROLE], at: 'permissions' },
    });
    const none = checkPlan(PAVI);
    const without = none.ok ? environmentPlan(none.plan, 'prod') : undefined;
    expect(without?.ok === true && without.plan.permissions).toBeUndefined();
  });

  it('of one environment leave no protected one open', () => {
    const [problem = '', ...more] = problemsOf(inEnvironment('dev', '{ proof: claimed }'));
    expect(problem).toMatch(/^environments\[\d\]\.permissions: missing: .* protected/);
    expect([problem, ...more].some((one) => one.includes('prod is protected'))).toBe(true);
  });

  it('are reported all at once, each with what to write', () => {
    const list = [
      'arn:aws:iam::111122223333:role/team/Release',
      'arn:aws:iam::*:role/Release',
      'ada',
      'arn:aws:sts::111122223333:assumed-role/Release/ada',
      'arn:aws:sts::111122223333:assumed-role/Okta/ada',
    ];
    const text = withTop(
      `{ raise: ${JSON.stringify(list)}, approve: [], people: ['${ROLE.replace('Release', 'Okta')}'] }`,
    );
    expect(problemsOf(text)).toEqual([
      'permissions.raise[0]: has a path, which AWS leaves out when it names a caller; write arn:aws:iam::111122223333:role/Release',
      expect.stringMatching(/raise\[1\]: must be the ARN .* 12 digits/),
      expect.stringMatching(/raise\[2\]: must be the ARN/),
      expect.stringMatching(/raise\[3\]: names a session, .*role\/Release, or add that to people/),
    ]);
    expect(problemsOf(withTop(`{ proof: claimed, raise: ['${ROLE}'], people: [x] }`))).toHaveLength(2);
    expect(problemsOf(withTop('{ approve: [] }'))[0]).toMatch(/raise: missing: nobody could start/);
  });

  it('that nobody could approve with are a problem where approvals are needed', () => {
    expect(problemsOf(withTop(`{ raise: ['${ROLE}'] }`)).join()).toMatch(/approve: missing: .* approvals/);
  });
});

import { PAVI_JOBS } from '../../../pavi/jobs';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { checkPlan, type Plan } from '../../../rules/plan/plan';
import { environmentPlan } from '../../../rules/plan/resolve';
import { editedText, type Edit } from './broken-plan';

function edited(...edits: readonly Edit[]): Plan {
  const checked = checkPlan(editedText(...edits));
  if (!checked.ok) throw new Error(JSON.stringify(checked.problems));
  return checked.plan;
}

function prodOf(plan: Plan): EnvironmentPlan {
  const resolved = environmentPlan(plan, 'prod');
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return resolved.plan;
}

describe('environmentPlan', () => {
  it('puts the steps of the environment in place of those of the plan', () => {
    const plan = edited({ at: ['environments', 2, 'steps'], to: [{ percentage: 100, soak: '1.5h' }] });
    expect(prodOf(plan).steps).toEqual([{ percentage: 100, soakMs: 5_400_000 }]);
    expect(environmentPlan(plan, 'dev')).toMatchObject({ plan: { steps: { length: 5 } } });
  });

  it('puts single keys of watch in place of those of the plan', () => {
    const shared = prodOf(edited()).watch;
    const own = prodOf(edited({ at: ['environments', 2, 'watch'], to: { interval: '30s', dashboard: 'Own-{env}' } }));
    expect(own.watch).toEqual({ ...shared, intervalMs: 30_000, dashboard: 'Own-prod' });
  });

  const withoutVerification = [
    { at: ['environments', 2, 'verification'] },
    { at: ['environments', 2, 'deployment', 'rolloutNeeds'] },
  ];
  it('leaves optional keys out instead of writing undefined', () => {
    const plan = edited({ at: ['watch', 'pushQueue'] }, { at: ['watch', 'events'] }, ...withoutVerification);
    expect(Object.keys(prodOf(plan).watch).sort()).toEqual(['alarms', 'dashboard', 'guards', 'intervalMs']);
    expect(prodOf(plan).verification).toEqual({ monitorMs: 0, jobs: PAVI_JOBS });
    expect(prodOf(plan).aws).not.toHaveProperty('profile');
  });

  it('replaces {env} everywhere, as often as it occurs', () => {
    const plan = edited(
      { at: ['infrastructure', 'app'], to: 'cdk -c env={env} -c name={env}' },
      { at: ['environments', 2, 'checklist', 0, 'text'], to: 'Is {env} ready?' },
      { at: ['environments', 2, 'verification', 'healthUrl'], to: 'https://{env}.example.org/' },
    );
    const { infrastructure, checklist, verification } = prodOf(plan);
    expect(infrastructure?.app).toBe('cdk -c env=prod -c name=prod');
    expect(checklist[0]?.text).toBe('Is prod ready?');
    expect(verification.healthUrl).toBe('https://prod.example.org/');
  });

  it('keeps paths as written, for the caller to resolve against the folder of the plan', () => {
    expect(prodOf(edited())).toMatchObject({
      infrastructure: { directory: '..' },
      verification: { testJob: 'pavi-test-job.json' },
    });
  });

  it('numbers weekdays from Monday and sorts them', () => {
    const days = ['environments', 2, 'windows', 0, 'days'] as const;
    expect(prodOf(edited({ at: days, to: ['Sun', 'Mon', 'Sat'] })).windows[0]?.days).toEqual([1, 6, 7]);
  });

  it.each([
    ['prd', 'name prod'],
    ['production', 'name prod'],
    ['qa', 'name one of them'],
  ])('refuses the unknown environment %s: %s', (name, remedy) => {
    const problem = { path: 'environment', value: name, problem: 'the plan has only dev, staging, prod', remedy };
    expect(environmentPlan(edited(), name)).toEqual({ ok: false, problems: [problem] });
  });
});

import { environmentPlan } from '../../../../rules/plan/resolve';
import { checkPlan } from '../../../../rules/plan/plan';
import type { EnvironmentPlan } from '../../../../rules/plan/environment-plan';
import { planHash } from '../../../../rules/plan/plan-hash';
import { editedText, problemsAfter, type Edit } from '../broken-plan';

const at = (i: number) => ['environments', i, 'deployment'] as const;
const [dev, prod] = [at(0), at(2)];

function planOf(environment: string, ...edits: readonly Edit[]): EnvironmentPlan {
  const checked = checkPlan(editedText(...edits));
  const resolved = checked.ok ? environmentPlan(checked.plan, environment) : checked;
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  return resolved.plan;
}

describe('deployment', () => {
  const wrong: readonly (readonly [string, readonly Edit[], string, RegExp, RegExp])[] = [
    [
      'after an unknown environment',
      [{ at: [...prod, 'after'], to: 'stagin' }],
      'after',
      /not an environment/,
      /staging/,
    ],
    ['after itself', [{ at: [...prod, 'after'], to: 'prod' }], 'after', /itself/, /one of dev, staging/],
    ['that does not say what it needs', [{ at: [...prod, 'needs'] }], 'needs', /missing/, /verified/],
    ['that needs something of nobody', [{ at: [...prod, 'after'] }], 'needs', /without after/, /remove the key/],
    ['that needs something unknown', [{ at: [...prod, 'needs'], to: 'verifed' }], 'needs', /one of/, /write verified/],
    [
      'whose rollout needs something unknown',
      [{ at: [...prod, 'rolloutNeeds'], to: 'verifed' }],
      'rolloutNeeds',
      /one of/,
      /write verified/,
    ],
    [
      'whose rollout needs a verification that there is none of',
      [{ at: ['environments', 2, 'verification'] }],
      'rolloutNeeds',
      /can never be reached/,
      /write verification/,
    ],
    [
      'with an unknown item',
      [{ at: [...prod, 'checklist', 0], to: 'team-notifed' }],
      'checklist[0]',
      /not an item/,
      /write team-notified/,
    ],
    [
      'with an item twice',
      [{ at: [...prod, 'checklist', 2], to: 'team-notified' }],
      'checklist[2]',
      /already/,
      /remove it/,
    ],
    [
      'with too many approvals',
      [{ at: [...prod, 'approvals'], to: { required: 21, starterMayApprove: false } }],
      'approvals.required',
      /at most 20/,
      /0 to 20/,
    ],
    [
      'with an unknown key',
      [{ at: [...prod, 'befor'], to: 'dev' }],
      'befor',
      /unknown/,
      /the allowed keys here are after/,
    ],
  ];
  it.each(wrong)('refuses one %s', (_what, edits, path, ...[problem, remedy]) =>
    expect(problemsAfter(...edits)).toEqual([
      expect.objectContaining({
        path: `environments[2].deployment.${path}`,
        problem: expect.stringMatching(problem),
        remedy: expect.stringMatching(remedy),
      }),
    ]),
  );

  it('refuses environments that wait for each other, however long the way round', () => {
    const round = problemsAfter({ at: [...dev], to: { after: 'prod', needs: 'deployed' } });
    expect(round.map(({ path }) => path)).toEqual([0, 1, 2].map((i) => `environments[${i}].deployment.after`));
    expect(round[0]?.problem).toMatch(/neither could ever be deployed/);
  });

  it('asks for the approvals of the environment, or for its own', () => {
    expect(planOf('prod').deployment?.approvals).toMatchObject({ required: 2, starterMayApprove: false });
    const own = { required: 1, starterMayApprove: true, validFor: '1h' };
    expect(planOf('prod', { at: [...prod, 'approvals'], to: own })).toMatchObject({
      approvals: { required: 2 },
      deployment: { approvals: { required: 1, starterMayApprove: true, validForMs: 3_600_000 } },
    });
  });

  it('left out, asks for nothing but the approvals', () =>
    expect(planOf('prod', { at: [...prod] }).deployment).toEqual({
      nextEnvironments: [],
      approvals: { required: 2, starterMayApprove: false, validForMs: 7 * 86_400_000 },
      checklist: [],
    }));

  it('knows how those that come after it are made', () => {
    const plan = planOf('staging', { at: ['infrastructure', 'app'], to: 'python3 app.py {env}' });
    expect(plan.deployment?.nextEnvironments).toEqual([
      {
        environment: 'prod',
        aws: { account: '100225593120', region: 'us-east-1' },
        infrastructure: {
          app: 'python3 app.py prod',
          directory: '..',
          stacks: ['PaviComputeStack-prod', 'PaviStepFunctionsStack-prod'],
        },
      },
    ]);
  });

  it('is part of the plan that is approved, but for the folders of this machine', () => {
    const plan = planOf('staging');
    const on = (directory: string): EnvironmentPlan => ({
      ...plan,
      infrastructure: plan.infrastructure && { ...plan.infrastructure, directory },
      deployment: {
        ...(plan.deployment as NonNullable<EnvironmentPlan['deployment']>),
        nextEnvironments: (plan.deployment?.nextEnvironments ?? []).map((one) => ({
          ...one,
          infrastructure: { ...one.infrastructure, directory },
        })),
      },
    });
    expect(planHash(on('/home/ann'))).toBe(planHash(on('/srv/bob')));
    expect(planHash(planOf('prod', { at: [...prod, 'needs'], to: 'deployed' }))).not.toBe(planHash(planOf('prod')));
  });
});

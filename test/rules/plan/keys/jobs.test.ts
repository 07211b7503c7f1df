import { checkPlan } from '../../../../rules/plan/plan';
import { environmentPlan } from '../../../../rules/plan/resolve';
import { PLAN_SHAPE, shapeProblem } from '../../../../rules/plan/shape';
import { type Edit, editedText, problemsAfter } from '../broken-plan';

const dev = ['environments', 0] as const;
/** Without every environment's golden files, which name PAVI's results. */
const noGolden: readonly Edit[] = [0, 1, 2].map((i) => ({ at: ['environments', i, 'verification', 'golden'] }));
const jobs = (to: unknown): Edit => ({ at: ['jobs'], to });

function jobsOf(...edits: readonly Edit[]) {
  const checked = checkPlan(editedText(...edits));
  const resolved = checked.ok ? environmentPlan(checked.plan, 'dev') : checked;
  if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
  expect(shapeProblem(resolved.plan, PLAN_SHAPE, 'plan')).toBeUndefined();
  return resolved.plan.verification.jobs;
}

describe('jobs', () => {
  it('need only a path; the sides are those of the flag', () => {
    const sides: Edit = { at: ['flag', 'sides'], to: { new: 'Checkout V2', old: 'Checkout V1' } };
    expect(jobsOf(jobs({ path: '/jobs' }), sides, ...noGolden)).toEqual({
      ...{ path: '/jobs', results: {}, sides: { new: 'checkout-v2', old: 'checkout-v1' } },
    });
    expect(jobsOf(jobs({ path: '/jobs' }), { at: ['flag', 'sides'] }, ...noGolden)?.sides).toEqual({
      new: 'new',
      old: 'old',
    });
  });

  it('are needed by all that submits a job, and by a guard on results', () => {
    const guard = {
      ...{ name: 'served', results: { stateMachine: 'orders-{env}' }, breachWhen: { successRateBelow: 95 } },
      ...{ minSamples: 5, onBreach: 'rollback' },
    };
    const found = problemsAfter({ at: ['jobs'] }, { at: ['watch', 'guards'], to: [guard] });
    expect(found.map(({ path }) => path)).toEqual(
      expect.arrayContaining([
        'watch.guards[0].results',
        'environments[0].verification.testJob',
        'environments[1].verification.badJob',
        'environments[2].verification.failingJob',
      ]),
    );
    expect(new Set(found.map(({ problem }) => problem))).toEqual(new Set(['needs `jobs`: how the API takes them']));
  });

  it('need names of executions for a guard on results', () => {
    const results = { stateMachine: 'orders-{env}' };
    const guard = { name: 'served', results, breachWhen: { successRateBelow: 95 }, minSamples: 5, onBreach: 'hold' };
    const guards: Edit = { at: ['watch', 'guards'], to: [guard] };
    expect(problemsAfter(jobs({ path: '/jobs' }), guards, ...noGolden)).toMatchObject([
      { path: 'watch.guards[0].results', problem: expect.stringContaining('jobs.execution') },
    ]);
    expect(problemsAfter(jobs({ path: '/jobs', execution: 'order-{id}' }), guards, ...noGolden)).toEqual([]);
  });

  it('have the golden results among their results', () => {
    const golden: Edit = { at: [...dev, 'verification', 'golden'], to: { receipt: 'r.json', bill: 'b.json' } };
    const named = jobs({ path: '/jobs', results: { receipt: 'receipt' } });
    expect(problemsAfter(named, ...noGolden.slice(1), golden)).toMatchObject([
      { path: 'environments[0].verification.golden.bill', remedy: 'write receipt' },
    ]);
  });

  it.each<[string, object, string]>([
    ['a path without a slash', { path: 'jobs' }, 'jobs.path'],
    ['a path with a query', { path: '/jobs?x=1' }, 'jobs.path'],
    ['a result above the job', { path: '/jobs', results: { a: 'b?c' } }, 'jobs.results.a'],
    ['an execution without its id', { path: '/jobs', execution: 'job' }, 'jobs.execution'],
    ['a header with a space', { path: '/jobs', sideHeader: 'x backend' }, 'jobs.sideHeader'],
    ['a kind with capitals', { path: '/jobs', kind: 'Shop' }, 'jobs.kind'],
  ])('refuse %s', (_what, to, path) =>
    expect(problemsAfter(jobs(to), ...noGolden).map((problem) => problem.path)).toEqual([path]),
  );
});

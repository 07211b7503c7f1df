import { checkPlan } from '../../../../rules/plan/plan';
import { environmentPlan } from '../../../../rules/plan/resolve';
import { guardsWithoutApiFindings } from '../../../../rules/doctor/examination-findings';
import { editedText, problemsAfter, problemsOf, type Edit } from '../broken-plan';
import { all, query, first, jobs, metric, logs, compare, results, withGuards } from './sample-guards';

const prod = ['environments', 2] as const;
const alarm = ['watch', 'alarms', 0] as const;

describe('checkPlan, guards among others', () => {
  it('refuses two of one name, also an alarm and a guard', () => {
    expect(problemsAfter(withGuards(jobs, { ...logs, name: jobs.name }))).toMatchObject([
      { path: 'watch.guards[1].name', problem: 'is already used by item 1 of guards' },
    ]);
    const own = { alarms: [{ name: 'errors', onBreach: 'hold' }] };
    expect(problemsAfter(withGuards(logs), { at: [...prod, 'watch'], to: own })).toMatchObject([
      { path: 'watch.guards[0].name', problem: 'is already used by item 1 of alarms' },
    ]);
  });

  it('says that a guard on results has no address to fetch from, and keeps no such guard of one environment', () => {
    const noApi = { at: [...prod, 'verification'], to: { monitor: '30m' } };
    expect(problemsAfter(noApi, { at: [...prod, 'watch'], to: { guards: [results] } })).toMatchObject([
      { path: 'environments[2].watch.guards[0].results', problem: expect.stringContaining('verification.apiUrl') },
    ]);
    const shared = checkPlan(editedText(noApi, withGuards(results)));
    const resolved = shared.ok ? environmentPlan(shared.plan, 'prod') : shared;
    if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
    expect(resolved.plan.watch).toMatchObject({ guards: [], guardsWithoutApi: ['results-are-served'] });
    expect(guardsWithoutApiFindings(resolved.plan)).toMatchObject([
      { subject: 'guard results-are-served', level: 'warning', what: expect.stringContaining('prod sets no') },
    ]);
  });

  it('asks of own steps only what holds for them, and says it once', () => {
    const short = { at: [...prod, 'steps'], to: [{ percentage: 100, soak: '10m' }] };
    expect(problemsAfter(withGuards(logs), short)).toMatchObject([
      { path: 'watch.guards[0].logs.period', problem: 'must not be longer than the soak of 100 %, 10m' },
    ]);
    expect(problemsAfter(withGuards(logs), short, { at: [...prod, 'watch'], to: { guards: [] } })).toEqual([]);
  });

  it('wants something that stops: no notice and no dry run is enough', () => {
    const notice = { at: ['watch', 'alarms'], to: [{ name: 'a-{env}', onBreach: 'notify' }] };
    expect(problemsAfter(notice, withGuards({ ...logs, dryRun: true }))).toMatchObject([
      { path: 'watch.alarms', problem: expect.stringMatching(/every alarm and guard .* nothing would stop/) as string },
    ]);
    expect(problemsAfter(notice, withGuards(logs))).toEqual([]);
  });

  it('lets alarms be tolerated, but not by samples, of which they have none', () => {
    const policy = { onNoData: 'rollback', failureLimit: 2, initialDelay: '10m', percentages: [10], staleAfter: '1h' };
    const edits = Object.entries(policy).map(([name, to]): Edit => ({ at: [...alarm, name], to }));
    expect(problemsAfter(...edits)).toEqual([]);
    expect(problemsAfter({ at: [...alarm, 'minSamples'], to: 5 })).toMatchObject([
      {
        path: 'watch.alarms[0].minSamples',
        problem: 'unknown key',
        remedy: expect.stringMatching(/keys here/) as string,
      },
    ]);
  });
});

describe('alarms and guards elsewhere', () => {
  const placed = (item: readonly (string | number)[], keys: object): readonly Edit[] =>
    Object.entries(keys).map(([name, to]): Edit => ({ at: [...item, name], to }));

  it.each([
    ['another region', { region: 'eu-west-1' }, []],
    ['another account with its profile', { account: '999999999999', profile: 'shared-{env}' }, []],
    ['another account with our credentials', { account: '999999999999' }, [/not the account of .* no profile/]],
    ['no region', { region: 'Frankfurt' }, [/name of an AWS region/]],
    ['no account', { account: '12' }, [/12 digits/, /not the account/]],
  ])('%s', (_name, keys, problems) => {
    for (const item of [alarm, first]) {
      const found = problemsAfter(withGuards(logs), ...placed(item, keys));
      const texts = [...new Set(found.map(({ problem }) => problem.replace(/ of \w+,/, ' of each,')))];
      expect(texts).toHaveLength(problems.length);
      problems.forEach((problem) => expect(texts).toContainEqual(expect.stringMatching(problem)));
    }
  });

  it('are resolved to a whole place, and to none where it is the environment’s own', () => {
    const text = editedText(
      withGuards({ ...logs, region: 'eu-west-1', profile: 'shared-{env}' }),
      ...placed(alarm, { region: 'us-east-1' }),
    );
    const checked = checkPlan(text);
    const resolved = checked.ok ? environmentPlan(checked.plan, 'prod') : checked;
    if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
    const { aws, watch } = resolved.plan;
    expect(watch.alarms[0]?.aws).toBeUndefined();
    expect(watch.guards[0]?.aws).toEqual({ ...aws, region: 'eu-west-1', profile: 'shared-prod' });
    expect(watch.guards[0]).not.toHaveProperty('region');
  });
});

describe('environmentPlan, guards', () => {
  const written = (text: string) => {
    const checked = checkPlan(text);
    const resolved = checked.ok ? environmentPlan(checked.plan, 'prod') : checked;
    if (!resolved.ok) throw new Error(JSON.stringify(resolved.problems));
    return resolved.plan.watch;
  };

  it('gives each kind its own shape, times in milliseconds, {env} replaced', () => {
    const policy = { onNoData: 'ignore', initialDelay: '5m', tooFew: { within: '3d', then: 'hold' }, dryRun: true };
    const [one, two, three, four] = written(
      editedText(withGuards({ ...jobs, ...policy }, metric, logs, compare)),
    ).guards;
    expect(one).toEqual({
      name: 'jobs-succeed',
      kind: 'executions',
      stateMachine: 'pavi-pipeline-sfn-prod',
      userErrors: [],
      breach: { successRateBelow: 95 },
      minSamples: 20,
      onBreach: 'rollback',
      onNoData: 'ignore',
      dryRun: true,
      initialDelayMs: 300_000,
      tooFew: { withinMs: 3 * 86_400_000, then: 'hold' },
    });
    const resolvedQuery = { ...query, dimensions: { Name: 'prod' } };
    expect(two).toEqual({
      name: 'failures',
      kind: 'metric',
      metrics: [
        { id: 'failed', ...resolvedQuery },
        { id: 'started', ...resolvedQuery },
      ],
      expression: metric.metric.expression,
      periodMs: 3_600_000,
      breach: { above: 5 },
      onBreach: 'rollback',
    });
    expect(three).toEqual({
      name: 'errors',
      kind: 'logs',
      group: '/pavi/api/prod',
      pattern: 'ERROR',
      periodMs: 1_800_000,
      breach: { above: 0 },
      onBreach: 'hold',
    });
    expect(four).toEqual({
      name: 'not-slower',
      kind: 'comparison',
      group: '/pavi/api/prod',
      pattern: compare.compare.pattern,
      side: { field: 'backend', fresh: 'step-functions', baseline: 'nextflow' },
      durationField: 'durationMs',
      breach: { slowerByPercent: 20 },
      onBreach: 'hold',
    });
  });

  it('puts the guards of an environment in place of those of the plan', () => {
    const own = { at: [...prod, 'watch'], to: { guards: [{ ...logs, logs: { ...logs.logs, group: '/mine' } }] } };
    expect(written(editedText(withGuards(...all), own)).guards).toMatchObject([{ name: 'errors', group: '/mine' }]);
    expect(problemsOf(editedText(withGuards(...all), own))).toEqual([]);
  });
});

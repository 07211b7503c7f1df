import { formatFinding, ownerFinding, ownPlanFinding, probeFinding } from '../../../rules/doctor/flag-findings';
import { type Owner, parseOwner } from '../../../rules/rollout/owner';
import { PAVI_JOBS } from '../../../pavi/jobs';
import { aPlan } from '../../helpers/samples/plans';

const temporal = { cluster: 'here', namespace: 'default' };
const owner: Owner = {
  schema: 1,
  workflowId: 'rollout-pavi-prod',
  firstRunId: 'run-1',
  temporal,
  by: 'ada',
  sinceMs: 0,
};
const here = { workflowId: owner.workflowId, temporal };
const found = (one: Partial<Owner> = {}) => ({
  parameter: '/flag-owner',
  environment: 'prod',
  owner: parseOwner(JSON.stringify({ ...owner, ...one })),
});

describe('the owner of the flag, as the doctor tells it', () => {
  it('is absent without such a parameter', () =>
    expect(ownerFinding({ parameter: '/flag-owner', environment: 'prod' }, here)).toMatchObject({ level: 'ok' }));

  const elsewhere = { temporal: { ...temporal, cluster: 'other' } };
  const beside = { temporal: { ...temporal, namespace: 'two' } };
  it.each([
    { who: 'a rollout that runs here', one: {}, running: true, level: 'ok' },
    { who: 'one that has ended and left it', one: {}, running: false, level: 'warning', remedy: 'takes it over' },
    { who: 'one of which nobody knows', one: {}, level: 'warning', remedy: 'rollout status prod' },
    { who: 'one of another Temporal', one: elsewhere, running: false, level: 'problem', remedy: 'release-owner prod' },
    { who: 'one of another namespace', one: beside, running: true, level: 'problem', remedy: 'namespace two' },
    { who: 'another workflow', one: { workflowId: 'other' }, running: true, level: 'problem', remedy: 'release-owner' },
  ])('is $who', ({ one, running, level, remedy }) => {
    const finding = ownerFinding(found(one), { ...here, running });
    expect(finding).toMatchObject({ subject: 'owner /flag-owner', level, what: expect.stringContaining('run-1') });
    if (remedy === undefined) expect(finding.remedy).toBeUndefined();
    else expect(finding.remedy).toContain(remedy);
  });

  it('is a problem when it is unreadable', () =>
    expect(ownerFinding({ ...found(), owner: parseOwner('{}') }, here)).toMatchObject({
      level: 'problem',
      remedy: expect.stringContaining('release-owner'),
    }));
});

describe('a worker that trusts only its own plans, as the doctor tells it', () => {
  it('is silent about one that trusts all', () => expect(ownPlanFinding(undefined, aPlan())).toEqual([]));
  it('is fine with its own plan', () =>
    expect(ownPlanFinding([aPlan()], aPlan())).toMatchObject([{ level: 'ok', subject: 'who may raise' }]));
  it('says before a start that it would be refused, why, and what to do', () =>
    expect(ownPlanFinding([], aPlan())).toMatchObject([
      {
        level: 'problem',
        what: expect.stringMatching(/would be refused.*has none of pavi/),
        remedy: expect.stringContaining('plan of the workers'),
      },
    ]));
});

describe('the probe, as the doctor tells it', () => {
  const verified = (verification: object, steps = aPlan().steps) =>
    probeFinding({ ...aPlan(), steps, verification: { ...aPlan().verification, jobs: PAVI_JOBS, ...verification } });

  it('is missed where a step sends a part of the jobs', () =>
    expect(verified({})).toMatchObject({
      level: 'warning',
      remedy: expect.stringContaining('verification.probeJobs'),
    }));

  it('is not missed where the only step sends all of them', () =>
    expect(verified({}, [{ percentage: 100, soakMs: 1 }])).toMatchObject({ level: 'ok' }));

  it('is not missed by a service without jobs', () =>
    expect(verified({ jobs: undefined })).toMatchObject({
      level: 'ok',
      what: expect.stringContaining('names no jobs'),
    }));

  it('sees only the instances that are named', () => {
    expect(verified({ probeJobs: 4 })).toMatchObject({
      level: 'warning',
      remedy: expect.stringContaining('instances'),
    });
    expect(verified({ probeJobs: 4, instances: ['http://a', 'http://b'] })).toMatchObject({ level: 'ok' });
  });
});

it('a flag that is only a number is a warning, and no other format is', () => {
  const { flag } = aPlan();
  expect(formatFinding({ flag: { ...flag, format: 'number' } })).toMatchObject([
    { level: 'warning', subject: `format of ${flag.parameter}`, what: expect.stringContaining('older 0') },
  ]);
  for (const format of [undefined, { percentage: 'P' }])
    expect(formatFinding({ flag: { ...flag, format } })).toEqual([]);
});

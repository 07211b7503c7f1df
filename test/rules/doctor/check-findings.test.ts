import { PAVI_JOBS, PAVI_KIND } from '../../../pavi/jobs';
import { checkOf } from '../../../rules/checks/check';
import { checkFindings, jobKindFinding } from '../../../rules/doctor/check-findings';
import { aPlan } from '../../helpers/samples/plans';

const http = { kind: 'http', url: 'https://x', method: 'GET', answerHeaders: {}, json: [] } as const;
const checks = [
  checkOf('health', { ...http, headers: { accept: 'text/plain' } }),
  checkOf('secret', {
    ...http,
    headers: { a: { variable: 'TOKEN' }, b: { variable: 'TOKEN' }, c: { variable: 'KEY' } },
  }),
];
const plan = aPlan({
  checks,
  checklist: [{ id: 'is-up', text: 'Is it up?', proof: { by: 'check', check: 'health' } }],
  probe: { checks: ['health'] },
  verification: { monitorMs: 1, checks: ['health'], jobs: PAVI_JOBS },
  fallback: { name: 'v1', checks: ['health'] },
});

it('each check of the plan is shown with what it asks and what asks it', () =>
  expect(checkFindings(plan, () => true)).toEqual([
    {
      subject: 'check health',
      level: 'ok',
      what: 'GET https://x answers as expected, within 10 s; asked by checklist is-up, probe, verification, fallback v1',
    },
    {
      subject: 'check secret',
      level: 'ok',
      what: 'GET https://x answers as expected, within 10 s; asked only by `rollout check`',
    },
  ]));

it('a check without its variable is a problem, because its answer would be unknown', () =>
  expect(checkFindings(plan, (name) => name === 'KEY')).toMatchObject([
    { level: 'ok' },
    { level: 'problem', what: expect.stringMatching(/no variable TOKEN$/), remedy: expect.stringContaining('TOKEN') },
  ]));

it('a plan without checks shows none', () => expect(checkFindings(aPlan(), () => true)).toEqual([]));

it('a kind of jobs that the worker does not know is a problem', () => {
  expect(jobKindFinding(plan, [PAVI_KIND])).toMatchObject([{ level: 'ok' }]);
  expect(jobKindFinding(plan, [])).toMatchObject([{ level: 'problem', remedy: expect.stringContaining('jobs.kind') }]);
  expect(jobKindFinding(aPlan(), [])).toEqual([]);
});

import type { Path } from '../../../../rules/plan/problems/problems';
import { problemAt, problemsAfter, type Edit } from '../broken-plan';

const NEW_YORK = 'America/New_York';
const prod = ['environments', 2] as const;
const window = [...prod, 'windows', 0] as const;
const proof = [...prod, 'checklist', 0, 'proof'] as const;

const freeze = { zone: NEW_YORK, from: '2026-12-19', to: '2027-01-03', reason: 'Year-end holidays' };
const frozen = (change: Partial<typeof freeze>): readonly Edit[] => [
  { at: ['freezes'], to: [{ ...freeze, ...change }] },
];
const set = (at: Path, to: unknown): readonly Edit[] => [{ at, to }];

type Row = readonly [what: string, edits: readonly Edit[], at: Path, problem: RegExp, remedy: RegExp];

const rows: readonly Row[] = [
  [
    'a day that is none',
    set([...window, 'except'], ['2026-02-30']),
    [...window, 'except', 0],
    /not a day of/,
    /2026-11-26/,
  ],
  [
    'a date by its month',
    set([...window, 'except'], ['26 Nov']),
    [...window, 'except', 0],
    /must be a date/,
    /2026-11-26/,
  ],
  [
    'a Friday of a window without Fridays',
    set([...window, 'except'], ['2026-12-25']),
    [...window, 'except', 0],
    /is a Friday/,
    /Tue, Wed, Thu/,
  ],
  [
    'the same date twice',
    set([...window, 'except'], ['2026-11-26', '2026-11-26']),
    [...window, 'except', 1],
    /already used/,
    /another/,
  ],
  [
    'a freeze in a zone of nowhere',
    frozen({ zone: 'ET' }),
    ['freezes', 0, 'zone'],
    /not a time zone/,
    /^write America\/New_York$/,
  ],
  [
    'a freeze that ends before it begins',
    frozen({ to: '2026-12-18' }),
    ['freezes', 0, 'to'],
    /before it begins, 2026-12-19/,
    /later/,
  ],
  [
    'a freeze without length',
    frozen({ from: '2026-12-19T10:00', to: '2026-12-19T10:00' }),
    ['freezes', 0, 'to'],
    /before it begins/,
    /later/,
  ],
  [
    'a freeze of a wrong year',
    frozen({ to: '2072-01-03' }),
    ['freezes', 0, 'to'],
    /freeze for 16\d{3} days/,
    /check the year/,
  ],
  [
    'a freeze until an offset',
    frozen({ to: '2027-01-03T10:00-05:00' }),
    ['freezes', 0, 'to'],
    /a date and a time/,
    /T08:00/,
  ],
  [
    'a freeze on a day that is none',
    frozen({ from: '2026-11-31' }),
    ['freezes', 0, 'from'],
    /not a day of/,
    /2026-12-19/,
  ],
  ['a freeze without reason', frozen({ reason: '' }), ['freezes', 0, 'reason'], /empty/, /holidays/],
  [
    'own freezes of a wrong order',
    set([...prod, 'freezes'], [{ ...freeze, to: '2026-12-01' }]),
    [...prod, 'freezes', 0, 'to'],
    /before it begins/,
    /later/,
  ],
  [
    'freezes where the flags are',
    set(['freezeParameter'], '/pavi/{env}/step-functions-rollout'),
    ['freezeParameter'],
    /flag\.parameter/,
    /another/,
  ],
  [
    'flags where freezes are written',
    set(['flag', 'parameter'], '/pavi/{env}/rollout-freezes'),
    ['flag', 'parameter'],
    /rollout freeze/,
    /freezeParameter/,
  ],
  [
    'freezes of all environments',
    set(['freezeParameter'], '/pavi/freezes'),
    ['freezeParameter'],
    /\{env\}/,
    /\/shop\/\{env\}/,
  ],
  [
    'a limit of a wait that is none',
    set(['limits'], { pause: { atMost: '1d' } }),
    ['limits', 'pause'],
    /unknown key/,
    /^write paused$/,
  ],
  [
    'a limit in words',
    set(['limits'], { held: { atMost: 'a day' } }),
    ['limits', 'held', 'atMost'],
    /number and a unit/,
    /7d/,
  ],
  [
    'an end that is none',
    set(['limits'], { held: { then: 'abbort' } }),
    ['limits', 'held', 'then'],
    /abort, continue/,
    /^write abort$/,
  ],
  [
    'approvals at a wrong time',
    set([...prod, 'approvals', 'before'], 'each-raise'),
    [...prod, 'approvals', 'before'],
    /one of/,
    /every-raise/,
  ],
  [
    'approvals without a unit',
    set([...prod, 'approvals', 'validFor'], '7'),
    [...prod, 'approvals', 'validFor'],
    /a unit/,
    /7d/,
  ],
  ['a misspelt proof', set(proof, 'alarms-quite'), proof, /must be one of alarms-quiet/, /^write alarms-quiet$/],
  ['a proof that is none', set(proof, 'trust me'), proof, /must be one of/, /end-to-end/],
  ['a proof that is a number', set(proof, 7), proof, /alarms-quiet, .* or a mapping/, /end-to-end/],
  [
    'a proof by an unknown environment',
    set(proof, { by: 'rollout-completed', environment: 'stagng' }),
    [...proof, 'environment'],
    /not an environment/,
    /^write staging$/,
  ],
  [
    'a proof by itself',
    set(proof, { by: 'rollout-completed', environment: 'prod' }),
    [...proof, 'environment'],
    /itself/,
    /dev, staging/,
  ],
  [
    'a proof by no environment',
    set(proof, { by: 'rollout-completed' }),
    [...proof, 'environment'],
    /missing/,
    /staging/,
  ],
  ['incidents nowhere', set(proof, { by: 'no-open-incident' }), [...proof, 'url'], /missing/, /https:/],
  [
    'incidents of an environment',
    set(proof, { by: 'no-open-incident', url: 'https://x.org', environment: 'dev' }),
    [...proof, 'environment'],
    /no meaning with no-open/,
    /url/,
  ],
  [
    'a dashboard that is not named',
    [
      { at: ['watch', 'dashboard'] },
      { at: ['environments', 1, 'checklist', 1, 'proof'] },
      ...set(proof, 'dashboard-has-data'),
    ],
    proof,
    /no dashboard/,
    /watch\.dashboard/,
  ],
  [
    'an API without a scheme',
    set([...prod, 'verification', 'apiUrl'], 'api.example.org'),
    [...prod, 'verification', 'apiUrl'],
    /http/,
    /https:/,
  ],
  [
    'a probe without a job',
    ['testJob', 'golden', 'stateMachine'].map((key) => ({ at: [...prod, 'verification', key] })),
    [...prod, 'verification', 'probeJobs'],
    /no job/,
    /testJob/,
  ],
  [
    'a probe of one side',
    set([...prod, 'verification', 'probeJobs'], 1),
    [...prod, 'verification', 'probeJobs'],
    /one for each side/,
    /2 to 20/,
  ],
];

describe('checkPlan, times and consent', () => {
  it.each(rows)('refuses %s and says what to write', (_what, ...[edits, at, problem, remedy]) => {
    expect(problemsAfter(...edits)).toEqual([problemAt(at, problem, remedy)]);
  });

  it('tells everything that is wrong with a window at once', () => {
    const bad = { zone: 'ET', days: ['Tuesday'], from: '9:00', to: '2 PM', except: ['soon'] };
    const paths = problemsAfter({ at: [...prod, 'windows'], to: [bad] }).map(({ path }) => path.replace(/.*\]\./, ''));
    expect(new Set(paths)).toEqual(new Set(['zone', 'days[0]', 'from', 'to', 'except[0]']));
  });
});

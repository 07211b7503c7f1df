import type { Path } from '../../../rules/plan/problems/problems';
import { problemAt, problemsAfter, type Edit } from './broken-plan';

const prod = ['environments', 2] as const;
const window = [...prod, 'windows', 0] as const;
const soaks = (...percentages: readonly number[]) => percentages.map((percentage) => ({ percentage, soak: '1d' }));
const long = (length: number): string => `{env}${'x'.repeat(length)}`;

type Row = readonly [what: string, edits: readonly Edit[], at: Path, problem: RegExp, remedy: RegExp];

const rows: readonly Row[] = [
  [
    'a step that falls',
    [{ at: ['steps'], to: soaks(10, 25, 20, 100) }],
    ['steps', 2, 'percentage'],
    /more than 25/,
    /above 25/,
  ],
  [
    'a step that repeats',
    [{ at: ['steps'], to: soaks(10, 10, 100) }],
    ['steps', 1, 'percentage'],
    /more than 10/,
    /remove the step/,
  ],
  [
    'a step out of range without a word about the step after it',
    [{ at: ['steps'], to: soaks(10, 125, 100) }],
    ['steps', 1, 'percentage'],
    /^must be at most 100$/,
    /10 or 12\.5/,
  ],
  [
    'a step after 100',
    [{ at: ['steps'], to: soaks(100, 100) }],
    ['steps', 1, 'percentage'],
    /more than 100/,
    /^remove the step$/,
  ],
  [
    'steps that end early',
    [{ at: ['steps'], to: soaks(10, 75) }],
    ['steps', 1, 'percentage'],
    /must be 100/,
    /percentage: 100/,
  ],
  [
    'own steps that end early',
    [{ at: [...prod, 'steps'], to: soaks(5) }],
    [...prod, 'steps', 0, 'percentage'],
    /must be 100/,
    /percentage: 100/,
  ],
  [
    'a soak shorter than the interval',
    [{ at: ['steps', 0, 'soak'], to: '30s' }],
    ['steps', 0, 'soak'],
    /shorter than the 1m between two polls/,
    /write 1m or more/,
  ],
  [
    'an own soak shorter than the interval',
    [{ at: [...prod, 'steps'], to: [{ percentage: 100, soak: '30s' }] }],
    [...prod, 'steps', 0, 'soak'],
    /shorter than the 1m/,
    /write 1m or more/,
  ],
  [
    'an own interval longer than a soak',
    [
      { at: ['steps', 0, 'soak'], to: '10m' },
      { at: [...prod, 'watch'], to: { interval: '20m' } },
    ],
    [...prod, 'watch', 'interval'],
    /longer than the shortest soak/,
    /shorter interval/,
  ],
  [
    'the same alarm twice',
    [{ at: ['watch', 'alarms', 1, 'name'], to: 'pavi-sfn-executions-failed-{env}' }],
    ['watch', 'alarms', 1, 'name'],
    /already used by item 1 of alarms/,
    /another one/,
  ],
  [
    'alarms that stop nothing',
    [{ at: ['watch', 'alarms'], to: [{ name: 'a-{env}', onBreach: 'notify' }] }],
    ['watch', 'alarms'],
    /nothing would stop/,
    /rollback or hold/,
  ],
  [
    'own alarms that stop nothing',
    [{ at: [...prod, 'watch'], to: { alarms: [{ name: 'a', onBreach: 'notify' }] } }],
    [...prod, 'watch', 'alarms'],
    /nothing would stop/,
    /rollback or hold/,
  ],
  [
    'the same environment twice',
    [{ at: [...prod, 'name'], to: 'dev' }, { at: [...prod, 'deployment'] }],
    [...prod, 'name'],
    /item 1 of environments/,
    /another/,
  ],
  [
    'the same stack twice',
    [{ at: ['infrastructure', 'stacks', 1], to: 'PaviComputeStack-{env}' }],
    ['infrastructure', 'stacks', 1],
    /item 1 of stacks/,
    /another/,
  ],
  [
    'monitoring that fills the time of a deployment',
    [
      { at: ['infrastructure', 'monitor'], to: '1h' },
      { at: ['infrastructure', 'atMost'], to: '2h' },
    ],
    ['infrastructure', 'monitor'],
    /no time to deploy: 2 × monitor/,
    /shorter monitor/,
  ],
  [
    'the same checklist id twice',
    [{ at: [...prod, 'checklist', 3, 'id'], to: 'team-notified' }, { at: [...prod, 'deployment', 'checklist', 2] }],
    [...prod, 'checklist', 3, 'id'],
    /item 3 of checklist/,
    /another/,
  ],
  [
    'the same day twice',
    [{ at: [...window, 'days', 2], to: 'Tue' }],
    [...window, 'days', 2],
    /item 1 of days/,
    /another/,
  ],
  [
    'a zone by its abbreviation',
    [{ at: [...window, 'zone'], to: 'ET' }],
    [...window, 'zone'],
    /not a time zone/,
    /^write America\/New_York$/,
  ],
  [
    'a zone that has no summer',
    [{ at: [...window, 'zone'], to: 'EST' }],
    [...window, 'zone'],
    /not a time zone/,
    /America\/New_York/,
  ],
  [
    'a zone by its city',
    [{ at: [...window, 'zone'], to: 'New York' }],
    [...window, 'zone'],
    /not a time zone/,
    /America\/New_York/,
  ],
  [
    'a misspelt zone',
    [{ at: [...window, 'zone'], to: 'Europe/Berln' }],
    [...window, 'zone'],
    /not a time zone/,
    /^write Europe\/Berlin$/,
  ],
  [
    'a zone of nowhere',
    [{ at: [...window, 'zone'], to: 'Mars/Olympus' }],
    [...window, 'zone'],
    /not a time zone/,
    /IANA name/,
  ],
  [
    'a zone that is an offset',
    [{ at: [...window, 'zone'], to: '-05:00' }],
    [...window, 'zone'],
    /not a time zone/,
    /IANA name/,
  ],
  [
    'a window without length',
    [{ at: [...window, 'to'], to: '10:00' }],
    [...window, 'to'],
    /moment it opens/,
    /'24:00'/,
  ],
  [
    'a long parameter',
    [{ at: ['flag', 'parameter'], to: `/${long(1004)}` }],
    ['flag', 'parameter'],
    /1012 characters for staging/,
    /1011/,
  ],
  [
    'a long alarm',
    [{ at: ['watch', 'alarms', 0, 'name'], to: long(249) }],
    ['watch', 'alarms', 0, 'name'],
    /256 characters/,
    /255/,
  ],
  [
    'a long queue',
    [{ at: ['watch', 'pushQueue'], to: long(74) }],
    ['watch', 'pushQueue'],
    /81 characters for staging/,
    /80/,
  ],
  [
    'events without the queue that brings them',
    [{ at: ['watch', 'pushQueue'] }, { at: ['watch', 'events'], to: true }],
    ['watch', 'events'],
    /pushQueue is missing/,
    /set pushQueue beside it/,
  ],
  [
    'a long dashboard',
    [{ at: ['watch', 'dashboard'], to: long(249) }],
    ['watch', 'dashboard'],
    /256 characters/,
    /255/,
  ],
  [
    'a long stack',
    [{ at: ['infrastructure', 'stacks', 0], to: `A${long(121)}` }],
    ['infrastructure', 'stacks', 0],
    /129 characters for staging/,
    /128/,
  ],
];

describe('checkPlan, what keys have to agree on', () => {
  it.each(rows)('refuses %s and says what to write', (_what, ...[edits, at, problem, remedy]) => {
    expect(problemsAfter(...edits)).toEqual([problemAt(at, problem, remedy)]);
  });
});

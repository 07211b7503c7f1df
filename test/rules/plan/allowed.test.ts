import { problemsAfter, type Edit } from './broken-plan';

const prod = ['environments', 2] as const;
const window = [...prod, 'windows', 0] as const;
const soaks = (...percentages: readonly number[]) => percentages.map((percentage) => ({ percentage, soak: '1d' }));
const long = (length: number): string => `{env}${'x'.repeat(length)}`;

describe('checkPlan, what is allowed', () => {
  const allowed: readonly (readonly [string, readonly Edit[]])[] = [
    ['a percentage with two decimals', [{ at: ['steps', 0, 'percentage'], to: 10.05 }]],
    ['one step of 100', [{ at: ['steps'], to: soaks(100) }]],
    ['a soak as long as the interval', [{ at: ['steps', 0, 'soak'], to: '1m' }]],
    ['an own alarm without {env}', [{ at: [...prod, 'watch'], to: { alarms: [{ name: 'mine', onBreach: 'hold' }] } }]],
    [
      'own short steps with an own short interval',
      [
        { at: [...prod, 'steps'], to: [{ percentage: 100, soak: '5s' }] },
        { at: [...prod, 'watch'], to: { interval: '5s' } },
      ],
    ],
    [
      'a window that runs over midnight',
      [
        { at: [...window, 'from'], to: '22:00' },
        { at: [...window, 'to'], to: '02:00' },
      ],
    ],
    [
      'a window of a whole day',
      [
        { at: [...window, 'from'], to: '00:00' },
        { at: [...window, 'to'], to: '24:00' },
      ],
    ],
    ['a window in UTC', [{ at: [...window, 'zone'], to: 'UTC' }]],
    [
      'a plan without queue and dashboard, and no item proved by it',
      [
        { at: ['watch', 'pushQueue'] },
        { at: ['watch', 'events'] },
        { at: ['watch', 'dashboard'] },
        { at: ['environments', 1, 'checklist', 1, 'proof'] },
      ],
    ],
    [
      'an environment without checklist and verification',
      [{ at: [...prod, 'checklist'] }, { at: [...prod, 'deployment'] }, { at: [...prod, 'verification'] }],
    ],
    ['events of an environment by the queue of the plan', [{ at: [...prod, 'watch', 'events'], to: true }]],
    ['the longest queue name', [{ at: ['watch', 'pushQueue'], to: long(73) }]],
    ['a European sovereign region', [{ at: [...prod, 'aws', 'region'], to: 'eusc-de-east-1' }]],
  ];
  it.each(allowed)('takes %s', (_what, edits) => {
    expect(problemsAfter(...edits)).toEqual([]);
  });
});

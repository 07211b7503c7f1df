import { clockFinding, machineClockFinding, workerClockFinding } from '../../../rules/doctor/clock-findings';
import {
  accountFinding,
  alarmFinding,
  deploymentFinding,
  type AlarmAround,
  guardFinding,
} from '../../../rules/doctor/examination-findings';
import type { Guard, WatchedAlarm } from '../../../rules/guards/guard';
import type { AlarmReading, GuardReading } from '../../../rules/guards/readings';
import { HOUR_MS } from '../../helpers/samples/plans';
import { NOON } from '../../helpers/samples/rollout-status';

const alarm: WatchedAlarm = { name: 'failed', onBreach: 'rollback' };
const ok: AlarmReading = { name: 'failed', state: 'OK', stateReason: '', changedAtMs: NOON, alarmedAtMs: [] };
const where = 'account 333333333333, region us-east-1';

describe('clockFinding', () => {
  it.each([
    [0, 'ok', 'agrees with AWS'],
    [-900, 'ok', 'agrees with AWS'],
    [9_000, 'ok', '9 s behind AWS'],
    [-11_000, 'warning', '11 s ahead of AWS'],
    [300_000, 'problem', '300 s behind AWS'],
  ])('of a skew of %i ms is %s', (skewMs, level, what) => expect(clockFinding(skewMs)).toMatchObject({ level, what }));
});

it.each([
  [NOON, 'ok', "agrees with Temporal's server"],
  [NOON + 5_000, 'ok', "agrees with Temporal's server"],
  [NOON - 11_000, 'warning', "11 s behind Temporal's server"],
  [NOON + 11_000 + HOUR_MS * 3, 'warning', "3 h ahead of Temporal's server"],
])("a worker's clock that shows %i while Temporal's went on for 5 s is %s", (ms, level, what) =>
  expect(workerClockFinding(ms, { fromMs: NOON, toMs: NOON + 5_000 })).toMatchObject({ level, what }),
);

it("a clock that Temporal's server does not tell is not known", () =>
  expect(machineClockFinding(undefined)).toMatchObject({
    level: 'warning',
    what: expect.stringContaining('NOT KNOWN'),
  }));

describe('accountFinding', () => {
  it('is a problem when the credentials are those of another account', () => {
    expect(accountFinding('111111111111', 'arn:worker', '333333333333')).toMatchObject({
      level: 'problem',
      what: 'arn:worker belongs to account 111111111111, but the plan names 333333333333',
    });
    expect(accountFinding('333333333333', 'arn:worker', '333333333333').level).toBe('ok');
  });
});

describe('deploymentFinding', () => {
  it('says what is deployed, or what would refuse a rollout and what to do', () => {
    const standing = { template: 't1', atMs: NOON, by: 'ada' };
    expect(deploymentFinding({ standing })).toMatchObject({
      level: 'ok',
      what: expect.stringContaining('t1, deployed'),
    });
    const refusal = { rule: 'deployment', why: 'never verified', remedy: '`rollout verify prod`' };
    expect(deploymentFinding({ refusal })).toEqual({
      ...{ subject: 'deployment', level: 'problem', what: 'never verified', remedy: '`rollout verify prod`' },
    });
  });
});

const plan = {
  steps: [
    { percentage: 10, soakMs: HOUR_MS },
    { percentage: 100, soakMs: 24 * HOUR_MS },
  ],
  watch: { intervalMs: 60_000, alarms: [alarm], guards: [] },
};
const pushed = { ...plan, watch: { ...plan.watch, pushQueue: 'q' } };
const around: AlarmAround = { where, plan, hasActions: true };

describe('alarmFinding', () => {
  it.each<[string, Partial<WatchedAlarm>, AlarmReading, { readonly level: string; readonly text: string }]>([
    ['is OK with recent data', {}, ok, { level: 'ok', text: 'with recent data' }],
    ['does not exist', {}, { name: 'failed', missing: true }, { level: 'problem', text: where }],
    ['rings', {}, { ...ok, state: 'ALARM', stateReason: '3 failed' }, { level: 'problem', text: '3 failed' }],
    ['only notifies', { onBreach: 'notify' }, { ...ok, state: 'ALARM' }, { level: 'warning', text: 'is in ALARM' }],
    ['is tried out', { dryRun: true }, { name: 'failed', missing: true }, { level: 'warning', text: 'does not exist' }],
    [
      'has no data to judge by',
      {},
      { ...ok, state: 'INSUFFICIENT_DATA' },
      { level: 'problem', text: 'it watches nothing' },
    ],
    [
      'is disabled',
      {},
      { ...ok, silenced: 'its actions are disabled' },
      { level: 'problem', text: 'its actions are disabled' },
    ],
    [
      'is evaluated badly',
      {},
      { ...ok, evaluation: 'EVALUATION_ERROR' },
      { level: 'problem', text: 'EVALUATION_ERROR' },
    ],
    [
      'has never had data for a day',
      {},
      { ...ok, staleSinceMs: NOON },
      { level: 'warning', text: 'without data since Mon 23 Nov' },
    ],
    ['has never had data', {}, { ...ok, staleSinceMs: 0 }, { level: 'warning', text: 'has never had data' }],
    [
      'is stale by the plan',
      { staleAfterMs: 60_000 },
      { ...ok, staleSinceMs: NOON },
      { level: 'problem', text: 'without data since' },
    ],
  ])('of one that %s', (_what, changes, reading, { level, text }) => {
    const finding = alarmFinding({ ...alarm, ...changes }, reading, around);
    expect(finding).toMatchObject({ subject: 'alarm failed', level, what: expect.stringContaining(text) });
    expect(finding.remedy === undefined).toBe(level === 'ok');
  });

  const slow = (afterMs?: number) => ({ ...ok, ringTime: { afterMs, how: 'no period' } });
  const there = { aws: { account: '111111111111', region: 'eu-west-1' } };

  it.each<[string, Parameters<typeof alarmFinding>, string, RegExp]>([
    ['can ring in time', [alarm, slow(60_000), around], 'ok', /recent data$/],
    ['is slower than a soak', [alarm, slow(HOUR_MS + 1), around], 'warning', /longer than a soak \(1 h at 10 %\)$/],
    ['is slower where it does not judge', [{ ...alarm, percentages: [100] }, slow(2 * HOUR_MS), around], 'ok', /./],
    ['needs an unknown time', [alarm, slow(), around], 'warning', /NOT KNOWN: no period/],
    [
      'sends nothing to the queue',
      [alarm, ok, { ...around, plan: pushed, hasActions: false }],
      'warning',
      /no alarm actions: neither q nor/,
    ],
    ['sends nothing without a listener', [alarm, ok, { ...around, hasActions: false }], 'ok', /recent data$/],
    [
      'is elsewhere',
      [{ ...alarm, ...there }, ok, { ...around, plan: pushed }],
      'ok',
      /only where its topic there feeds q/,
    ],
  ])('of one that %s', (_what, args, level, what) => {
    const finding = alarmFinding(...args);
    expect(finding).toMatchObject({ level, what: expect.stringMatching(what) });
    expect(finding.remedy === undefined).toBe(level === 'ok');
  });
});

describe('guardFinding', () => {
  const guard: Guard = {
    kind: 'logs',
    name: 'errors',
    group: '/api',
    pattern: 'error',
    periodMs: 60_000,
    breach: { above: 1 },
    onBreach: 'hold',
  };
  it.each<[string, GuardReading, string, string]>([
    ['cannot be read', { name: 'errors', kind: 'error', why: 'no such group' }, 'problem', 'no such group'],
    ['has no data', { name: 'errors', kind: 'series', points: [], samples: 0 }, 'warning', 'no data since'],
    [
      'has data and no match',
      { name: 'errors', kind: 'series', points: [], samples: 5, lastDataAtMs: NOON },
      'ok',
      '5 samples',
    ],
  ])('of one that %s', (_what, reading, level, text) =>
    expect(guardFinding(guard, reading, NOON)).toMatchObject({ level, what: expect.stringContaining(text) }),
  );
});

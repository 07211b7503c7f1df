import { auditDue } from '../../../rules/audit/rollout';
import { measuredBy } from '../../../rules/metrics/metrics';
import { occasionsDue } from '../../../rules/notify/due';
import { teamNotified, underWay } from '../../../rules/notify/sent-notices';
import { describeStatus } from '../../../rules/report/rollout';
import { noticeOf } from '../../../rules/report/rollout-notice';
import { decide } from '../../../rules/rollout/decide';
import { hooksAtWork, nextStepHookMs } from '../../../rules/rollout/gates/hooks';
import { resume, stop } from '../../../rules/rollout/pause-hold';
import { upgraded } from '../../../rules/rollout/state/schema';
import { begin, type RolloutState } from '../../../rules/rollout/state/state';
import { statusOf } from '../../../rules/rollout/status/build-status';
import { aPlan, theDelivery } from '../../helpers/samples/plans';

const START_MS = Date.UTC(2027, 0, 4, 9);
const NOW_MS = START_MS + 3_600_000;
const FRESH = begin('ada', undefined, START_MS);
const by = 'ada';
const moment = { atMs: START_MS, clockMs: START_MS };
const cause = { why: 'a reason', sinceMs: START_MS, by };
const flagFound = { found: true, percentage: 30, generation: 5, writer: 'eve', version: 6 } as const;
const item = { id: 'team-notified', text: 'the team knows' };

/** With everything whose state a rollout may show. */
const PLAN = aPlan({
  delivery: theDelivery,
  hooks: { rollout: ['a'], 'confirm-traffic-increase': ['b'] },
  audit: { bucket: 'records', prefix: '' },
  notify: [{ name: 'support', topic: 'arn:aws:sns:us-east-1:333333333333:support' }],
  diagnosis: { stateMachine: 'jobs' },
  deployment: {
    rolloutNeeds: 'deployed',
    nextEnvironments: [],
    approvals: { required: 0, starterMayApprove: true, validForMs: 1_000 },
    checklist: [],
  },
  checklist: [item],
  contact: 'the team',
});

/** Every group, also the optional ones, with every key that a text or a decision reads. */
const SOAKING: RolloutState = {
  ...FRESH,
  wentOnAt: moment,
  flag: {
    ...{
      known: true,
      readAtMs: START_MS,
      percentage: 10,
      generation: 4,
      highestGeneration: 4,
      version: 4,
      owned: true,
    },
    ...{ raiseRequested: true, written: [10] },
  },
  step: {
    ...{ index: 0, entered: moment, skipped: [25], promotedAt: moment },
    promoted: 'next',
    ...{ override: cause, extendedUntil: moment },
  },
  watch: {
    ...{ sinceMs: START_MS, holdsSinceMs: START_MS, unhealthySince: moment },
    health: {
      outcome: 'inconclusive',
      ...{ why: 'too few', atMs: START_MS, alarm: 'x', ringing: ['x'], noticed: ['y'] },
      guards: [
        {
          outcome: 'inconclusive',
          ...{ name: 'jobs', why: 'too few', samples: { seen: 1, wanted: 5 } },
          measured: { value: 97.5, unit: '%', below: 95, low: 91, high: 99, trend: [90, 97.5] },
        },
      ],
    },
    asked: { why: 'a job failed', heardAtMs: START_MS, lookedAtMs: START_MS, key: 'k', inVain: 0 },
  },
  gates: {
    approvals: [{ ...moment, by, percentage: 25 }],
    ticks: [{ item: item.id, by, atMs: START_MS, reason: 'seen' }],
    proofs: [{ item: item.id, proved: false, why: 'not yet', atMs: START_MS, tries: 1 }],
    deployment: {
      standing: { template: 'abc', revision: 'def', atMs: START_MS, by, verified: { atMs: START_MS, by } },
      ...{ atMs: START_MS, problem: 'AccessDenied', problemSince: moment, tries: 1 },
    },
    probe: { verdict: 'passed', why: 'fine', atMs: START_MS, tries: 1 },
    hooks: [
      {
        moment: 'rollout',
        ...{ check: 'a', percentage: 10, askingSinceMs: START_MS, atMs: START_MS, tries: 1, waived: by },
        answer: { outcome: 'no', why: 'not now' },
      },
    ],
    freezes: {
      list: [{ fromMs: START_MS - 2, toMs: START_MS - 1, reason: 'holidays' }],
      ...{ readAtMs: START_MS, problem: 'AccessDenied', problemSince: moment, tries: 1 },
    },
  },
  delivery: {
    ...{ percentage: 10, since: moment, progress: { from: 0, before: { A: 'b' } }, askedAtMs: START_MS },
    found: { reporting: 2, of: 3, complete: false, why: 'one does not answer' },
    ...{ doneAtMs: START_MS, problem: 'Timeout' },
  },
  log: {
    entries: [{ atMs: START_MS, what: 'started', by }],
    sentNotices: [
      { key: 'started', atMs: START_MS, notice: { kind: 'started', key: 'started', title: 't', text: 't' } },
      { key: 'raised-10', atMs: START_MS, to: ['support'] },
    ],
    threads: { support: '1.2' },
  },
  audit: {
    ...{ seq: 7, waiting: [{ seq: 7, at: '2027-01-04T09:00:00.000Z', what: '10 % written and read back', by }] },
    ...{
      last: { what: '10 % written and read back', by },
      repeated: 1,
      head: { number: 6, hash: 'h' },
      problem: 'slow',
    },
  },
};
const drift = { reading: flagFound, why: 'changed', sinceMs: START_MS, restored: { percentage: 10, generation: 4 } };
const STOPPED: RolloutState = {
  ...SOAKING,
  stop: { ...cause, kind: 'breach', alarm: 'x', guard: 'jobs' },
  zero: { written: { atMs: START_MS, checked: true }, problem: 'slow', undelivered: cause },
  watch: {
    ...SOAKING.watch,
    diagnosing: { sinceMs: START_MS, untilMs: NOW_MS + 1_000 },
    diagnosis: {
      ...{ atMs: START_MS, line: 'no memory', looked: ['a call'], logs: ['a line'] },
      causes: [
        { trouble: 'out-of-memory', id: 'x', cause: 'no memory', remedy: 'give more', evidence: ['137'] } as never,
      ],
    },
    unreadable: { count: 3, atLeast: true, untilMs: NOW_MS, notKnown: 'slow' },
  },
};
const STATES: readonly [string, RolloutState][] = [
  ['soaks', SOAKING],
  ['raises', { ...SOAKING, flag: { ...SOAKING.flag, raisingTo: 25 } }],
  [
    'is paused and held',
    { ...SOAKING, paused: cause, held: { ...cause, because: 'drift' }, flag: { ...SOAKING.flag, drift } },
  ],
  ['restores', { ...SOAKING, flag: { ...SOAKING.flag, restoring: { ...cause, over: drift } } }],
  ['goes back', STOPPED],
  [
    'has ended',
    { ...STOPPED, outcome: { outcome: 'rolled-back', why: 'x', atMs: START_MS, alarm: 'x', guard: 'jobs' } },
  ],
];

type Place = readonly (string | number)[];
function placesIn(value: unknown, at: Place = []): readonly Place[] {
  if (typeof value !== 'object' || value === null) return [at];
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return [at, ...keys.flatMap((key) => placesIn((value as Record<string | number, unknown>)[key], [...at, key]))];
}

function damagedAt(state: RolloutState, place: Place, wrong: unknown): unknown {
  if (place.length === 0) return wrong;
  const copy = JSON.parse(JSON.stringify(state)) as Record<string | number, unknown>;
  const last = place.at(-1)!;
  const parent = place.slice(0, -1).reduce<Record<string | number, unknown>>((one, key) => one[key] as never, copy);
  parent[last] = wrong;
  return JSON.parse(JSON.stringify(copy));
}

/** What runs in a workflow task with a state: if any of it throws, no signal is obeyed any more. */
function used(state: RolloutState): void {
  const decision = decide(PLAN, state, NOW_MS);
  const status = statusOf(PLAN, state, decision, { workflowId: 'rollout-pavi-prod', planHash: 'h', nowMs: NOW_MS });
  for (const reading of ['live', 'still'] as const) describeStatus(status, NOW_MS, 'UTC', reading);
  for (const occasion of occasionsDue(PLAN, state, status, NOW_MS)) noticeOf(occasion, status, NOW_MS, 'UTC');
  auditDue(state);
  underWay(state);
  teamNotified(state);
  hooksAtWork(state);
  nextStepHookMs(PLAN, state);
  measuredBy(FRESH, state, NOW_MS);
}

const WRONG = [undefined, null, 7, 'text', [], {}, [{}]];

describe('a part of the state that another build wrote in another shape', () => {
  it.each(STATES)('hides nothing and stops nothing when the rollout %s', (_what, state) => {
    const whole = upgraded(JSON.parse(JSON.stringify(state)), FRESH, NOW_MS, PLAN);
    expect(whole.held?.because).not.toBe('unknown-state');
    used(whole);
    // Most of what is damaged within a group loses the group, with the same result.
    const seen = new Set<string>();
    for (const place of placesIn(state))
      for (const wrong of WRONG) {
        const read = upgraded(damagedAt(state, place, wrong), FRESH, NOW_MS, PLAN);
        const text = JSON.stringify(read);
        if (seen.has(text)) continue;
        seen.add(text);
        try {
          used(read);
          used(resume(read, cause));
          const stopped = stop(read, { ...cause, kind: 'abort' });
          used(stopped);
          expect(decide(PLAN, stopped, NOW_MS).do).toMatch(/roll-back|check-zero|wait|finish/);
        } catch (error) {
          throw new Error(`${place.join('.')} = ${JSON.stringify(wrong)}: ${String(error)}`, { cause: error });
        }
      }
  });

  it.each(Object.keys(SOAKING))('is read as it was written: %s', (key) => {
    expect(upgraded(SOAKING, FRESH, NOW_MS, PLAN)[key as keyof RolloutState]).toEqual(
      SOAKING[key as keyof RolloutState],
    );
  });
});

import { recordAlarmChange } from '../../../rules/rollout/outside/alarm-change';
import { consentTo } from '../../../rules/rollout/gates/approval';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import type { WatchedAlarm } from '../../../rules/guards/guard';
import type { Verdict } from '../../../rules/guards/verdict';
import { nextStep, samplesDueMs, soakOverMs } from '../../../rules/rollout/raise';
import { decide } from '../../../rules/rollout/decide';
import * as halt from '../../../rules/rollout/pause-hold';
import * as record from '../../../rules/rollout/state/state';
import { approve, reject } from '../../../rules/rollout/verbs/approve-reject-tick';
import { extend, promote } from '../../../rules/rollout/verbs/promote-skip-extend';
import type { Verb } from '../../../rules/rollout/verbs/verb';
import { aPlan, DAY_MS, HOUR_MS, MINUTE_MS, SLOW_ALARM } from '../../helpers/samples/plans';
import { judgeGuard, metric, NOW_MS, PERIOD_MS, series } from '../guards/cases';
import { changed } from '../../helpers/samples/changed-state';

const START_MS = Date.UTC(2026, 10, 3, 15);
const healthy = (atMs: number): Verdict => ({
  outcome: 'healthy',
  why: 'all OK',
  atMs,
  ringing: [],
  noticed: [],
  guards: [],
});
const blind = (atMs: number): Verdict => ({ ...healthy(atMs), outcome: 'no-data', why: 'blind' });
const slow = (atMs: number): Verdict => ({
  ...healthy(atMs),
  outcome: 'breach',
  why: 'slow',
  alarm: SLOW_ALARM,
  asks: 'hold',
});
const by = (name: string, atMs: number) => ({ by: name, why: 'test', sinceMs: atMs });
const asker = (nowMs: number) => ({ by: 'bob', reason: 'test', nowMs });

/** At 10 % since the beginning, for a day. */
const at10 = (): record.RolloutState => {
  const begun = changed(record.begin('ada', undefined, START_MS), { flag: { known: true, owned: true as const } });
  const looked = record.raising(halt.recordVerdict(begun, healthy(START_MS)), 10);
  return record.recordRaise(looked, { percentage: 10, generation: 1 }, 0, START_MS);
};
const after = (verb: Verb): record.RolloutState => {
  if (verb.refusal !== undefined) throw new Error(verb.refusal.why);
  return verb.state;
};

describe('an approval', () => {
  const plan = aPlan({
    approvals: { required: 1, starterMayApprove: false, before: 'every-raise', validForMs: 2 * DAY_MS },
  });

  it('given during a pause counts from the resume on, and no longer than one that was given without', () => {
    const resumedMs = START_MS + 10 * DAY_MS;
    const paused = halt.pause(at10(), by('ada', START_MS + HOUR_MS));
    const approved = after(approve(plan, paused, asker(resumedMs - MINUTE_MS), ''));
    const resumed = halt.resume(approved, by('ada', resumedMs));
    const given = (nowMs: number) => consentTo(plan, resumed, nextStep(plan, resumed)!, nowMs).given.length;
    expect(given(resumedMs + 2 * DAY_MS - MINUTE_MS)).toBe(1);
    expect(given(resumedMs + 2 * DAY_MS)).toBe(0);
  });
});

describe('extend', () => {
  const plan = aPlan();
  const nowMs = START_MS + HOUR_MS;

  it('takes back a promotion also when the soak that was waived lasts longer', () => {
    const promoted = after(promote(aPlan(), at10(), asker(nowMs)));
    const verb = extend(plan, promoted, { ...asker(nowMs), untilMs: nowMs + HOUR_MS });
    expect(verb).toMatchObject({
      changed: true,
      answer: '10 % is held at least until Wed 4 Nov 15:00:00 UTC',
    });
    expect(soakOverMs(plan, after(verb))).toBe(START_MS + DAY_MS);
  });

  it('takes back an override', () => {
    const overridden = after(promote(aPlan(), at10(), { ...asker(nowMs), override: true }));
    const extended = after(extend(plan, overridden, { ...asker(nowMs), untilMs: nowMs + 3 * DAY_MS }));
    expect(extended.step.override).toBeUndefined();
  });

  it('is refused while a raise is written: it would be forgotten with the percentage it means', () => {
    const raising = record.raising(at10(), 25);
    expect(extend(plan, raising, { ...asker(nowMs), untilMs: nowMs + 3 * DAY_MS })).toMatchObject({
      refusal: { rule: 'state', why: '25 % is being written' },
    });
  });
});

describe('reject', () => {
  const plan = aPlan();
  const nowMs = START_MS + HOUR_MS;

  it('takes back an override: a resume of another day must not raise at night', () => {
    const overridden = after(promote(aPlan(), at10(), { ...asker(nowMs), override: true }));
    const rejected = after(reject(plan, overridden, asker(nowMs)));
    expect(halt.resume(rejected, by('cleo', nowMs + DAY_MS)).step.override).toBeUndefined();
  });

  it('is in the log also when something else holds already', () => {
    const held = halt.recordVerdict(at10(), slow(nowMs));
    const { log } = after(reject(plan, held, asker(nowMs)));
    expect(log.entries.at(-1)).toMatchObject({ what: 'bob rejected the raise to 25 %: test', by: 'bob' });
  });
});

describe('resume', () => {
  it('has to be said again for an alarm that asked to hold while something else held', () => {
    const rejected = after(reject(aPlan(), at10(), asker(START_MS + HOUR_MS)));
    const both = halt.recordVerdict(rejected, slow(START_MS + 2 * HOUR_MS));
    const resumedMs = START_MS + 3 * HOUR_MS;
    const first = halt.resume(both, by('cleo', resumedMs));
    expect(first.held).toMatchObject({ because: 'alarm', why: 'slow' });
    expect(halt.resume(first, by('cleo', resumedMs + MINUTE_MS)).watch.holdsSinceMs).toBe(resumedMs + MINUTE_MS);
  });

  it('is followed by a check before anything is raised', () => {
    const nowMs = START_MS + 2 * DAY_MS;
    const held = after(reject(aPlan(), at10(), asker(nowMs - 20_000)));
    const looked = halt.recordVerdict(held, healthy(nowMs - 10_000));
    expect(decide(aPlan(), halt.resume(looked, by('cleo', nowMs)), nowMs)).toMatchObject({ do: 'look' });
  });
});

describe('a wait times out only after it lasted that long', () => {
  const limit = { atMostMs: DAY_MS, then: 'abort' } as const;
  const plan = (changes: Partial<EnvironmentPlan> = {}): EnvironmentPlan =>
    aPlan({
      limits: { ...aPlan().limits, evidence: limit, approval: limit },
      approvals: { required: 1, starterMayApprove: false, before: 'every-raise', validForMs: 7 * DAY_MS },
      ...changes,
    });
  const dueMs = START_MS + DAY_MS;

  it('for health: not at the first blind check after a long wait for people', () => {
    const waits = plan({ limits: { ...aPlan().limits, evidence: limit } });
    const nowMs = dueMs + 3 * DAY_MS;
    const watched = halt.recordVerdict(at10(), healthy(dueMs));
    const blinded = halt.recordVerdict(watched, blind(nowMs));
    expect(decide(waits, blinded, nowMs)).toMatchObject({ do: 'wait', phase: 'holding', sinceMs: nowMs });
    const longer = halt.recordVerdict(blinded, { ...blind(nowMs + HOUR_MS), outcome: 'error' });
    expect(decide(waits, longer, nowMs + DAY_MS)).toMatchObject({ do: 'time-out' });
  });

  it('for approval: not when a hold is left that lasted longer', () => {
    const rejected = after(reject(plan(), at10(), asker(dueMs)));
    const resumedMs = dueMs + 3 * DAY_MS;
    const resumed = halt.recordVerdict(halt.resume(rejected, by('cleo', resumedMs)), healthy(resumedMs));
    expect(decide(plan(), resumed, resumedMs)).toMatchObject({ do: 'wait', phase: 'approving', sinceMs: resumedMs });
    const later = halt.recordVerdict(resumed, healthy(resumedMs + DAY_MS));
    expect(decide(plan(), later, resumedMs + DAY_MS)).toMatchObject({ do: 'time-out' });
  });

  it('for health: pauses do not count', () => {
    const blinded = halt.recordVerdict(at10(), blind(dueMs));
    const paused = halt.pause(blinded, by('ada', dueMs + HOUR_MS));
    const resumedMs = dueMs + 9 * DAY_MS;
    const resumed = halt.resume(paused, by('ada', resumedMs));
    const looked = halt.recordVerdict(resumed, blind(resumedMs));
    expect(decide(plan(), looked, resumedMs)).toMatchObject({ do: 'wait', phase: 'holding' });
  });
});

describe('an emergency override', () => {
  it('does not wait for freezes that cannot be read', () => {
    const plan = aPlan({ freezeParameter: '/pavi/prod/rollout-freezes' });
    const nowMs = START_MS + HOUR_MS;
    const unread = record.recordFreezes(at10(), { list: [], readAtMs: nowMs, problem: 'AccessDenied' });
    const promoted = (override: boolean) =>
      halt.recordVerdict(after(promote(plan, unread, { ...asker(nowMs), override })), healthy(nowMs));
    expect(decide(plan, promoted(false), nowMs)).toMatchObject({ do: 'wait', phase: 'holding' });
    expect(decide(plan, promoted(true), nowMs)).toMatchObject({ do: 'set-traffic', percentage: 25 });
  });
});

describe('the time that samples have', () => {
  it('is the soak of the plan, whatever was waived', () => {
    const promoted = after(promote(aPlan(), at10(), { ...asker(START_MS + HOUR_MS), full: true }));
    expect(samplesDueMs(aPlan(), promoted)).toBe(START_MS + DAY_MS);
  });

  it('is not over while a raise is open, which began to be watched with it', () => {
    expect(samplesDueMs(aPlan(), record.raising(at10(), 25))).toBeUndefined();
  });
});

describe('a pushed alarm', () => {
  const nowMs = START_MS + HOUR_MS;
  const push = (changes: Partial<WatchedAlarm>, agoMs = 0) => {
    const alarm: WatchedAlarm = { name: 'a', onBreach: 'rollback', ...changes };
    const change = { alarm: 'a', state: 'ALARM', atMs: nowMs - agoMs, why: 'high' } as const;
    return recordAlarmChange(at10(), [alarm], change, nowMs);
  };

  it('is taken for the alarm of its account and region only', () => {
    const aws = { account: '111111111111', region: 'eu-west-1' };
    const alarm: WatchedAlarm = { name: 'a', onBreach: 'rollback', aws };
    const rang = (arn?: string) => {
      const change = { alarm: 'a', arn, state: 'ALARM', atMs: nowMs, why: 'high' } as const;
      return recordAlarmChange(at10(), [alarm], change, nowMs).stop?.kind;
    };
    expect(rang('arn:aws:cloudwatch:us-east-1:111111111111:alarm:a')).toBeUndefined();
    expect(rang('arn:aws:cloudwatch:eu-west-1:222222222222:alarm:a')).toBeUndefined();
    expect([rang('arn:aws:cloudwatch:eu-west-1:111111111111:alarm:a'), rang()]).toEqual(['breach', 'breach']);
  });

  it('rolls back', () => expect(push({}).stop).toMatchObject({ kind: 'breach', alarm: 'a' }));

  it.each<[string, Partial<WatchedAlarm>]>([
    ['a dry run', { dryRun: true }],
    ['so many ringings are tolerated', { failureLimit: 1 }],
    ['so many in a row are tolerated', { consecutiveFailureLimit: 2 }],
    ['it does not count yet', { initialDelayMs: 2 * HOUR_MS }],
  ])('rolls nothing back by itself, but is noted, when it is %s', (_name, changes) => {
    const state = push(changes);
    expect(state.stop).toBeUndefined();
    expect(state.log.entries.at(-1)?.what).toContain('a went to ALARM');
  });

  it('says nothing at a percentage it is not meant for', () => {
    expect(push({ percentages: [25] }).stop).toBeUndefined();
    expect(push({ percentages: [10] }).stop).toBeDefined();
  });
});

describe('a guard that asks to hold', () => {
  it('has its first periods again after a resume: a resume does not make it blind', () => {
    const guard = metric({ onBreach: 'hold', onNoData: 'rollback' });
    const nowMs = NOW_MS + MINUTE_MS;
    expect(judgeGuard(guard, series([]), { nowMs, holdsSinceMs: NOW_MS })).toMatchObject({ outcome: 'inconclusive' });
    const later = { nowMs: NOW_MS + 2 * PERIOD_MS, holdsSinceMs: NOW_MS };
    expect(judgeGuard(guard, series([]), later)).toMatchObject({ outcome: 'no-data', asks: 'rollback' });
  });

  it('is not read at the moment of the resume, which is no failed check', () => {
    const guard = metric({ onBreach: 'hold', onError: 'rollback', errorLimit: 0 });
    const verdict = judgeGuard(guard, undefined, { holdsSinceMs: NOW_MS });
    expect(verdict).toMatchObject({ outcome: 'inconclusive' });
    expect(verdict.asks).toBeUndefined();
  });
});

describe('an override', () => {
  it('does not outlive a change of the freezes that it was given against', () => {
    const override = after(promote(aPlan(), at10(), { ...asker(START_MS + HOUR_MS), override: true }));
    expect(override.step.override).toBeDefined();
    const told = record.forgetFreezes(override, START_MS + 2 * HOUR_MS);
    expect(told.step.override).toBeUndefined();
    expect(told.log.entries.at(-1)?.what).toContain('override is withdrawn');
  });
});

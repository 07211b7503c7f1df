import fc from 'fast-check';
import { seenFromOutside } from '../../../../rules/rollout/outside/seen-from-outside';
import {
  concernsOf,
  concernWords,
  readUnwatched,
  type SeenFromOutside,
} from '../../../../rules/rollout/outside/unwatched';

const nowMs = Date.UTC(2026, 10, 28, 12);
const seconds = (agoMs: number) => ({ seconds: Math.floor((nowMs - agoMs) / 1_000), nanos: 0 });
const look = (more: object) => ({ activityId: '7', activityType: { name: 'watchAlarms' }, ...more });
const seen = (raw: object, name = 'RUNNING', searchAttributes = {}): SeenFromOutside =>
  seenFromOutside({ status: { name }, raw, searchAttributes, closeTime: new Date(nowMs - 1_000) });
const kinds = (one: SeenFromOutside): readonly string[] => concernsOf(one, nowMs).map(({ kind }) => kind);

it.each([
  ['waits between two looks', seen({ pendingActivities: [look({ nextAttemptScheduleTime: seconds(-30_000) })] }), []],
  ['looks', seen({ pendingActivities: [look({ lastStartedTime: seconds(10_000) })] }), []],
  ['was restarted a minute ago', seen({ pendingActivities: [look({ nextAttemptScheduleTime: seconds(60_000) })] }), []],
  [
    'has a check that no worker takes',
    seen({ pendingActivities: [look({ scheduledTime: seconds(100_000) })] }),
    ['look'],
  ],
  [
    'has a check that is paused',
    seen({ pendingActivities: [look({ paused: true, lastStartedTime: seconds(0) })] }),
    ['look'],
  ],
  ['has another activity that is late', seen({ pendingActivities: [{ activityType: { name: 'diagnose' } }] }), []],
  ['tries its task the second time', seen({ pendingWorkflowTask: { attempt: 2 } }), []],
  ['tries its task the third time', seen({ pendingWorkflowTask: { attempt: 3 } }), ['task']],
  [
    'has problems reported',
    seen({}, 'RUNNING', { TemporalReportedProblems: ['category=WorkflowTaskFailed'] }),
    ['task'],
  ],
  ['was terminated', seen({}, 'TERMINATED'), ['ended']],
  ['has failed', seen({}, 'FAILED'), ['ended']],
  ['has completed', seen({}, 'COMPLETED'), []],
  ['goes on in a new run', seen({}, 'CONTINUED_AS_NEW'), []],
])('a rollout that %s', (_name, one, wanted) => expect(kinds(one)).toEqual(wanted));

it('gives the time of the last check, whichever time Temporal reports, and invents none', () => {
  const said = (more: object): string =>
    concernsOf(seen({ pendingActivities: [look({ paused: true, ...more })] }), nowMs)[0]?.why ?? '';
  for (const key of ['lastStartedTime', 'lastAttemptCompleteTime', 'lastHeartbeatTime'])
    expect(said({ [key]: seconds(60_000) })).toMatch(/^not checked since Sat 28 Nov .*11:59:00 UTC/);
  expect(said({})).toContain('for an unknown time');
});

it('says where the flag is, and that it is not known where it cannot be read', () => {
  const [concern] = concernsOf(seen({}, 'TERMINATED'), nowMs);
  expect(concernWords(concern!, 25)).toContain('The flag is at 25 %.');
  expect(concernWords(concern!, undefined)).toContain('NOT KNOWN');
});

it('accepts any input, and never throws', () => {
  fc.assert(
    fc.property(fc.anything(), (sent) => {
      const read = readUnwatched(sent, nowMs);
      if (read !== undefined) expect(read.sinceMs).toBeLessThanOrEqual(nowMs);
    }),
  );
});

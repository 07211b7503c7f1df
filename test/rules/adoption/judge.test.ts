import fc from 'fast-check';
import { type Judged, judgeAdoption } from '../../../rules/adoption/judge';
import type { AdoptionLook, OwnerSeen } from '../../../rules/adoption/look';
import type { AuditEntry } from '../../../rules/audit/entry';
import type { AuditReading } from '../../../rules/audit/verify';
import type { FlagValue } from '../../../rules/history/timeline';
import { formatTime } from '../../../rules/format';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { planHash } from '../../../rules/plan/plan-hash';
import { describeAdoption, describeFound } from '../../../rules/report/adoption';
import type { FlagFound } from '../../../rules/rollout/state/flag';
import { aPlan, DAY_MS, HOUR_MS, theDelivery } from '../../helpers/samples/plans';

const NOW = Date.UTC(2026, 10, 30, 12);
const RAISED = NOW - DAY_MS;
const WRITER = 'rollout-pavi-prod/lost';
const plan = aPlan({ audit: { bucket: 'records', prefix: '' } });
const hash = planHash(plan);
const times = { zone: 'UTC', nowMs: NOW };
const owner = {
  ...{ schema: 1, workflowId: 'rollout-pavi-prod', firstRunId: 'lost', by: 'ada', sinceMs: NOW - 4 * DAY_MS },
  temporal: { cluster: 'gone', namespace: 'default' },
};
const flag: FlagFound = {
  ...{ found: true, percentage: 50, generation: 7, version: 12, writer: WRITER, atMs: RAISED - 1_000 },
};
const value = (version: number, percentage: number, generation: number, atMs: number): FlagValue => ({
  ...{ version, atMs, by: 'arn:aws:iam::333333333333:role/worker' },
  document: { percentage, generation, writer: WRITER, reason: 'raise' },
});
const history = [value(11, 25, 6, NOW - 3 * DAY_MS), value(12, 50, 7, RAISED - 1_000)];
const entry = (number: number, what: string, changes: Partial<AuditEntry> = {}): AuditEntry => ({
  ...{ schema: 1, number, previous: '', seq: number, at: new Date(RAISED).toISOString(), what },
  ...{ service: 'pavi', environment: 'prod', workflowId: 'rollout-pavi-prod', run: 'lost', planHash: hash },
  ...changes,
});
const raise = entry(3, '50 % written and read back');
const record = (entries: readonly AuditEntry[], problemCount = 0): AuditReading => ({
  ...{ place: 's3://records/pavi/prod/', count: entries.length, head: { number: entries.length, hash: '' }, entries },
  ...{ problems: [], problemCount },
});
const look: AdoptionLook = {
  flag: { is: flag },
  history: { is: history },
  owner: {
    is: { parameter: '/flag-owner', text: JSON.stringify(owner), here: { cluster: 'new', namespace: 'default' } },
  },
  record: { is: record([raise]) },
};
const elsewhere: OwnerSeen = { is: 'elsewhere' };

interface Asked {
  readonly look?: Partial<AdoptionLook>;
  readonly seen?: OwnerSeen | undefined;
  readonly of?: EnvironmentPlan;
}
const judge = ({ look: changes = {}, seen = elsewhere, of = plan }: Asked = {}): Judged =>
  judgeAdoption(of, { look: { ...look, ...changes }, owner: seen, planHash: planHash(of) }, NOW);
const withFlag = (changes: Partial<FlagFound>): Partial<AdoptionLook> => ({ flag: { is: { ...flag, ...changes } } });

describe('a flag whose rollout Temporal has lost', () => {
  it('is adopted as it is: its percentage, its order, its owner, and since when it is there', () =>
    expect(judge()).toEqual({
      adoption: {
        ...{ percentage: 50, generation: 7, version: 12, highestGeneration: 7, sinceMs: RAISED - 1_000 },
        ...{ soakedSinceMs: RAISED, owner: JSON.stringify(owner) },
      },
      soak: { leftMs: DAY_MS, why: expect.stringContaining('the whole audit record proves it') as string },
    }));

  it.each<[string, Asked, RegExp, RegExp]>([
    ['at 0 %', { look: withFlag({ percentage: 0 }) }, /nothing to adopt/, /rollout start prod/],
    [
      'that cannot be read',
      { look: { flag: { notKnown: 'AccessDenied' } } },
      /NOT KNOWN: AccessDenied/,
      /--break-glass/,
    ],
    ['that is no document', { look: { flag: { is: { found: false, why: 'not JSON' } } } }, /not JSON/, /--break-glass/],
    [
      'that changes meanwhile',
      { look: withFlag({ version: 13 }) },
      /changed while it was looked at/,
      /adopt prod. again/,
    ],
    [
      'that readers ignore, because they have seen a newer one',
      { look: { history: { is: [value(11, 0, 9, NOW - 3 * DAY_MS), value(12, 50, 7, RAISED)] } } },
      /readers ignore the present 50 %.*generation 9, at 0 %/,
      /--break-glass/,
    ],
    ['whose owner runs', { seen: { is: 'running' } }, /it RUNS/, /rollout status prod.*rollout resume prod --adopt/],
    ['whose owner may run', { seen: { is: 'not-known', why: 'denied' } }, /NOT KNOWN: denied/, /release-owner prod/],
    ['whose owner nobody asked about', { seen: undefined }, /NOT KNOWN/, /release-owner prod/],
    ['whose owner cannot be read', { look: { owner: { notKnown: 'AccessDenied' } } }, /who owns.*NOT KNOWN/, /again/],
    [
      'whose owner is no document',
      { look: { owner: { is: { parameter: '/o', text: '{', here: owner.temporal } } } },
      /cannot be read/,
      /make sure that no rollout runs anywhere/,
    ],
  ])('is not adopted: %s', (_what, asked, why, remedy) => {
    // A default would hide that nobody asked.
    const judged =
      'seen' in asked && asked.seen === undefined
        ? judgeAdoption(plan, { look, owner: undefined, planHash: hash }, NOW)
        : judge(asked);
    expect(judged).toMatchObject({
      refusal: { why: expect.stringMatching(why) as string, remedy: expect.stringMatching(remedy) as string },
    });
  });

  it('is not adopted by a worker that still names the Temporal of before: later it would not know itself', () => {
    const seen = { look, owner: elsewhere, planHash: hash };
    expect(judgeAdoption(plan, { ...seen, cluster: 'newer' }, NOW)).toMatchObject({
      refusal: { rule: 'worker', remedy: expect.stringContaining('restart the workers') as string },
    });
    expect(judgeAdoption(plan, { ...seen, cluster: 'new' }, NOW)).toHaveProperty('adoption');
  });

  it.each<[string, OwnerSeen]>([
    ['another Temporal', elsewhere],
    ['a Temporal that does not know it any more', { is: 'unknown' }],
    ['a Temporal in which it has ended', { is: 'ended', how: 'TERMINATED' }],
  ])('is adopted from an owner in %s, and without one', (_where, seen) => {
    expect(judge({ seen })).toHaveProperty('adoption');
    const nobody = { parameter: '/o', here: owner.temporal };
    expect(judge({ look: { owner: { is: nobody } } })).toMatchObject({ adoption: { owner: undefined } });
  });

  it.each<[string, Asked, RegExp]>([
    ['the plan names no record', { of: aPlan() }, /names no audit record/],
    ['the record cannot be read', { look: { record: { notKnown: 'AccessDenied' } } }, /AccessDenied/],
    ['the record is not whole', { look: { record: { is: record([raise], 1) } } }, /not whole/],
    [
      'it has no such raise',
      { look: { record: { is: record([entry(3, '25 % written and read back')]) } } },
      /no raise/,
    ],
    [
      'the raise is of another rollout',
      { look: { record: { is: record([entry(3, raise.what, { run: 'other' })]) } } },
      /no raise to 50 % by the flag's writer/,
    ],
    [
      'the raise is of another plan',
      { look: { record: { is: record([entry(3, raise.what, { planHash: 'other' })]) } } },
      /another plan/,
    ],
    [
      'the raise is of the future',
      { look: { record: { is: record([entry(3, raise.what, { at: '2030-01-01T00:00:00.000Z' })]) } } },
      /of the future/,
    ],
    [
      'the raise has no time',
      { look: { record: { is: record([entry(3, raise.what, { at: 'yesterday' })]) } } },
      /of the future/,
    ],
    ['the flag was written later', { look: withFlag({ atMs: RAISED + 2 * HOUR_MS }) }, /written at another time/],
    [
      'the rollout was paused after it',
      { look: { record: { is: record([raise, entry(4, 'paused: a look', { by: 'bob' })]) } } },
      /entry 4 .* came after the raise \(paused/,
    ],
    ['the service is set by variables', { of: { ...plan, delivery: theDelivery } }, /read first/],
  ])('soaks again in full where %s', (_what, asked, why) => {
    const { adoption, soak } = judge(asked) as Exclude<Judged, { readonly refusal: unknown }>;
    expect(adoption.soakedSinceMs).toBeUndefined();
    expect(soak).toEqual({ leftMs: 2 * DAY_MS, why: expect.stringMatching(why) as string });
  });

  it.each([[['approved 75 %: fine']], [['started: again', 'refused: the flag is owned']]])(
    'keeps the proof of its soak when only this came after the raise: %j',
    (after) =>
      expect(
        judge({ look: { record: { is: record([raise, ...after.map((what, i) => entry(4 + i, what))]) } } }),
      ).toMatchObject({
        adoption: { soakedSinceMs: RAISED },
      }),
  );

  it('is there since the first of the values that have its percentage without a break', () => {
    const values = [
      value(8, 50, 3, 1),
      value(9, 0, 6, 2),
      value(10, 50, 7, 3),
      value(11, 50, 7, 4),
      value(12, 50, 7, 5),
    ];
    expect(judge({ look: { history: { is: values } } })).toMatchObject({ adoption: { sinceMs: 3 } });
  });

  it('is not adopted while its history is not known: readers may have seen a higher generation, and would ignore even 0 %', () =>
    expect(judge({ look: { history: { notKnown: 'AccessDenied' } } })).toMatchObject({
      refusal: {
        rule: 'state',
        why: expect.stringContaining('AccessDenied'),
        remedy: expect.stringContaining('--break-glass'),
      },
    }));

  it('is never adopted at another percentage than it has, nor while its owner may run here', () => {
    const seen: readonly (OwnerSeen | undefined)[] = [
      undefined,
      elsewhere,
      { is: 'running' },
      { is: 'unknown' },
      { is: 'ended', how: 'TERMINATED' },
      { is: 'not-known', why: 'denied' },
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(0, 5, 10, 30, 50, 100),
        fc.integer({ min: 0, max: 12 }),
        fc.constantFrom(...seen),
        fc.array(fc.tuple(fc.constantFrom(0, 10, 50), fc.integer({ min: 0, max: 12 })), { maxLength: 4 }),
        (percentage, generation, of, before) => {
          const values = [...before, [percentage, generation] as const].map(([at, counted], index, all) =>
            value(12 - all.length + 1 + index, at, counted, NOW - (all.length - index) * HOUR_MS),
          );
          const changed = { ...look, ...withFlag({ percentage, generation }), history: { is: values } };
          const judged = judgeAdoption(plan, { look: changed, owner: of, planHash: hash }, NOW);
          const mayRun = of === undefined || of.is === 'running' || of.is === 'not-known';
          const ignored = before.some(([, counted]) => counted > generation);
          if (percentage === 0 || mayRun || ignored) return expect(judged).toHaveProperty('refusal');
          expect(judged).toMatchObject({ adoption: { percentage, generation, highestGeneration: generation } });
        },
      ),
    );
  });
});

describe('what an operator reads before the adoption', () => {
  it('has every fact, and NOT KNOWN for each that is not known', () => {
    const said = describeFound({ look, owner: elsewhere, last: undefined }, times);
    expect(said).toMatch(/Flag: 50 % \(generation 7, version 12\), since .* by rollout-pavi-prod\/lost, by arn:/);
    expect(said).toMatch(/Owner: rollout-pavi-prod, run lost, in namespace default of Temporal gone.*NOT KNOWN/);
    expect(said).toContain('knows no rollout of this environment');
    expect(said).toMatch(/Record: .*, whole, 1 entry, the last one .*: 50 % written and read back/);
    const unread = { notKnown: 'AccessDenied' };
    const blind = { flag: unread, history: unread, owner: unread, record: unread };
    const nothing = describeFound({ look: blind, owner: undefined, last: 'TERMINATED' }, times);
    expect(nothing.match(/NOT KNOWN: AccessDenied/g)).toHaveLength(3);
    expect(nothing).toContain('has its last rollout as TERMINATED');
  });

  it('has what the rollout will do: nothing is written, since when alarms count, how long it soaks, what it needs then', () => {
    const judged = judge() as Exclude<Judged, { readonly refusal: unknown }>;
    const careful = { ...plan, approvals: { ...plan.approvals, required: 2 } };
    const said = describeAdoption(careful, judged, undefined, times);
    expect(said).toContain('takes the flag at 50 % and writes nothing');
    expect(said).toMatch(/Alarms and guards count since .*: a breach since then puts the flag to 0 %/);
    expect(said).toMatch(/Soak: 1 d .*Then 75 %, when windows, freezes and guards allow, and needs 2 approvals/);
    const one = { ...plan, approvals: { ...plan.approvals, required: 1 } };
    expect(describeAdoption(one, judged, undefined, times)).toMatch(/and needs 1 approval for its first raise/);
    const long = { ...judged, adoption: { ...judged.adoption, sinceMs: NOW - 90 * DAY_MS } };
    const known = formatTime(NOW - 30 * DAY_MS, 'UTC', NOW);
    expect(describeAdoption(plan, long, undefined, times)).toContain(`Alarms and guards count since ${known}:`);
    const between = { ...judged, adoption: { ...judged.adoption, percentage: 30 } };
    expect(describeAdoption(plan, between, undefined, times)).toMatch(/It HOLDS: .*no step of the plan/);
  });
});

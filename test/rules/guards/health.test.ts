import type { Guard, WatchedAlarm } from '../../../rules/guards/guard';
import type { Moment, Verdict } from '../../../rules/guards/verdict';
import { judge } from '../../../rules/guards/health';
import { providerError, verdictKey } from '../../../rules/guards/verdict-of';
import type { AlarmReading, GuardReading } from '../../../rules/guards/readings';
import { alarm, DUE_MS, executions, metric, moment, NOW_MS, ok, ran, series, SINCE_MS } from './cases';

const named = <T extends object>(name: string, one: T): T & { readonly name: string } => ({ ...one, name });
const ringing = (name: string): AlarmReading => ok(name, { state: 'ALARM', changedAtMs: NOW_MS - 60_000 });
const missing = (name: string): AlarmReading => ({ name, missing: true });
const unread = (name: string): GuardReading => ({ name, kind: 'error', why: 'AccessDenied' });

/** Watched things by name, each with what was read of it. */
type Watched = readonly (readonly [WatchedAlarm, AlarmReading] | readonly [Guard, GuardReading])[];

function judged(watched: Watched, changes: Partial<Moment> = {}): Verdict {
  const alarms = watched.filter((pair): pair is [WatchedAlarm, AlarmReading] => !('kind' in pair[0]));
  const guards = watched.filter((pair): pair is [Guard, GuardReading] => 'kind' in pair[0]);
  return judge(
    { alarms: alarms.map(([one]) => one), guards: guards.map(([one]) => one) },
    { alarms: alarms.map(([, reading]) => reading), guards: guards.map(([, reading]) => reading) },
    moment(changes),
  );
}

const fine = [alarm({ name: 'fine' }), ok('fine')] as const;
const rings = [alarm({ name: 'rings' }), ringing('rings')] as const;
const ringsHold = [alarm({ name: 'holds', onBreach: 'hold' }), ringing('holds')] as const;
const gone = [alarm({ name: 'gone' }), missing('gone')] as const;
const broken = [metric({ name: 'broken' }), unread('broken')] as const;
const few = [executions({ name: 'few' }), named('few', ran({ succeeded: 5 }))] as const;
const good = [metric({ name: 'good' }), named('good', series([0, 0]))] as const;
const bad = [metric({ name: 'bad' }), named('bad', series([0, 9]))] as const;
const thrice = { errorsInARow: { broken: 3 } };

describe('judge: monitoring during rollout', () => {
  it.each<[string, Watched, string, string]>([
    ['a breach before an error', [few, gone, broken, ringsHold], 'breach', 'holds'],
    ['an error before blindness', [few, gone, broken], 'error', 'broken'],
    ['blindness before too few samples', [few, gone, good], 'no-data', 'gone'],
    ['too few samples before health', [good, few, fine], 'inconclusive', 'few'],
    ['a breach that rolls back before one that holds', [ringsHold, bad], 'breach', 'bad'],
    ['the first of two equally bad ones', [rings, bad], 'breach', 'rings'],
  ])('lets %s decide', (_name, watched, outcome, name) => {
    const { alarm: byAlarm, guard: byGuard, ...verdict } = judged(watched, thrice);
    expect({ outcome: verdict.outcome, name: byAlarm ?? byGuard }).toEqual({ outcome, name });
    expect(verdict.why).toContain(`${name} `);
  });

  it('tells an alarm that decided from a guard that did', () => {
    expect(judged([rings, good])).toMatchObject({ alarm: 'rings', asks: 'rollback' });
    expect(judged([rings, good]).guard).toBeUndefined();
    expect(judged([fine, bad])).toMatchObject({ guard: 'bad', asks: 'rollback' });
    expect(judged([fine, bad]).alarm).toBeUndefined();
  });

  it('says how much is in order when everything is, and who decides nothing', () => {
    expect(judged([fine, good])).toEqual({
      outcome: 'healthy',
      why: '1 alarm OK and 1 guard within bounds since the step began',
      atMs: NOW_MS,
      ringing: [],
      noticed: [],
      guards: [
        { name: 'fine', outcome: 'healthy', why: 'fine is OK' },
        {
          ...{ name: 'good', outcome: 'healthy', why: 'good is within its bounds in 2 periods' },
          measured: { value: 0, unit: '%', above: 1 },
        },
      ],
    });
  });

  it('has a line for each guard in the order of the plan, with its samples', () => {
    const { guards } = judged([gone, fine, few, bad]);
    expect(guards.map(({ name, outcome, samples }) => [name, outcome, samples])).toEqual([
      ['gone', 'no-data', undefined],
      ['fine', 'healthy', undefined],
      ['few', 'inconclusive', { seen: 5, wanted: 30 }],
      ['bad', 'breach', undefined],
    ]);
  });

  it.each<[string, Watched, 'rollback' | 'hold' | undefined]>([
    ['a breach', [rings], 'rollback'],
    ['a breach that holds', [ringsHold], 'hold'],
    ['blindness', [gone], undefined],
    ['blindness that is not borne', [[alarm({ name: 'gone', onNoData: 'rollback' }), missing('gone')]], 'rollback'],
    ['an error', [broken], undefined],
    ['errors that are not borne', [[metric({ name: 'broken', onError: 'rollback' }), unread('broken')]], 'rollback'],
    ['waiting for samples', [few], undefined],
    [
      'samples waited for in vain',
      [[executions({ tooFew: { withinMs: 60_000, then: 'hold' } }), ran({ succeeded: 5 })]],
      'hold',
    ],
  ])('asks for what the plan says on %s', (_name, watched, asks) => {
    expect(judged([fine, ...watched], { ...thrice, nowMs: DUE_MS + 60_000 }).asks).toBe(asks);
  });

  it('does not lose a rollback that is asked for behind a worse finding that only holds', () => {
    const strict = [alarm({ name: 'strict', onNoData: 'rollback' }), missing('strict')] as const;
    expect(judged([ringsHold, strict])).toMatchObject({
      outcome: 'breach',
      alarm: 'holds',
      asks: 'rollback',
      why: expect.stringMatching(/^holds is in ALARM .*; strict does not exist .*: asks for rollback$/),
    });
  });

  it('only notices what is to notify, and what runs dry', () => {
    const notify = [alarm({ name: 'notify', onBreach: 'notify' }), ringing('notify')] as const;
    const dry = [metric({ name: 'dry', dryRun: true }), named('dry', series([9]))] as const;
    const blind = [alarm({ name: 'blind', dryRun: true, onNoData: 'rollback' }), missing('blind')] as const;
    const verdict = judged([fine, notify, blind, dry]);
    expect(verdict).toMatchObject({
      outcome: 'healthy',
      noticed: ['notify', 'dry'],
      ringing: [`notify ${NOW_MS - 60_000}`, `dry ${SINCE_MS}`],
      why: expect.stringMatching(
        /^1 alarm OK .*without consequence: notify is in ALARM.*; blind does not.*; dry was 9 %.*dry run/,
      ),
    });
    expect(verdict.asks).toBeUndefined();
    expect(judged([notify])).toMatchObject({
      outcome: 'healthy',
      why: expect.stringMatching(/no deciding guard at 10 %/),
    });
  });

  it('leaves out what has no data where the plan says so, but does not judge by nothing', () => {
    const ignored = [alarm({ name: 'ignored', onNoData: 'ignore' }), missing('ignored')] as const;
    expect(judged([ignored, good])).toMatchObject({
      outcome: 'healthy',
      why: expect.stringMatching(/^1 guard within .*ignored does not exist .*left out/),
    });
    expect(judged([ignored])).toMatchObject({
      outcome: 'no-data',
      why: expect.stringMatching(/^every guard is left out .*ignored does not exist/),
    });
    const rangBefore = [alarm({ name: 'ignored', onNoData: 'ignore' }), ringing('ignored')] as const;
    expect(judged([rangBefore, good])).toMatchObject({ outcome: 'breach' });
  });

  it('judges only alarms at 0 %, where nothing is exposed, and without their delay', () => {
    const delayed = [alarm({ name: 'rings', initialDelayMs: 1e9 }), ringing('rings')] as const;
    expect(judged([delayed, bad], { percentage: 0 })).toMatchObject({ outcome: 'breach', guards: [{ name: 'rings' }] });
    expect(judged([bad, few, broken], { percentage: 0 })).toMatchObject({ outcome: 'healthy', guards: [] });
  });

  it('judges a guard only at its percentages', () => {
    const late = [metric({ name: 'late', percentages: [50, 75] }), named('late', series([9]))] as const;
    expect(judged([fine, late], { percentage: 25 })).toMatchObject({ outcome: 'healthy', guards: [{ name: 'fine' }] });
    expect(judged([fine, late], { percentage: 50 })).toMatchObject({ outcome: 'breach', guard: 'late' });
  });

  it('takes a guard that was read as something else for one that was not read', () => {
    expect(judged([[metric({ name: 'few' }), few[1]]])).toMatchObject({
      outcome: 'inconclusive',
      why: expect.stringMatching(/a guard of kind metric got a reading of kind executions/),
    });
  });
});

describe('verdictKey', () => {
  const key = verdictKey(judged([fine, few]));

  it('stays while only samples, values and time change', () => {
    const more = [few[0], named('few', ran({ succeeded: 29 }))] as const;
    expect(verdictKey(judged([fine, more], { nowMs: NOW_MS + 1 }))).toBe(key);
  });

  it.each<[string, string]>([
    ['the outcome', verdictKey(judged([fine, [few[0], named('few', ran({ succeeded: 30 }))]]))],
    ['the guard that decides', verdictKey({ ...judged([fine, few]), guard: 'other' })],
    ['the alarm that decides', verdictKey({ ...judged([fine, few]), alarm: 'other' })],
    ['what rings', verdictKey({ ...judged([fine, few]), ringing: ['other 1'] })],
    ['what is asked for', verdictKey({ ...judged([fine, few]), asks: 'hold' })],
    [
      'what a guard that does not decide says',
      verdictKey(judged([[{ ...fine[0], dryRun: true }, missing('fine')], few])),
    ],
    ['the provider', verdictKey(providerError('down', NOW_MS))],
  ])('changes with %s', (_name, other) => {
    expect(other).not.toBe(key);
  });
});

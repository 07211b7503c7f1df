import fc from 'fast-check';
import { PAVI_JOBS } from '../../../pavi/jobs';
import type { FollowsGuard, ResultsGuard } from '../../../rules/guards/guard';
import type { FollowsAnswer, FollowsReading, ResultsReading } from '../../../rules/guards/readings';
import { DUE_MS, judgeGuard, MINUTE_MS, NOW_MS, SINCE_MS } from './cases';

const results: ResultsGuard = {
  ...{ name: 'results', kind: 'results', onBreach: 'rollback', stateMachine: 'pavi', places: ['https://api'] },
  ...{ jobs: PAVI_JOBS, sample: 20, settleMs: MINUTE_MS, breach: { successRateBelow: 95 } },
};
const fetched = (changes: Partial<ResultsReading>): ResultsReading => {
  const { good = 0, bad = 0, unanswered = 0, early = 0 } = changes;
  const succeeded = good + bad + unanswered + early;
  return { name: 'results', kind: 'results', goodAtMs: {}, succeeded, good, bad, unanswered, early, ...changes };
};

describe('results of finished jobs', () => {
  it.each<[string, Partial<ResultsReading>, string, RegExp]>([
    ['all good', { good: 20 }, 'healthy', /./],
    ['too few', { good: 4 }, 'inconclusive', /4 sampled jobs are good .*10 are needed/],
    [
      'two of twenty missing',
      { good: 18, bad: 2, examples: ['job a: 404'] },
      'inconclusive',
      /certain yet.*; for example job a: 404/,
    ],
    [
      'thirteen of twenty missing',
      { good: 7, bad: 13, examples: ['job a: 404'] },
      'breach',
      /below 95 %; for example job a: 404/,
    ],
    ['one of one missing', { bad: 1 }, 'inconclusive', /./],
    ['only young ones missing', { early: 5 }, 'inconclusive', /5 ended a moment ago/],
  ])('%s', (_what, changes, outcome, why) => {
    const verdict = judgeGuard(results, fetched(changes));
    expect(verdict.outcome).toBe(outcome);
    if (outcome !== 'healthy') expect(verdict.why).toMatch(why);
    expect(verdict.asks).toBe(outcome === 'breach' ? 'rollback' : undefined);
  });

  it('an API that does not answer is an error after some looks, never a breach, and asks for no rollback', () => {
    const reading = fetched({ good: 15, unanswered: 5, silence: 'its alignment answers 503: busy' });
    expect(judgeGuard(results, reading, { errorsInARow: { results: 1 } }).outcome).toBe('inconclusive');
    const verdict = judgeGuard(results, reading, { errorsInARow: { results: 3 } });
    expect([verdict.outcome, verdict.asks]).toEqual(['error', undefined]);
    expect(verdict.why).toMatch(/5 sampled jobs could not be read: its alignment answers 503: busy/);
  });

  it('no job in a whole soak is no data', () => {
    expect(judgeGuard(results, fetched({}), { nowMs: DUE_MS }).outcome).toBe('no-data');
  });

  it('is never healthy with a missing result in a small sample or an unanswered one, and never a breach without a missing one', () => {
    const count = fc.nat({ max: 20 });
    fc.assert(
      fc.property(count, count, count, fc.nat({ max: 5 }), (good, bad, unanswered, inARow) => {
        const reading = fetched({ good, bad, unanswered });
        const { outcome } = judgeGuard(results, reading, { errorsInARow: { results: inARow } });
        if (unanswered > 0 || good < 0.95 * (good + bad)) expect(outcome).not.toBe('healthy');
        if (bad === 0) expect(outcome).not.toBe('breach');
      }),
    );
  });
});

const follows: FollowsGuard = {
  ...{ name: 'api-follows-the-flag', kind: 'follows', onBreach: 'hold', environment: 'prod', breach: {} },
  ...{ flag: { parameter: '/p', salt: 's' }, addresses: ['https://a', 'https://b'], withinMs: 2 * MINUTE_MS },
};
const told = (...says: readonly FollowsAnswer['says'][]): FollowsReading => ({
  ...{ name: follows.name, kind: 'follows', percentage: 10 },
  told: says.map((one, i) => ({ where: `i-${i}`, says: one, why: `execution_mode ${i}` })),
});

describe('instances that follow the flag', () => {
  it('are healthy when all do', () => {
    expect(judgeGuard(follows, told('follows', 'follows'))).toMatchObject({ outcome: 'healthy' });
  });

  it('are waited for while readers refresh, then hold and are named; never a rollback', () => {
    const reading = told('follows', 'otherwise', 'follows');
    const early = judgeGuard(follows, reading, { nowMs: SINCE_MS + MINUTE_MS });
    expect([early.outcome, early.asks]).toEqual(['inconclusive', undefined]);
    const late = judgeGuard(follows, reading, { nowMs: SINCE_MS + 2 * MINUTE_MS });
    expect([late.outcome, late.asks]).toEqual(['breach', 'hold']);
    expect(late.why).toMatch(/1 of 3 instances .* 10 %: i-1: execution_mode 1; for longer than 2 min/);
  });

  it('that leave later, or after a resume, have their time again', () => {
    const reading = { ...told('otherwise'), otherwiseSinceMs: NOW_MS - MINUTE_MS };
    expect(judgeGuard(follows, reading).outcome).toBe('inconclusive');
    expect(judgeGuard(follows, told('otherwise'), { holdsSinceMs: NOW_MS - MINUTE_MS }).outcome).toBe('inconclusive');
  });

  it('that do not answer are not known: an error that holds, and no rollback', () => {
    const verdict = judgeGuard(follows, told('follows', 'nothing'), { errorsInARow: { [follows.name]: 3 } });
    expect([verdict.outcome, verdict.asks]).toEqual(['error', undefined]);
    expect(verdict.why).toContain('NOT KNOWN whether 1 of 2 instances follow the flag document');
  });

  it('of any answers ask for a hold at most, and are healthy only when every one follows', () => {
    const answer = fc.constantFrom<FollowsAnswer['says']>('follows', 'otherwise', 'nothing');
    fc.assert(
      fc.property(
        fc.array(answer, { maxLength: 5 }),
        fc.nat({ max: 120 }),
        fc.nat({ max: 5 }),
        (says, minute, errors) => {
          const around = { nowMs: SINCE_MS + minute * MINUTE_MS, errorsInARow: { [follows.name]: errors } };
          const { outcome, asks } = judgeGuard(follows, told(...says), around);
          expect(asks).not.toBe('rollback');
          const every = says.length > 0 && says.every((one) => one === 'follows');
          expect(outcome === 'healthy').toBe(every && minute > 0);
        },
      ),
    );
  });
});

import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { unansweredUpdate } from '../../../client/temporal/send-update';
import { CliError } from '../../../client/terminal/cli-error';
import { nothingTo } from '../../../client/rollout/nothing-running';
import { type FreezeOptions, freezeOf } from '../../../client/flag/freeze';
import { commandOf } from '../../../client/input/actor';
import { percentageOf } from '../../../client/program/shared-options';
import { leaving } from '../../../client/rollout/abort';
import { type ApproveOptions, requestedStep } from '../../../client/rollout/approve';
import { type ExtendOptions, extension } from '../../../client/rollout/extend';
import { type PromoteOptions, promotion } from '../../../client/rollout/promote';
import type { Refusal } from '../../../rules/refusal';
import type { RolloutStatus } from '../../../rules/rollout/status/status';
import { NOON, soakingStatus, withoutWait } from '../../helpers/samples/rollout-status';

const HOUR = 3_600_000;
const typed = { nowMs: NOON, zone: 'America/New_York' };

/** The Failure that is thrown, as `exit code: message`. */
function failureOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof CliError) return `${error.exitCode}: ${error.message}`;
    throw error;
  }
  throw new Error('nothing was thrown');
}

describe('who asks', () => {
  it('is named, with the reason that was given', () => {
    expect(commandOf({ by: ' ada ', reason: 'release' })).toEqual({ by: 'ada', reason: 'release' });
    expect(commandOf({ by: 'ada' })).toEqual({ by: 'ada' });
  });
});

describe('a zero that is left undelivered', () => {
  it('is left in an environment that was named, with a reason, and is wrong usage without', () => {
    expect(leaving('prod', { reason: 'deleted' })).toBe('prod');
    expect(failureOf(() => leaving(undefined, { reason: 'deleted' }))).toMatch(/^2: Name the environment/);
    expect(failureOf(() => leaving('prod', {}))).toMatch(/^2: .*add --reason TEXT/);
  });
});

describe('the raise that is meant', () => {
  const { next: _next, ...atTheEnd } = soakingStatus();
  it.each<[string, ApproveOptions, RolloutStatus, object]>([
    ['the one typed', { percentage: 75 }, soakingStatus({ next: 50 }), { percentage: 75 }],
    ['the next one', {}, soakingStatus({ next: 50 }), { percentage: 50 }],
    ['none, at the last percentage', {}, atTheEnd, {}],
  ])('is %s', (_which, options, status, expected) => expect(requestedStep(options, { status })).toEqual(expected));

  it.each([
    ['50', 50],
    ['12.5%', 12.5],
    ['100 %', 100],
  ])('typed as %s is %d', (text, percentage) => expect(percentageOf(text)).toBe(percentage));

  it.each(['0', '-5', '101', 'half', '', ' '])('is not typed as "%s"', (text) => {
    expect(() => percentageOf(text)).toThrow('above 0, up to 100');
  });
});

describe('promote', () => {
  it.each<[PromoteOptions, object]>([
    [{}, {}],
    [{ full: true }, { full: true }],
    [{ override: true, reason: 'outage' }, { override: true }],
    [
      { full: true, override: true, reason: 'outage' },
      { full: true, override: true },
    ],
  ])('%j asks for %j', (options, expected) => expect(promotion(options)).toEqual(expected));

  it('overrides nothing without a reason', () => {
    expect(failureOf(() => promotion({ override: true, by: 'ada' }))).toMatch(/^2: .*add --reason/);
  });
});

describe('extend', () => {
  it.each<[ExtendOptions, number]>([
    [{ for: '6h' }, NOON + 6 * HOUR],
    [{ for: '1.5h' }, NOON + 1.5 * HOUR],
    [{ until: '2026-11-24T07:00' }, NOON + 24 * HOUR],
    [{ until: '2026-11-24T07:00:00Z' }, NOON + 19 * HOUR],
    [{ until: '2026-11-23' }, NOON + 17 * HOUR],
  ])('%j holds until that moment', (options, untilMs) => expect(extension(options, typed)).toEqual({ untilMs }));

  it.each<[ExtendOptions, RegExp]>([
    [{}, /^2: Say how long/],
    [{ for: '6h', until: '2026-11-24' }, /^2: Say how long/],
    [{ for: '6 hours' }, /^2: --for is 6 hours, which is not a duration; .* 6h/],
    [{ for: '0h' }, /^2: --for is 0h/],
    [{ until: 'tomorrow' }, /^2: --until is tomorrow, which is not a time; write ISO 8601/],
    [{ until: '2026-11-23T06:59' }, /^2: --until is 2026-11-23T06:59, which is past/],
  ])('%j is wrong usage', (options, why) => expect(failureOf(() => extension(options, typed))).toMatch(why));
});

describe('freeze', () => {
  const options = (more: Partial<FreezeOptions>): FreezeOptions => ({
    reason: 'holidays',
    until: '2027-01-04',
    ...more,
  });

  it.each<[Partial<FreezeOptions>, number, string]>([
    [{}, NOON, '2027-01-05T05:00:00.000Z'],
    [{ from: '2026-12-24T18:00' }, Date.UTC(2026, 11, 24, 23), '2027-01-05T05:00:00.000Z'],
    [{ until: '2026-11-23T13:00:00+01:00', from: '2026-11-01' }, Date.UTC(2026, 10, 1, 4), 'over'],
  ])('%j is meant in the zone of the maintenance window', (more, fromMs, until) => {
    if (until === 'over')
      return expect(failureOf(() => freezeOf(options(more), 'ada', typed))).toMatch(/which is past/);
    const toMs = Date.parse(until);
    expect(freezeOf(options(more), 'ada', typed)).toEqual({ fromMs, toMs, reason: 'holidays', by: 'ada' });
  });

  it('does not end before it begins', () => {
    const backwards = options({ from: '2027-01-05' });
    expect(failureOf(() => freezeOf(backwards, 'ada', typed))).toMatch(/^2: --from 2027-01-05 is not before --until/);
  });
});

describe('a verb that was not accepted', () => {
  const rejected = (cause: Error): unknown =>
    unansweredUpdate('promote', new WorkflowUpdateFailedError('rejected', cause));
  const refusal: Refusal = {
    rule: 'window',
    why: 'it is Saturday',
    remedy: 'wait for the next opening',
    fromMs: NOON,
  };
  const refused = (details: unknown[]): unknown =>
    rejected(ApplicationFailure.create({ type: 'Refused', message: 'window: it is Saturday', details }));

  it('exits 3 with the rule, the reason, the remedy and the moment', () => {
    const failure = refused([refusal]) as CliError;
    expect(failure).toMatchObject({ exitCode: 3, facts: refusal });
    expect(failure.message).toMatch(
      /^Refused \(window\): it is Saturday\.\nWhat would make it accept: wait for the next opening\.\nAccepted from Mon 23 Nov /,
    );
  });

  it.each([[[]], [[{ rule: 'window' }]], [['window']]])('exits 3 also with details %j of another version', (details) =>
    expect(refused(details)).toMatchObject({ exitCode: 3, message: 'Refused: window: it is Saturday.' }),
  );

  it('exits 1 when it failed for another reason', () => {
    expect(rejected(new Error('boom'))).toMatchObject({ exitCode: 1, message: 'The promote failed: boom.' });
  });

  it('exits 1 and claims nothing without an answer', () => {
    const silence = unansweredUpdate('promote', new WorkflowUpdateRPCTimeoutOrCancelledError('deadline'));
    expect(silence).toMatchObject({ exitCode: 1, message: expect.stringContaining('NOT KNOWN') });
  });

  it('leaves every other error to be explained elsewhere', () => {
    const error = new Error('no network');
    expect(unansweredUpdate('promote', error)).toBe(error);
  });
});

describe('nothing to act on', () => {
  const which = { service: 'pavi', environment: 'prod', workflowId: 'rollout-pavi-prod' };

  it('is reported with how the last rollout ended, and where it left the flag', () => {
    const outcome = { outcome: 'completed', why: '100 % was watched', atMs: NOON } as const;
    const status = withoutWait({ phase: 'ended', percentage: 100, outcome });
    expect(nothingTo('approve', which, { status, running: false, runId: 'run' })).toBe(
      'Nothing to approve: no rollout of pavi prod is running; the last one ended, completed (100 % was watched), at 100 %.' +
        ' It left the flag at 100 %: `rollout rollback prod` sets it to 0.',
    );
    expect(nothingTo('approve', which, undefined)).toBe('Nothing to approve: no rollout of pavi prod is running.');
  });
});

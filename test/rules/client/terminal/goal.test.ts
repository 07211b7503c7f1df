import { goalOf, standing, type Standing } from '../../../../client/watch/goal';
import { openerOf } from '../../../../client/inspect/open';
import type { RolloutStatus } from '../../../../rules/rollout/status/status';
import { NOON, soakingStatus, withoutWait } from '../../../helpers/samples/rollout-status';

const ended = (outcome: 'completed' | 'aborted', percentage: number): RolloutStatus =>
  withoutWait({ phase: 'ended', percentage, outcome: { outcome, why: 'x', atMs: NOON } });

describe('what a status waits for', () => {
  it.each<[string, string, RolloutStatus, boolean, Standing]>([
    ['at:25', 'that percentage', soakingStatus(), true, 'reached'],
    ['at:10', 'a higher one', soakingStatus(), true, 'reached'],
    ['at:50', 'a lower one', soakingStatus(), true, 'open'],
    ['at:50', 'a percentage that is not known', soakingStatus({ percentage: undefined }), true, 'open'],
    ['at:10', 'the way back', soakingStatus({ phase: 'rolling-back' }), true, 'missed'],
    ['at:10', 'an abort', ended('aborted', 0), false, 'missed'],
    ['at:100', 'the end', ended('completed', 100), false, 'reached'],
    ['completed', 'a soak', soakingStatus({ percentage: 100 }), true, 'open'],
    ['completed', 'the end', ended('completed', 100), false, 'reached'],
    ['completed', 'a pause', soakingStatus({ phase: 'paused' }), true, 'open'],
    ['completed', 'a rollout that was terminated', withoutWait({ phase: 'ended' }), false, 'missed'],
  ])('%s, and finds %s', (goal, _what, ...[status, running, expected]) =>
    expect(standing(goalOf(goal), { status, running, runId: 'run' })).toBe(expected),
  );

  it('is not missed by a rollout that does not answer', () => {
    const seen = { status: withoutWait({ phase: 'not-known' }), running: true, runId: 'run', queryError: 'no worker' };
    expect(standing(goalOf('completed'), seen)).toBe('open');
  });
});

describe('the browser', () => {
  it.each<[NodeJS.Platform, NodeJS.ProcessEnv, readonly string[] | undefined]>([
    ['linux', { DISPLAY: ':0' }, ['xdg-open', 'http://ui']],
    ['linux', { WAYLAND_DISPLAY: 'wayland-0' }, ['xdg-open', 'http://ui']],
    ['linux', { DISPLAY: '' }, undefined],
    ['darwin', {}, ['open', 'http://ui']],
    ['win32', {}, ['explorer.exe', 'http://ui']],
  ])('on %s with %j is opened by %j', (platform, env, command) =>
    expect(openerOf('http://ui', platform, env)).toEqual(command),
  );
});

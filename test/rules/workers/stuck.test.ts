import { stuckLine, stuckTask } from '../../../rules/workers/stuck';

it.each([
  ['without a task moves', 0, undefined, 'moves'],
  ['whose task was never tried before moves', 1, undefined, 'moves'],
  ['whose task is tried again is freed', 2, undefined, 'free'],
  ['of a release is left to it', 2, 'release-shop-prod', 'leave'],
  ['of a release that moves is no concern', 1, 'release-shop-prod', 'moves'],
])('a rollout %s', (_, attempt, parent, what) => {
  expect(stuckTask({ attempt, parent })).toBe(what);
});

it('what is still stuck is named with the reason', () => {
  expect(stuckLine({ workflowId: 'rollout-shop-prod', why: 'x' })).toBe('rollout-shop-prod: STILL STUCK, because x');
  expect(stuckLine({ why: 'x' })).toMatch(/^NOT KNOWN whether more rollouts are stuck/);
});

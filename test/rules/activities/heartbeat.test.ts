import { setTimeout as sleep } from 'node:timers/promises';
import { withHeartbeat } from '../../../activities/heartbeat';
import { activityEnvironment } from '../../helpers/activity-environment';

it('work that hangs beyond the time of its attempt falls silent', async () => {
  const environment = activityEnvironment({ startToCloseTimeoutMs: 450 });
  let beats = 0;
  environment.on('heartbeat', () => (beats += 1));
  await environment.run(() => withHeartbeat(() => sleep(2_000), { everyMs: 100 }));
  expect(beats).toBeGreaterThan(0);
  expect(beats).toBeLessThan(6);
});

it('what the work throws is thrown, and ends the heartbeats', async () => {
  const environment = activityEnvironment();
  let beats = 0;
  environment.on('heartbeat', () => (beats += 1));
  const failing = (): Promise<never> => Promise.reject(new Error('by the test'));
  await expect(environment.run(() => withHeartbeat(failing, { everyMs: 20 }))).rejects.toThrow('by the test');
  await sleep(200);
  expect(beats).toBe(0);
});

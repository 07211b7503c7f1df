import { getEventListeners } from 'node:events';
import type { PushParts } from '../../../worker/alarm-push';
import { pushAlarmChanges } from '../../../worker/alarm-push';
import { aPlan } from '../../helpers/samples/plans';

const DAY_MS = 86_400_000;

const noQueue = (): Error =>
  Object.assign(new Error('The specified queue does not exist.'), { name: 'QueueDoesNotExist' });

describe('a day without the alarm queue', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('leaves no listener behind, however often the worker asked', async () => {
    const stopping = new AbortController();
    let asked = 0;
    let most = 0;
    const send = (): Promise<never> => {
      asked += 1;
      most = Math.max(most, getEventListeners(stopping.signal, 'abort').length);
      // A growing list makes each next loop slower: enough is known.
      if (most > 3) stopping.abort();
      return Promise.reject(noQueue());
    };
    const quiet = { warn: () => undefined, info: () => undefined, debug: () => undefined };
    const parts = { client: {}, awsFor: () => ({ sqs: { send } }), logger: quiet } as unknown as PushParts;
    const plan = aPlan({ watch: { alarms: [], guards: [], intervalMs: 1_000, pushQueue: 'queue' } });

    const pushing = pushAlarmChanges(parts, [plan], stopping.signal);
    await jest.advanceTimersByTimeAsync(0);
    await jest.advanceTimersByTimeAsync(DAY_MS);
    expect(asked).toBeGreaterThan(40_000);
    expect(most).toBeLessThanOrEqual(1);
    expect(jest.getTimerCount()).toBe(1);

    stopping.abort();
    await pushing;
    expect(jest.getTimerCount()).toBe(0);
    expect(getEventListeners(stopping.signal, 'abort')).toHaveLength(0);
  });
});

import { poll } from '../../../client/temporal/poll';

const counted = () => {
  let reads = 0;
  return () => Promise.resolve((reads += 1));
};

describe('the poll of a verb', () => {
  it('ends with the first final answer, and shows each one before it', async () => {
    const shown: number[] = [];
    const last = await poll(counted(), {
      until: (answer) => answer === 3,
      meanwhile: (answer) => shown.push(answer),
      everyMs: 1,
    });
    expect([last, shown]).toEqual([3, [1, 2]]);
  });

  it('reads once even when there is no time, and returns what it read', async () =>
    expect(await poll(counted(), { until: () => false, everyMs: 1, withinMs: 0 })).toBe(1));

  it('returns the last answer when the time is up, so that the caller judges it', async () =>
    expect(await poll(counted(), { until: () => false, everyMs: 1, withinMs: 10 })).toBeGreaterThan(1));

  it('knows how long it has waited', async () => {
    const answer = await poll(counted(), { until: (_answer, waitedMs) => waitedMs >= 5, everyMs: 1 });
    expect(answer).toBeGreaterThan(1);
  });

  it('ends with the error of a read', async () => {
    const failing = poll(() => Promise.reject(new Error('no answer')), { until: () => true, everyMs: 1 });
    await expect(failing).rejects.toThrow('no answer');
  });
});

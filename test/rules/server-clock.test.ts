import { type ServerConnection, skewMsOf } from '../../rules/server-clock';

/** A server whose clock is ahead, and that records a poll at its nth look. */
function server(aheadMs: number, recordsAt: number) {
  let nowMs = 1_000_000;
  let looks = 0;
  const over = new AbortController();
  const within = <T>(_: unknown, work: () => Promise<T>): Promise<T> => work();
  const connection: ServerConnection = {
    ...{ withDeadline: within, withAbortSignal: within },
    workflowService: {
      pollWorkflowTaskQueue: () =>
        new Promise((resolve) => over.signal.addEventListener('abort', () => resolve(undefined))),
      describeTaskQueue: async () => {
        looks += 1;
        const atMs = nowMs + aheadMs;
        const lastAccessTime = { seconds: Math.floor(atMs / 1_000), nanos: (atMs % 1_000) * 1e6 };
        return { pollers: looks < recordsAt ? [] : [{ lastAccessTime }] };
      },
    },
  };
  const pause = async (ms: number): Promise<void> => void (nowMs += ms);
  return { connection, over, question: { namespace: 'default', name: 'clock', over, nowMs: () => nowMs, pause } };
}

it.each([0, 90_000, -90_000])('the clock of a server that is %d ms ahead is known', async (aheadMs) => {
  const { connection, over, question } = server(aheadMs, 1);
  expect(await skewMsOf(connection, question)).toBe(aheadMs);
  expect(over.signal.aborted).toBe(true);
});

it('a server that never records the poll does not say its time', async () => {
  const { connection, over, question } = server(0, Infinity);
  expect(await skewMsOf(connection, question)).toBe(undefined);
  expect(over.signal.aborted).toBe(true);
});

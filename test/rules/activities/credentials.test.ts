import { Credentials, type Keys, RECHECK_MS } from '../../../activities/credentials';

const keys = (accessKeyId: string, endsInMs?: number): Keys => ({
  accessKeyId,
  secretAccessKey: 's',
  expiration: endsInMs === undefined ? undefined : new Date(Date.now() + endsInMs),
});
const MINUTE_MS = 60_000;

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** A source that answers, fails or hangs as the test says. */
function source() {
  const state = { looks: 0, answer: (): Promise<Keys> => Promise.resolve(keys('first')) };
  const credentials = new Credentials(() => {
    state.looks += 1;
    return state.answer();
  });
  return { state, credentials, id: async () => (await credentials.provide()).accessKeyId };
}
const failing = (): Promise<Keys> => Promise.reject(new Error('the portal is away'));

describe('keys that name no end', () => {
  it('are looked up again after a bounded time, without a request that waits for it', async () => {
    const { state, id } = source();
    expect([await id(), await id(), state.looks]).toEqual(['first', 'first', 1]);
    state.answer = () => Promise.resolve(keys('second'));
    await jest.advanceTimersByTimeAsync(RECHECK_MS);
    expect(await id()).toBe('first');
    await jest.advanceTimersByTimeAsync(0);
    expect([await id(), state.looks]).toEqual(['second', 2]);
  });

  it('are used on while the source fails, which is asked again and again, but not all the time', async () => {
    const { state, id } = source();
    await id();
    state.answer = failing;
    await jest.advanceTimersByTimeAsync(RECHECK_MS);
    for (let second = 0; second < 30; second += 1) {
      expect(await id()).toBe('first');
      await jest.advanceTimersByTimeAsync(1_000);
    }
    expect(state.looks).toBeLessThanOrEqual(5);
    state.answer = () => Promise.resolve(keys('second'));
    await jest.advanceTimersByTimeAsync(10_000);
    await id();
    await jest.advanceTimersByTimeAsync(0);
    expect(await id()).toBe('second');
  });
});

describe('keys that end', () => {
  it('are renewed before, used until their end while the source fails, and no longer', async () => {
    const { state, id } = source();
    state.answer = () => Promise.resolve(keys('first', 10 * MINUTE_MS));
    await id();
    state.answer = failing;
    await jest.advanceTimersByTimeAsync(9 * MINUTE_MS);
    expect(await id()).toBe('first');
    await jest.advanceTimersByTimeAsync(MINUTE_MS);
    await expect(id()).rejects.toMatchObject({
      name: 'CredentialsProviderError',
      message: 'Error: the portal is away',
    });
    state.answer = () => Promise.resolve(keys('second', 10 * MINUTE_MS));
    expect(await id()).toBe('second');
  });
});

describe('a source', () => {
  it('is asked once for all who wait, and by the next again after it hung', async () => {
    const { state, id } = source();
    state.answer = () => new Promise(() => undefined);
    const waiting = [id(), id(), id()].map((one) => one.catch((error: Error) => error.message));
    await jest.advanceTimersByTimeAsync(30_000);
    expect(await Promise.all(waiting)).toEqual(Array(3).fill('CredentialsProviderError: no answer within 30 s'));
    expect(state.looks).toBe(1);
    state.answer = () => Promise.resolve(keys('second'));
    expect(await id()).toBe('second');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('has others than those that AWS refused only when they differ', async () => {
    const { state, credentials } = source();
    const first = await credentials.provide();
    expect(await credentials.othersThan(first)).toBe(false);
    state.answer = failing;
    expect(await credentials.othersThan(first)).toBe(false);
    state.answer = () => Promise.resolve(keys('second'));
    expect(await credentials.othersThan(first)).toBe(true);
    const looks = state.looks;
    expect(await credentials.othersThan(first)).toBe(true);
    expect(state.looks).toBe(looks);
  });
});

import { type RelayedReaders, startRelayedReaders } from '../../../bench/relayed-readers';
import { formatFlags } from '../../../flags';

const place = {
  aws: { account: '123456789012', region: 'eu-west-1' },
  flag: { parameter: '/shop/prod/rollout', salt: 'shop-prod' },
};
const textOf = (generation: number, percentage: number): string =>
  formatFlags({ schema: 1, generation, writer: 'me', reason: 'test', salt: 'shop-prod', percentage });

let running: RelayedReaders;
let [inStore, reads] = ['', 0];
const start = async (withRelay: boolean, refreshMs: number): Promise<void> => {
  [inStore, reads] = [textOf(5, 100), 0];
  running = await startRelayedReaders({
    ...place,
    readers: 500,
    refreshMs,
    withRelay,
    awsFor: () => {
      throw new Error('no AWS here');
    },
    fetch: () => {
      reads += 1;
      return Promise.resolve(inStore);
    },
  });
};
// A first wait is random: among 500 readers one would read again within seconds.
beforeEach(() => jest.spyOn(Math, 'random').mockReturnValue(0.5));
afterEach(() => running.close());

it('with a relay 500 readers are at 0 before any of them reads again', async () => {
  await start(true, 3_600_000);
  const atZero = running.untilAtMost(0);
  inStore = textOf(8, 0);
  running.relay!.written({ ...place, text: inStore });
  expect(await atZero).toHaveLength(500);
  expect(reads).toBe(500);
});

it('without one they are at 0 by their own reads', async () => {
  await start(false, 200);
  const atZero = running.untilAtMost(0);
  inStore = textOf(8, 0);
  expect(await atZero).toHaveLength(500);
  expect(reads).toBeGreaterThanOrEqual(1_000);
  expect(running.readers.every((reader) => reader.current().source === 'parameter')).toBe(true);
});

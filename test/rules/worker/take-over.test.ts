import type { Client } from '@temporalio/client';
import type { Logger } from '@temporalio/worker';
import type { Replayed } from '../../../worker/replays';
import { takeOverWhenDue } from '../../../worker/take-over';

/** The loop lasts minutes; test/aws/worker/upgrade.test.ts goes through real replays. */
const replay = jest.fn<Promise<Replayed>, []>();

const BROKEN: Replayed = { count: 1, problems: ['rollout-shop-prod: it has another order'] };
const STICKY = 2;

beforeEach(() => void jest.useFakeTimers({ now: 1_000_000_000_000 }));
afterEach(() => {
  jest.useRealTimers();
  replay.mockReset();
});

/** A worker of build `b` beside the current build `a`, whose only worker asked at `polledAtMs`. */
class Beside {
  polledAtMs = Date.now();
  isKnown = true;
  current = 'a';
  readonly taken: string[] = [];
  readonly fit: boolean[] = [];
  readonly errors: string[] = [];
  private readonly ending = new AbortController();
  private readonly running: Promise<void>;

  constructor(changes: Partial<Pick<Beside, 'polledAtMs' | 'isKnown'>> = {}) {
    Object.assign(this, changes);
    const ignored = (): void => undefined;
    const logger = { info: ignored, warn: ignored, error: (text: string) => this.errors.push(text) };
    this.running = takeOverWhenDue(
      {
        ...{ client: this.client(), namespace: 'default', logger: logger as unknown as Logger, deploymentName: 'd' },
        ...{ buildId: 'b', workflowBundle: { code: '' }, replay, fit: (isFit) => this.fit.push(isFit) },
      },
      this.ending.signal,
    );
  }

  async end(): Promise<void> {
    this.ending.abort();
    await jest.advanceTimersByTimeAsync(0);
    await this.running;
  }

  private client(): Client {
    const seconds = (ms: number) => ({ lastAccessTime: { seconds: Math.floor(ms / 1_000) } });
    const versioned = { deploymentOptions: { workerVersioningMode: 2, buildId: 'a' } };
    const workflowService = {
      describeWorkerDeployment: async () => ({
        conflictToken: new Uint8Array(),
        workerDeploymentInfo: {
          routingConfig: { currentDeploymentVersion: { buildId: this.current } },
          versionSummaries: this.isKnown ? [{ deploymentVersion: { buildId: 'b' } }] : [],
        },
      }),
      describeTaskQueue: async ({ taskQueue }: { readonly taskQueue: { readonly kind?: number } }) => ({
        pollers: [taskQueue.kind === STICKY ? seconds(Date.now()) : { ...versioned, ...seconds(this.polledAtMs) }],
      }),
      pollWorkflowTaskQueue: async () => undefined,
      setWorkerDeploymentCurrentVersion: async ({ buildId, identity }: { buildId: string; identity: string }) => {
        this.current = buildId;
        this.taken.push(identity);
      },
    };
    const within = (_: unknown, work: () => Promise<unknown>): Promise<unknown> => work();
    const connection = { workflowService, withDeadline: within, withAbortSignal: within };
    return { connection } as unknown as Client;
  }
}

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

it('a build takes over whatever its replay says when nobody works, and logs the problems', async () => {
  replay.mockResolvedValue(BROKEN);
  const beside = new Beside({ polledAtMs: Date.now() - 80_000 });
  await pass(100);
  expect(beside.taken).toEqual(['a worker of b, which cannot continue all that runs']);
  expect(beside.errors).toEqual([expect.stringMatching(/^This build took over although/)]);
  expect(beside.fit).toEqual([true]);
  await beside.end();
});

it('a build takes over when nobody works and nothing can be replayed', async () => {
  replay.mockRejectedValue(new Error('no list'));
  const beside = new Beside({ polledAtMs: Date.now() - 80_000 });
  await pass(100);
  expect(beside.taken).toHaveLength(1);
  expect(beside.errors).toEqual([expect.stringContaining('what runs could not be replayed: no list')]);
  await beside.end();
});

it('a build that cannot continue what runs leaves the tasks where they are, and replays with growing pauses', async () => {
  replay.mockResolvedValue(BROKEN);
  const beside = new Beside();
  for (let waited = 0; waited < 600_000; waited += 15_000) {
    beside.polledAtMs = Date.now();
    await pass(15_000);
  }
  expect(replay).toHaveBeenCalledTimes(6);
  expect(beside.errors).toEqual([expect.stringMatching(/^This build does not take over/)]);
  expect([beside.taken, new Set(beside.fit)]).toEqual([[], new Set([false])]);

  // By the server's clock, although nobody polls any more; what the last replay said is enough.
  await pass(90_000);
  expect(beside.taken).toHaveLength(1);
  expect(replay).toHaveBeenCalledTimes(6);
  await beside.end();
});

it('a worker of the current build that comes back during the replay keeps the tasks', async () => {
  const beside = new Beside({ polledAtMs: Date.now() - 80_000 });
  replay.mockImplementation(async () => {
    beside.polledAtMs = Date.now();
    return BROKEN;
  });
  await pass(100);
  expect([beside.taken, beside.fit]).toEqual([[], [false]]);
  await beside.end();
});

it('a first replay that takes long is healthy until it is refused', async () => {
  replay.mockImplementation(() => new Promise((resolve) => setTimeout(() => resolve(BROKEN), 260_000)));
  const beside = new Beside({ polledAtMs: Date.now() + 260_000 });
  await pass(230_000);
  expect(beside.fit).toEqual([]);
  await pass(20_000);
  expect(beside.fit).toEqual([true]);
  await pass(20_000);
  expect(beside.fit).toEqual([true, false]);
  await beside.end();
});

it('a build that Temporal does not get to know says so once', async () => {
  const beside = new Beside({ isKnown: false });
  await pass(25_000);
  expect(beside.errors).toEqual([]);
  await pass(120_000);
  expect(beside.errors).toEqual([expect.stringMatching(/^Temporal does not know this build after 30 s/)]);
  expect([beside.taken, beside.fit]).toEqual([[], []]);
  await beside.end();
});

import { readComparison } from '../../../../activities/observe/guards/comparison';
import { readGuard } from '../../../../activities/observe/guards/guards';
import { readEvents } from '../../../../activities/observe/guards/log-events';
import { readLogs } from '../../../../activities/observe/guards/logs';
import type { ComparisonGuard, LogGuard } from '../../../../rules/guards/guard';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { writeLog } from '../../../helpers/processes/log-lines';
import { answerInstead, awsFor, lookAt } from '../../../helpers/samples/looks';

const nextAccount = freshAccounts(16);

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const T0 = Math.floor(Date.now() / MINUTE) * MINUTE - 20 * MINUTE;
const minute = (index: number, seconds = 0): number => T0 + index * MINUTE + seconds * SECOND;
const GROUP = '/pavi/api/prod';

const guard = (changes: Partial<LogGuard> = {}): LogGuard => ({
  name: 'api-errors',
  kind: 'logs',
  onBreach: 'rollback',
  group: GROUP,
  pattern: 'ERROR',
  periodMs: MINUTE,
  breach: { above: 2 },
  ...changes,
});

describe('readLogs', () => {
  it('counts the lines that match in every whole period, 0 where others were written', async () => {
    const aws = nextAccount();
    await writeLog(aws, GROUP, [
      [minute(0, 59), 'ERROR before the step'],
      [minute(1, 1), 'ERROR one'],
      [minute(1, 59), 'ERROR two'],
      [minute(2, 10), 'all is well'],
      [minute(4), 'ERROR three'],
      [minute(4, 1), 'all is well'],
    ]);
    expect(await readLogs(guard(), lookAt(aws, { sinceMs: minute(1), nowMs: minute(8) }))).toEqual({
      name: 'api-errors',
      kind: 'series',
      points: [2, 0, 0, 1].map((value, index) => ({ atMs: minute(index + 1), value })),
      samples: 3,
      lastDataAtMs: minute(4, 1),
      examples: ['ERROR one', 'ERROR two', 'ERROR three'],
    });
  });

  it('finds that a log without matches is still written, and counts its lines when samples are wanted', async () => {
    const aws = nextAccount();
    await writeLog(aws, GROUP, [
      [minute(1), 'all is well'],
      [minute(2), 'all is well'],
    ]);
    const look = lookAt(aws, { sinceMs: minute(1), nowMs: minute(15) });
    const reading = await readLogs(guard({ minSamples: 30 }), look);
    expect(reading).toMatchObject({ samples: 2, lastDataAtMs: minute(2) });
    expect(reading.points.map(({ value }) => value)).toEqual([0, 0]);
    expect(reading.examples).toBeUndefined();
  });

  it('reports nothing for a log without a writer', async () => {
    const aws = nextAccount();
    await writeLog(aws, GROUP, [[minute(0), 'ERROR long ago']]);
    const reading = await readLogs(guard(), lookAt(aws, { sinceMs: minute(1), nowMs: minute(8) }));
    expect(reading).toEqual({ name: 'api-errors', kind: 'series', points: [], samples: 0 });
  });

  it('is an error when the group does not exist', async () => {
    expect(await readGuard(guard(), lookAt(nextAccount()))).toMatchObject({
      kind: 'error',
      why: expect.stringContaining(GROUP) as string,
    });
  });
});

// The emulator answers everything in one page, oldest first: these are answers as AWS gives them.
describe('readEvents', () => {
  const query = { group: GROUP, fromMs: minute(0), toMs: minute(10), most: 3 };
  const answering = (page: (token: string | undefined) => object) => {
    const aws = nextAccount();
    const asked: object[] = [];
    answerInstead(awsFor(aws).logs, 'FilterLogEventsCommand', (input) => {
      asked.push(input);
      return page((input as { nextToken?: string }).nextToken);
    });
    return { look: lookAt(aws), asked };
  };

  it('reads on through empty pages, newest first, and gives the events oldest first', async () => {
    const { look, asked } = answering((token) =>
      token === undefined
        ? { events: [{ timestamp: minute(5), message: 'new' }], nextToken: 'a' }
        : token === 'a'
          ? { events: [], nextToken: 'b' }
          : { events: [{ timestamp: minute(2), message: 'old' }] },
    );
    expect(await readEvents(query, look)).toEqual({
      events: [
        { atMs: minute(2), message: 'old' },
        { atMs: minute(5), message: 'new' },
      ],
    });
    expect(asked).toMatchObject([{ startFromHead: false, limit: 3 }, { nextToken: 'a', limit: 2 }, { nextToken: 'b' }]);
  });

  it('stops at so many events or pages, and says from when on it knows', async () => {
    const endless = answering(() => ({ events: [{ timestamp: minute(5), message: 'x' }], nextToken: 'more' }));
    expect(await readEvents(query, endless.look)).toMatchObject({ unknownBeforeMs: minute(5) + 1 });
    expect(endless.asked).toHaveLength(3);
    const inVain = answering(() => ({ nextToken: 'more' }));
    expect(await readEvents(query, inVain.look)).toEqual({ events: [], unknownBeforeMs: minute(10) + 1 });
    expect(inVain.asked).toHaveLength(20);
  });

  it('makes no healthy zeros of periods that were not read', async () => {
    const { look } = answering(() => ({ events: [{ timestamp: minute(5), message: 'x' }], nextToken: 'more' }));
    const { points } = await readLogs(guard(), { ...look, sinceMs: minute(0), nowMs: minute(8) });
    expect(points.filter(({ value }) => value === 0)).toEqual([]);
  });
});

describe('readComparison', () => {
  const compare: ComparisonGuard = {
    name: 'slower-than-nextflow',
    kind: 'comparison',
    onBreach: 'hold',
    group: GROUP,
    pattern: '"job-finished"',
    side: { field: 'job.backend', fresh: 'step-functions', baseline: 'nextflow' },
    durationField: 'durationMs',
    failure: { field: 'outcome', values: ['failed'] },
    breach: { slowerByPercent: 20 },
  };

  it('takes durations and outcomes of both sides, and passes over what is of neither', async () => {
    const aws = nextAccount();
    const line = (backend: string, durationMs: unknown, outcome: string) =>
      JSON.stringify({ event: 'job-finished', job: { backend }, durationMs, outcome });
    await writeLog(
      aws,
      GROUP,
      [
        line('step-functions', 120, 'completed'),
        line('step-functions', '120', 'failed'),
        line('nextflow', 100, 'completed'),
        line('neither', 7, 'failed'),
        JSON.stringify({ event: 'response', job: { backend: 'nextflow' }, durationMs: 1 }),
        'job-finished, but no JSON',
        '"job-finished"',
      ].map((message, index) => [minute(1, index), message]),
    );
    expect(await readComparison(compare, lookAt(aws, { sinceMs: minute(0) }))).toEqual({
      name: 'slower-than-nextflow',
      kind: 'comparison',
      fresh: { durationsMs: [120], total: 2, failed: 1 },
      baseline: { durationsMs: [100], total: 1, failed: 0 },
    });
  });
});

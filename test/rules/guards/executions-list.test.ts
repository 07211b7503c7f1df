import * as fc from 'fast-check';
import type { AwsClients } from '../../../activities/aws';
import { readExecutions } from '../../../activities/observe/executions';
import type { ExecutionsGuard } from '../../../rules/guards/guard';
import type { ExecutionsReading } from '../../../rules/guards/readings';
import { type Attempt, MemoryStates, type Run } from '../../helpers/aws/memory-states';
import { executions } from './cases';

const T = Date.UTC(2026, 10, 24, 15);
const SPAN_MS = 10_000;
const aws = { account: '111111111111', region: 'us-east-1' };
const guard = executions({ userErrors: ['InvalidInput'] });

const read = (states: MemoryStates, sinceMs: number, asked: ExecutionsGuard = guard): Promise<ExecutionsReading> =>
  readExecutions(asked, {
    clients: { sfn: states } as unknown as AwsClients,
    aws,
    sinceMs,
    nowMs: states.nowMs,
    abortSignal: new AbortController().signal,
  });

/** Attempts one after the other, a redrive after each that did not succeed; the last one may run on. */
const attempts: fc.Arbitrary<readonly Attempt[]> = fc
  .record({
    fromMs: fc.integer({ min: 0, max: SPAN_MS }),
    parts: fc.array(
      fc.record({
        tookMs: fc.integer({ min: 0, max: SPAN_MS }),
        pauseMs: fc.integer({ min: 1, max: SPAN_MS }),
        end: fc.constantFrom('FAILED', 'FAILED', 'TIMED_OUT', 'ABORTED'),
        error: fc.constantFrom('InvalidInput', 'States.TaskFailed'),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    last: fc.constantFrom('as it is', 'succeeds', 'runs on'),
  })
  .map(({ fromMs, parts, last }) => {
    let atMs = T + fromMs;
    return parts.map(({ tookMs, pauseMs, end, error }, index): Attempt => {
      const begunMs = atMs;
      atMs = begunMs + tookMs + pauseMs;
      const isLast = index === parts.length - 1;
      const toMs = isLast && last === 'runs on' ? undefined : begunMs + tookMs;
      return { fromMs: begunMs, toMs, end: isLast && last === 'succeeds' ? 'SUCCEEDED' : end, error };
    });
  });

/** What is to be read, from everything that is known, without a list. */
function oracle(states: MemoryStates, sinceMs: number) {
  const young = states.runs.filter(({ attempts: [first] }) => {
    const startedMs = first?.fromMs ?? 0;
    return startedMs >= sinceMs && startedMs <= states.nowMs;
  });
  const now = young.map((run) => states.newest(run));
  const ended = (end: Attempt['end']) => now.filter((one) => one.ended && one.attempt.end === end);
  const users = ended('FAILED').filter(({ attempt }) => attempt.error === 'InvalidInput').length;
  const timed = ended('SUCCEEDED').filter(({ index }) => index === 0);
  const tookMs = timed.reduce((sum, { attempt }) => sum + (attempt.toMs ?? 0) - attempt.fromMs, 0);
  return {
    started: young.length,
    running: now.filter((one) => !one.ended).length,
    succeeded: ended('SUCCEEDED').length,
    failed: ended('FAILED').length - users,
    userErrors: users,
    timedOut: ended('TIMED_OUT').length,
    aborted: ended('ABORTED').length,
    averageDurationMs: timed.length === 0 ? undefined : tookMs / timed.length,
    redriven: ended('SUCCEEDED').length - timed.length || undefined,
    cut: undefined,
    unexplained: undefined,
  };
}

describe('executions by the list of Step Functions', () => {
  it('are read as they ended last, at every moment, whatever the order and the pages', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(attempts, { maxLength: 50 }),
        fc.record({
          perPage: fc.integer({ min: 5, max: 60 }),
          runningFirst: fc.boolean(),
          sinceMs: fc.integer({ min: 0, max: SPAN_MS }),
          looksMs: fc.array(fc.integer({ min: 0, max: 6 * SPAN_MS }), { minLength: 1, maxLength: 4 }),
        }),
        async (all, { perPage, runningFirst, sinceMs, looksMs }) => {
          const runs = all.map((one, id): Run => ({ id, attempts: one }));
          const states = new MemoryStates(runs, perPage, runningFirst, T);
          // One worker looks again and again, and must not remember what was redriven.
          for (const lookMs of looksMs.toSorted((a, b) => a - b)) {
            states.nowMs = T + lookMs;
            const reading = await read(states, T + sinceMs);
            expect(reading).toMatchObject(oracle(states, T + sinceMs));
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('are cut after ten pages, and say so', async () => {
    const runs = Array.from({ length: 25 }, (_, id): Run => {
      return { id, attempts: [{ fromMs: T + id, toMs: T + id + 1, end: 'SUCCEEDED', error: '' }] };
    });
    expect(await read(new MemoryStates(runs, 2, false, T + SPAN_MS), T)).toMatchObject({ started: 20, cut: true });
    expect(await read(new MemoryStates(runs, 3, false, T + SPAN_MS), T)).toMatchObject({
      ...{ started: 25, cut: undefined },
    });
  });

  it('have their reasons asked for sixty at a time, and the others are called unexplained', async () => {
    const runs = Array.from({ length: 150 }, (_, id): Run => {
      return { id, attempts: [{ fromMs: T + id, toMs: T + id + 1, end: 'FAILED', error: 'InvalidInput' }] };
    });
    const states = new MemoryStates(runs, 1_000, false, T + SPAN_MS);
    const looks = [await read(states, T), await read(states, T), await read(states, T)];
    expect(looks.map(({ unexplained = 0, userErrors, failed }) => [unexplained, userErrors, failed])).toEqual([
      ...[
        [90, 60, 90],
        [30, 120, 30],
        [0, 150, 0],
      ],
    ]);
  });

  it('give the ends of the failures that count, and of those that may be the user’s, to a guard that asks for them', async () => {
    const ends = ['FAILED', 'FAILED', 'TIMED_OUT', 'ABORTED', 'SUCCEEDED'] as const;
    const runs = ends.map((end, id): Run => {
      const error = id === 0 ? 'InvalidInput' : 'States.TaskFailed';
      return { id, attempts: [{ fromMs: T + id, toMs: T + 10 * id + 1, end, error }] };
    });
    const breach = { failedWithin: { count: 3, ofMs: 60_000 } };
    const states = new MemoryStates(runs, 9, false, T + SPAN_MS);
    const asked = await read(states, T, executions({ userErrors: ['InvalidInput'], breach }));
    expect([asked.failedAtMs, asked.unexplainedAtMs]).toEqual([[T + 11, T + 21, T + 31], []]);
    const all = await read(states, T, executions({ breach }));
    expect(all.failedAtMs).toEqual(expect.arrayContaining([T + 1, T + 11, T + 21, T + 31]));
    expect((await read(states, T)).failedAtMs).toBeUndefined();
    const many = Array.from({ length: 100 }, (_, id): Run => {
      return { id, attempts: [{ fromMs: T + id, toMs: T + id + 1, end: 'FAILED', error: 'States.TaskFailed' }] };
    });
    const first = await read(
      new MemoryStates(many, 1_000, false, T + SPAN_MS),
      T,
      executions({ userErrors: ['X'], breach }),
    );
    expect([first.failedAtMs?.length, first.unexplainedAtMs?.length]).toEqual([60, 40]);
  });

  it('ask for three reasons, as examples, where no error is the user’s', async () => {
    const attempt: Attempt = { fromMs: T, toMs: T + 1, end: 'FAILED', error: 'States.TaskFailed' };
    const runs = Array.from({ length: 20 }, (_, id): Run => ({ id, attempts: [attempt] }));
    const states = new MemoryStates(runs, 1_000, false, T + SPAN_MS);
    const reading = await read(states, T, executions({ userErrors: [] }));
    expect([reading.failed, reading.unexplained, states.described]).toEqual([20, undefined, 3]);
  });

  it('are counted for a guard without limits', async () => {
    const { breach: _limits, ...counting } = guard;
    const attempt: Attempt = { fromMs: T, toMs: T + 1, end: 'SUCCEEDED', error: '' };
    const states = new MemoryStates([{ id: 1, attempts: [attempt] }], 9, false, T + SPAN_MS);
    const asked = { clients: { sfn: states } as unknown as AwsClients, aws, sinceMs: T, nowMs: states.nowMs };
    const { signal: abortSignal } = new AbortController();
    expect(await readExecutions(counting, { ...asked, abortSignal })).toMatchObject({ started: 1, succeeded: 1 });
  });

  it('believe no reason of an execution that was redriven after it was listed', async () => {
    const failed: Attempt = { fromMs: T, toMs: T + 10, end: 'FAILED', error: 'InvalidInput' };
    const states = new MemoryStates(
      [{ id: 1, attempts: [failed, { ...failed, fromMs: T + 20, toMs: T + 30 }] }],
      9,
      false,
      T + 15,
    );
    const send = states.send.bind(states);
    states.send = async (command) => {
      const answer = await send(command);
      states.nowMs = Math.max(states.nowMs, T + 25);
      return answer;
    };
    expect(await read(states, T)).toMatchObject({ failed: 1, userErrors: 0, unexplained: 1 });
    states.nowMs = T + 40;
    expect(await read(states, T)).toMatchObject({ failed: 0, userErrors: 1 });
  });
});

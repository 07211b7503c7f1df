import fc from 'fast-check';
import type {
  CommandQuestion,
  ExecutionQuestion,
  HttpQuestion,
  LambdaQuestion,
  MetricQuestion,
} from '../../../rules/checks/check';
import * as judge from '../../../rules/checks/judge';

const http: HttpQuestion = {
  kind: 'http',
  url: 'http://x/health',
  method: 'GET',
  headers: {},
  answerHeaders: {},
  json: [],
};
const up = [{ path: 'status', equals: 'up' }];
const typed = { 'content-type': 'application/json' };

describe('an answer over http', () => {
  it.each<[string, Partial<HttpQuestion>, Partial<judge.HttpAnswered>, string, RegExp]>([
    ['any 2xx', {}, { status: 204 }, 'yes', /answered 204/],
    ['a redirect', {}, { status: 304 }, 'no', /304 and not 200 to 299/],
    ['an error', {}, { status: 503 }, 'no', /503 and not 200 to 299/],
    ['a status of the list', { status: [200, 401] }, { status: 401 }, 'yes', /answered 401/],
    ['another status', { status: [200, 401] }, { status: 204 }, 'no', /204 and not 200 or 401/],
    ['the right header', { answerHeaders: { 'Content-Type': 'Application/JSON' } }, {}, 'yes', /answered 200/],
    ['another header', { answerHeaders: { 'content-type': 'html' } }, {}, 'no', /does not contain html/],
    ['no such header', { answerHeaders: { etag: 'x' } }, {}, 'no', /header etag is missing/],
    ['the right value', { json: up }, { body: '{"status":"up"}' }, 'yes', /as expected/],
    ['another value', { json: up }, { body: '{"status":"down"}' }, 'no', /status is "down" and not "up"/],
    ['no JSON', { json: up }, { body: '<html>' }, 'no', /it is no JSON: <html>/],
    ['an empty body', { json: up }, { body: '' }, 'no', /it is no JSON/],
    ['too much to compare', { json: up }, { body: '{"status":"up"', isCut: true }, 'unknown', /more than is read/],
    ['much without a comparison', {}, { body: 'x', isCut: true }, 'yes', /answered 200/],
  ])('%s', (_name, ...[question, answered, outcome, why]) => {
    const whole = { status: 200, headers: typed, body: '', isCut: false, ...answered };
    const found = judge.judgeHttp({ ...http, ...question }, whole);
    expect(found).toMatchObject({ outcome, why: expect.stringMatching(why), evidence: { status: whole.status } });
  });

  it('tells every difference at once', () => {
    const question = { ...http, answerHeaders: { etag: 'x' }, json: [...up, { path: 'count', above: 1 }] };
    const { evidence } = judge.judgeHttp(question, { status: 200, headers: {}, body: '{"count":1}', isCut: false });
    expect(evidence?.['differences']).toHaveLength(3);
  });
});

describe('a command', () => {
  const command: CommandQuestion = { kind: 'command', run: ['test.py'], directory: '.', variables: {}, exitCodes: [0] };
  it.each<[string, Partial<CommandQuestion>, Partial<judge.CommandEnded>, string, RegExp]>([
    ['ends well', {}, { exitCode: 0, output: 'a\n5 passed\n' }, 'yes', /exit code 0: 5 passed$/],
    ['fails', {}, { exitCode: 1, output: '' }, 'no', /exit code 1$/],
    ['ends well by another code', { exitCodes: [0, 5] }, { exitCode: 5 }, 'yes', /exit code 5/],
    ['fails by a listed code', { failureCodes: [1] }, { exitCode: 1 }, 'no', /exit code 1/],
    ['ends with a code that is not listed', { failureCodes: [1] }, { exitCode: 4 }, 'unknown', /neither yes nor no/],
    ['is ended by a signal', {}, { exitCode: null, signal: 'SIGSEGV' }, 'unknown', /ended by SIGSEGV/],
  ])('that %s', (_name, ...[question, ended, outcome, why]) => {
    const found = judge.judgeCommand({ ...command, ...question }, { exitCode: 0, output: '', ...ended });
    expect(found).toMatchObject({ outcome, why: expect.stringMatching(why) });
  });
});

describe('a metric', () => {
  const metric: MetricQuestion = {
    kind: 'metric',
    metrics: [],
    expression: 'errors',
    periodMs: 60_000,
    lastMs: 180_000,
  };
  const points = (...values: number[]) => values.map((value, i) => ({ atMs: i * 60_000, value }));
  it.each<[string, Partial<MetricQuestion>, number[], string, RegExp]>([
    ['within its bounds', { atLeast: 1, atMost: 3 }, [1, 2, 3], 'yes', /for the last 3 min, at the end 3$/],
    ['above', { atMost: 3, unit: '%' }, [1, 3.5, 2], 'no', /was 3.5 % in the last 3 min, above 3 %/],
    ['below', { atLeast: 1 }, [0], 'no', /was 0 in the last 3 min, below 1/],
    ['without data', { atMost: 3 }, [], 'unknown', /no data of a whole period/],
    ['without a number', { atMost: 3 }, [Number.NaN], 'unknown', /no data of a whole period/],
  ])('%s', (_name, ...[bounds, values, outcome, why]) => {
    const found = judge.judgeMetric({ ...metric, ...bounds }, points(...values));
    expect(found).toMatchObject({ outcome, why: expect.stringMatching(why) });
  });

  it('keeps the newest values only', () => {
    const { evidence } = judge.judgeMetric(
      { ...metric, atMost: 99 },
      points(...Array.from({ length: 90 }, (_, i) => i)),
    );
    expect(evidence?.['values']).toEqual(Array.from({ length: 20 }, (_, i) => String(70 + i)));
  });

  it('is right exactly when every value is', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1 }),
        fc.integer({ min: -9, max: 9 }),
        (values, atMost) => {
          const { outcome } = judge.judgeMetric({ ...metric, atMost }, points(...values));
          expect(outcome).toBe(Math.max(...values) <= atMost ? 'yes' : 'no');
        },
      ),
    );
  });
});

describe('an execution', () => {
  const execution: ExecutionQuestion = { kind: 'execution', stateMachine: 'm', input: {}, output: up };
  it.each<[string, Partial<judge.ExecutionEnded>, string, RegExp]>([
    ['with the right output', { output: '{"status":"up"}' }, 'yes', /execution e of m succeeded/],
    ['with another output', { output: '{}' }, 'no', /succeeded, but status is missing/],
    ['without an output', {}, 'no', /it is no JSON/],
    ['that failed', { status: 'FAILED', error: 'Broken', cause: 'x' }, 'no', /ended FAILED: Broken: x/],
    ['that timed out', { status: 'TIMED_OUT' }, 'no', /ended TIMED_OUT/],
    ['that still runs', { status: 'RUNNING' }, 'unknown', /has not ended in time and still runs/],
    ['that waits to be redriven', { status: 'PENDING_REDRIVE' }, 'unknown', /still runs/],
  ])('%s', (_name, ended, outcome, why) => {
    const found = judge.judgeExecution(execution, { name: 'e', status: 'SUCCEEDED', ...ended });
    expect(found).toMatchObject({ outcome, why: expect.stringMatching(why) });
  });
});

describe('a function', () => {
  const lambda: LambdaQuestion = { kind: 'lambda', function: 'f:live', payload: {}, answer: up };
  it.each<[string, Partial<judge.LambdaAnswered>, string, RegExp]>([
    ['that answers', { payload: '{"status":"up"}' }, 'yes', /f:live answered as expected/],
    ['that answers something else', { payload: 'null' }, 'no', /status is missing/],
    ['that fails', { functionError: 'Unhandled', payload: '{"errorMessage":"x"}' }, 'no', /failed \(Unhandled\)/],
  ])('%s', (_name, answered, outcome, why) => {
    const found = judge.judgeLambda(lambda, { version: '7', payload: '', ...answered });
    expect(found).toMatchObject({ outcome, why: expect.stringMatching(why), evidence: { version: '7' } });
  });
});

it('no question is answered yes when nothing was answered', () => {
  fc.assert(
    fc.property(
      fc.string(),
      fc.integer({ min: 100, max: 599 }).filter((status) => status !== 200),
      (body, status) => {
        expect(judge.judgeIncidents('http://x', { status, body }).outcome).toBe('unknown');
      },
    ),
  );
  fc.assert(
    fc.property(fc.string(), (body) => {
      fc.pre(!/^\s*(\[|\{)/.test(body));
      expect(judge.judgeIncidents('http://x', { status: 200, body }).outcome).toBe('unknown');
    }),
  );
});

describe('a secret', () => {
  it('is in no text, whatever is around it', () => {
    const secret = fc.string({ minLength: 4 }).filter((text) => !'[TOKEN]'.includes(text));
    fc.assert(
      fc.property(secret, fc.array(fc.string()), (value, around) => {
        const hide = judge.hiding({ TOKEN: value });
        expect(hide(value)).toBe('[TOKEN]');
        expect(hide(around.join(value))).toBe(around.join(value).replaceAll(value, '[TOKEN]'));
      }),
    );
  });

  it('is found also as part of an address, and the longer one first', () => {
    const hide = judge.hiding({ ONE: 'a b&c', TWO: 'a b&c and more' });
    expect(hide('?x=a%20b%26c')).toBe('?x=[ONE]');
    expect(hide('a b&c and more, a b&c')).toBe('[TWO], [ONE]');
  });

  it('that is hardly a text stays', () => expect(judge.hiding({ DEBUG: '1' })('11 of 11')).toBe('11 of 11'));
});

import { jsonIn } from '../../flags/json';
import type { HttpQuestion, LambdaQuestion, MetricQuestion } from '../../rules/checks/check';
import { judgeHttp, judgeIncidents, judgeLambda, judgeMetric } from '../../rules/checks/judge';
import { judgeHealth } from '../../rules/verification/health';
import { below, editedText, editedValue, must, type Next, pick } from './odd';

const HTTP = {
  ...{ kind: 'http', url: 'http://127.0.0.1/x', method: 'GET', headers: {}, answerHeaders: { 'x-a': 'b' } },
  json: [{ path: 'a.b', equals: 1 }],
} as unknown as HttpQuestion;
const LAMBDA = { kind: 'lambda', function: 'f', answer: [{ path: 'ok', equals: true }] } as unknown as LambdaQuestion;
const METRIC = {
  kind: 'metric',
  lastMs: 60_000,
  atMost: 5,
  metrics: [{ id: 'm', namespace: 'n', name: 'x' }],
} as unknown as MetricQuestion;
const ANSWER = {
  status: 200,
  headers: { 'x-a': 'b' },
  body: '{"a":{"b":1}}',
  health: { status: 'up', environment: 'prod', execution_mode: 'new', rollout: { enabled: true, percentage: 50 } },
};

export interface Answer {
  readonly status: number;
  readonly body: string;
  readonly health: unknown;
  readonly values: readonly number[];
}

/** A yes only for what was asked for: no answer that cannot be read is one. */
export function answers({ status, body, health, values }: Answer): void {
  const http = judgeHttp(HTTP, { status, headers: { 'x-a': 'b' }, body, isCut: false });
  const asked = jsonIn(body) as { readonly a?: { readonly b?: unknown } } | undefined;
  const isRight = status >= 200 && status < 300 && asked?.a?.b === 1;
  must((http.outcome === 'yes') === isRight, `an HTTP check that says ${http.outcome}`);
  judgeLambda(LAMBDA, { payload: body });
  judgeIncidents('http://127.0.0.1/x', { status, body });
  const metric = judgeMetric(
    METRIC,
    values.map((value, atMs) => ({ atMs, value })),
  );
  const known = values.filter((value) => Number.isFinite(value));
  const wanted = known.length === 0 ? 'unknown' : known.some((value) => value > 5) ? 'no' : 'yes';
  must(metric.outcome === wanted, `a metric check that says ${metric.outcome} and not ${wanted}`);
  const found = judgeHealth(health, { environment: 'prod', sides: { old: 'old', new: 'new' }, percentage: 50 });
  must(found.why.length > 0, 'a health without a reason');
}

export const anAnswer = (next: Next): Answer => ({
  status: pick(next, [200, 204, 301, 404, 500, 0, NaN]),
  body: editedText(next, ANSWER.body),
  health: editedValue(next, ANSWER.health),
  values: Array.from({ length: below(next, 4) }, () => pick(next, [1, 5, 6, NaN, Infinity, -1])),
});

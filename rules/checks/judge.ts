import { jsonIn } from '../../flags/json';
import { cutInTheMiddle, formatDuration, singleLine } from '../format';
import type {
  CheckAnswer,
  CommandQuestion,
  ExecutionQuestion,
  HttpQuestion,
  LambdaQuestion,
  MetricQuestion,
} from './check';
import { metricName, no, unknown, yes } from './check';
import { differences, type JsonExpectation } from './expectation';

/** Characters of an output that are kept as evidence. */
const EXCERPT = 2_000;
export const excerpt = (text: string): string => cutInTheMiddle(text, EXCERPT);

export interface HttpAnswered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** As far as it was read. */
  readonly body: string;
  /** The body was longer than what is read. */
  readonly isCut: boolean;
}

/** Judges an answer; one that never came is not given to it. */
export function judgeHttp(question: HttpQuestion, answered: HttpAnswered): CheckAnswer {
  const { status, body, isCut } = answered;
  const { url, method } = question;
  const evidence = { status, body: excerpt(body) };
  const isRight = question.status === undefined ? status >= 200 && status < 300 : question.status.includes(status);
  if (!isRight) {
    const wanted = question.status === undefined ? '200 to 299' : question.status.join(' or ');
    return no(`${method} ${url} answered ${status} and not ${wanted}`, evidence);
  }
  const headers = headerDifferences(question, answered);
  if (question.json.length === 0) {
    if (headers.length > 0) return no(`${method} ${url} answered ${status}, but ${headers.join('; ')}`, evidence);
    return yes(`${method} ${url} answered ${status}`, evidence);
  }
  if (isCut) return unknown(`${url} answered more than is read, so that it cannot be compared`, evidence);
  const found = [...headers, ...jsonDifferences(body, question.json)];
  if (found.length > 0)
    return no(`${method} ${url} answered ${status}, but ${found.join('; ')}`, { ...evidence, differences: found });
  return yes(`${method} ${url} answered ${status} as expected`, evidence);
}

function headerDifferences({ answerHeaders }: HttpQuestion, { headers }: HttpAnswered): readonly string[] {
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return Object.entries(answerHeaders).flatMap(([name, wanted]) => {
    const value = lower.get(name.toLowerCase());
    if (value === undefined) return [`header ${name} is missing`];
    if (value.toLowerCase().includes(wanted.toLowerCase())) return [];
    return [`header ${name} is ${singleLine(value)} and does not contain ${wanted}`];
  });
}

function jsonDifferences(text: string, expectations: readonly JsonExpectation[]): readonly string[] {
  if (expectations.length === 0) return [];
  const value = jsonIn(text);
  return value === undefined ? [`it is no JSON: ${singleLine(text)}`] : differences(value, expectations);
}

/** How a command ended by itself. */
export interface CommandEnded {
  /** Null when a signal that we did not send ended it. */
  readonly exitCode: number | null;
  readonly signal?: string;
  /** The end of what it printed to both outputs, in the order of arrival. */
  readonly output: string;
}

export function judgeCommand(question: CommandQuestion, ended: CommandEnded): CheckAnswer {
  const { exitCode, signal, output } = ended;
  const program = question.run[0] ?? 'the command';
  const last = output.trimEnd().split('\n').at(-1)?.trim() ?? '';
  const said = last === '' ? '' : `: ${singleLine(last)}`;
  if (exitCode === null)
    return unknown(`${program} was ended by ${signal ?? 'a signal'}${said}`, { output: excerpt(output) });
  const evidence = { exitCode, output: excerpt(output) };
  const why = `${program} ended with exit code ${exitCode}${said}`;
  if (question.exitCodes.includes(exitCode)) return yes(why, evidence);
  if (question.failureCodes?.includes(exitCode) ?? true) return no(why, evidence);
  return unknown(`${why}; this code means neither yes nor no`, evidence);
}

/** Values of a metric that are kept as evidence: the newest. */
const MOST_VALUES = 20;

/** The values of the whole periods, oldest first. No value is unknown: no data is not health. */
export function judgeMetric(
  question: MetricQuestion,
  points: readonly { readonly atMs: number; readonly value: number }[],
): CheckAnswer {
  const { lastMs, atLeast, atMost, unit } = question;
  const name = metricName(question);
  const values = points.map(({ value }) => value).filter((value) => Number.isFinite(value));
  const newest = values.at(-1);
  const over = formatDuration(lastMs);
  if (newest === undefined) return unknown(`${name} has no data of a whole period in the last ${over}`);
  const figure = (value: number): string =>
    `${Math.round(value * 1_000) / 1_000}${unit === undefined ? '' : ` ${unit}`}`;
  const evidence = { values: values.slice(-MOST_VALUES).map(figure) };
  const low = values.find((value) => atLeast !== undefined && value < atLeast);
  if (low !== undefined)
    return no(`${name} was ${figure(low)} in the last ${over}, below ${figure(atLeast ?? 0)}`, evidence);
  const high = values.find((value) => atMost !== undefined && value > atMost);
  if (high !== undefined)
    return no(`${name} was ${figure(high)} in the last ${over}, above ${figure(atMost ?? 0)}`, evidence);
  return yes(`${name} was within its bounds for the last ${over}, at the end ${figure(newest)}`, evidence);
}

/** An execution as Step Functions describes it. */
export interface ExecutionEnded {
  readonly name: string;
  readonly status: string;
  readonly output?: string;
  readonly error?: string;
  readonly cause?: string;
}

export function judgeExecution(question: ExecutionQuestion, ended: ExecutionEnded): CheckAnswer {
  const { name, status, output = '', error = status, cause = 'no cause given' } = ended;
  const called = `execution ${name} of ${question.stateMachine}`;
  if (['RUNNING', 'PENDING_REDRIVE'].includes(status))
    return unknown(`${called} has not ended in time and still runs`, { execution: name, status });
  if (status !== 'SUCCEEDED')
    return no(`${called} ended ${status}: ${singleLine(error)}: ${singleLine(cause)}`, { execution: name, status });
  const evidence = { execution: name, status, output: excerpt(output) };
  const found = jsonDifferences(output, question.output);
  if (found.length === 0) return yes(`${called} succeeded`, evidence);
  return no(`${called} succeeded, but ${found.join('; ')}`, { ...evidence, differences: found });
}

export interface LambdaAnswered {
  readonly version?: string;
  /** `Handled` or `Unhandled` when the function failed. */
  readonly functionError?: string;
  readonly payload: string;
}

export function judgeLambda(question: LambdaQuestion, answered: LambdaAnswered): CheckAnswer {
  const { version = 'unknown', functionError, payload } = answered;
  const evidence = { version, answer: excerpt(payload) };
  const called = `function ${question.function}`;
  if (functionError !== undefined) return no(`${called} failed (${functionError}): ${singleLine(payload)}`, evidence);
  const found = jsonDifferences(payload, question.answer);
  if (found.length === 0) return yes(`${called} answered as expected`, evidence);
  return no(`${called} answered, but ${found.join('; ')}`, { ...evidence, differences: found });
}

/** What a list of incidents answered. */
export function judgeIncidents(url: string, { status, body }: Pick<HttpAnswered, 'status' | 'body'>): CheckAnswer {
  if (status !== 200) return unknown(`${url} answered ${status}`);
  const open = openIncidents(body);
  if (open === undefined)
    return unknown(`${url} answered neither a list nor { "open": n }: ${cutInTheMiddle(body, 200)}`);
  if (open === 0) return yes(`no incident is open by ${url}`);
  return no(`${open === 1 ? '1 incident is' : `${open} incidents are`} open by ${url}`);
}

function openIncidents(text: string): number | undefined {
  const value = jsonIn(text);
  if (Array.isArray(value)) return value.length;
  const open = (value as { readonly open?: unknown } | null | undefined)?.open;
  return typeof open === 'number' && Number.isInteger(open) && open >= 0 ? open : undefined;
}

/**
 * Replaces each secret in a text by the name of the variable that holds it. Used on what came from outside before anything
 * is cut out of it: a part of a secret would not be recognised.
 */
export function hiding(secrets: Readonly<Record<string, string>>): (text: string) => string {
  const hidden = Object.entries(secrets)
    .flatMap(([name, value]) => [...new Set([value, encodeURIComponent(value)])].map((text) => [name, text] as const))
    .filter(([, text]) => text.length >= SHORTEST_SECRET)
    .sort(([, one], [, other]) => other.length - one.length);
  return (text) => hidden.reduce((shown, [name, secret]) => shown.replaceAll(secret, `[${name}]`), text);
}

/** A shorter text occurs everywhere, and is no secret. */
const SHORTEST_SECRET = 4;

import type { MetricQuery } from '../guards/guard';
import type { JsonExpectation } from './expectation';

/**
 * A question about the world: yes, no or unknown, and why. What cannot be asked is unknown and never yes. Plain JSON, after
 * `{env}` was replaced; times in milliseconds.
 */
export type Check = CheckQuestion & {
  /** As written in the plan: `health`. */
  readonly name: string;
  /** How long the answer may take; after that it is unknown. */
  readonly withinMs: number;
};

export type CheckKind = CheckQuestion['kind'];

export type CheckQuestion =
  | HttpQuestion
  | CommandQuestion
  | MetricQuestion
  | ExecutionQuestion
  | LambdaQuestion
  /** No alarm of the plan fires or has fired since the question arose, and each one works. */
  | { readonly kind: 'alarms-quiet' }
  /** One of the metrics that the dashboard draws has data; `watch.dashboard` when it names none. */
  | { readonly kind: 'dashboard-has-data'; readonly dashboard?: string }
  /** The last rollout of that environment completed. */
  | { readonly kind: 'rollout-completed'; readonly environment: string }
  /** A channel of `notify` accepted the notice that the rollout or deployment has started. Only these can answer it. */
  | { readonly kind: 'team-notified' }
  /** The address answers 200 with a JSON array or `{ "open": n }`; empty or 0 means no open incident. */
  | { readonly kind: 'no-open-incident'; readonly url: string }
  /** At 0 %: every instance of the API reports the old side; no execution runs any more; test jobs complete on the old side. */
  | { readonly kind: 'instances-on-old-side' | 'none-in-flight' | 'jobs-on-old-side' }
  /** Jobs of the pipeline through the API, and the snapshot of the stacks: only as the proof of a checklist item. */
  | { readonly kind: 'sample-jobs' | 'end-to-end' | 'rollback-template-kept' };

/** One request. */
export interface HttpQuestion {
  readonly kind: 'http';
  readonly url: string;
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly headers: Readonly<Record<string, Setting>>;
  readonly body?: string;
  /** Statuses that are right; any of 200 to 299 when left out. */
  readonly status?: readonly number[];
  /** Headers of the answer, each with a text that it must contain, in any case. */
  readonly answerHeaders: Readonly<Record<string, string>>;
  readonly json: readonly JsonExpectation[];
}

/** An executable with its arguments, on the worker's machine, without a shell. */
export interface CommandQuestion {
  readonly kind: 'command';
  readonly run: readonly string[];
  /** Folder it runs in. */
  readonly directory: string;
  /** Its whole environment, besides PATH. */
  readonly variables: Readonly<Record<string, Setting>>;
  /** Exit codes that mean yes. */
  readonly exitCodes: readonly number[];
  /** Exit codes that mean no, and others are unknown; every other one means no when left out. */
  readonly failureCodes?: readonly number[];
}

/** A text, or the name of a variable of the worker that holds it: then it is a secret and shown nowhere. */
export type Setting = string | { readonly variable: string };

/** A CloudWatch metric, or an expression over several, in every whole period of the time before the question. */
export interface MetricQuestion {
  readonly kind: 'metric';
  readonly metrics: readonly MetricQuery[];
  readonly expression?: string;
  readonly periodMs: number;
  readonly unit?: string;
  /** How far back. */
  readonly lastMs: number;
  readonly atLeast?: number;
  readonly atMost?: number;
}

/** Starts a state machine of Step Functions and waits for its end. */
export interface ExecutionQuestion {
  readonly kind: 'execution';
  /** Name of the state machine. */
  readonly stateMachine: string;
  readonly input: unknown;
  readonly output: readonly JsonExpectation[];
}

/** Invokes a Lambda function and waits for its answer. */
export interface LambdaQuestion {
  readonly kind: 'lambda';
  /** Name of the function, with `:alias` or `:version` if not the newest code is meant. */
  readonly function: string;
  readonly payload: unknown;
  readonly answer: readonly JsonExpectation[];
}

export type CheckOutcome = 'yes' | 'no' | 'unknown';

/** What a check found. */
export interface CheckAnswer {
  readonly outcome: CheckOutcome;
  /** The reason, in one sentence, with the names and values it rests on. */
  readonly why: string;
  /** Facts for people and programs: status, exit code, the beginning and end of an output. */
  readonly evidence?: Readonly<Record<string, string | number | readonly string[]>>;
}

export interface CheckResult extends CheckAnswer {
  readonly startedAtMs: number;
  readonly tookMs: number;
}

export const yes = (why: string, evidence?: CheckAnswer['evidence']): CheckAnswer => ({
  outcome: 'yes',
  why,
  evidence,
});
export const no = (why: string, evidence?: CheckAnswer['evidence']): CheckAnswer => ({ outcome: 'no', why, evidence });
export const unknown = (why: string, evidence?: CheckAnswer['evidence']): CheckAnswer => ({
  outcome: 'unknown',
  why,
  evidence,
});

/** As a sentence continues after the name of the check or item: an unknown answer is called that. */
export const answerWords = ({ outcome, why }: CheckAnswer): string =>
  outcome === 'unknown' ? `NOT KNOWN: ${why}` : why;

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

/** The standard time limits. */
const WITHIN_MS: Readonly<Record<CheckKind, number>> = {
  http: 10 * SECOND_MS,
  'no-open-incident': 10 * SECOND_MS,
  metric: 20 * SECOND_MS,
  'alarms-quiet': 20 * SECOND_MS,
  'dashboard-has-data': 20 * SECOND_MS,
  'rollout-completed': 20 * SECOND_MS,
  'rollback-template-kept': 20 * SECOND_MS,
  'instances-on-old-side': 20 * SECOND_MS,
  'none-in-flight': 20 * SECOND_MS,
  'team-notified': 30 * SECOND_MS,
  lambda: MINUTE_MS,
  command: 5 * MINUTE_MS,
  execution: 35 * MINUTE_MS,
  // The pipeline's own limits end these.
  'sample-jobs': 60 * MINUTE_MS,
  'end-to-end': 60 * MINUTE_MS,
  'jobs-on-old-side': 60 * MINUTE_MS,
};

/** A check with the standard time limit of its kind. */
export const checkOf = (name: string, question: CheckQuestion, withinMs = WITHIN_MS[question.kind]): Check => ({
  name,
  withinMs,
  ...question,
});

/** What is compared with the bounds, for people. */
export const metricName = ({ expression, metrics }: MetricQuestion): string =>
  expression ?? metrics[0]?.metric ?? 'the metric';

/** What a check asks, for people. */
export function questionWords(check: CheckQuestion): string {
  switch (check.kind) {
    case 'http':
      return `${check.method} ${check.url} answers as expected`;
    case 'command':
      return `${check.run.join(' ')} ends with ${check.exitCodes.join(' or ')}`;
    case 'metric':
      return `${metricName(check)} is within its bounds`;
    case 'execution':
      return `an execution of ${check.stateMachine} succeeds with the expected output`;
    case 'lambda':
      return `${check.function} answers as expected`;
    case 'alarms-quiet':
      return 'no alarm fires';
    case 'dashboard-has-data':
      return 'the dashboard shows data';
    case 'rollout-completed':
      return `the last rollout of ${check.environment} completed`;
    case 'team-notified':
      return 'a channel accepted the notice of the start';
    case 'no-open-incident':
      return `${check.url} reports no open incident`;
    case 'instances-on-old-side':
      return 'every instance of the API reports the old side';
    case 'none-in-flight':
      return 'no execution runs any more on the new side';
    case 'jobs-on-old-side':
      return 'test jobs complete on the old side';
    case 'sample-jobs':
      return 'sample jobs complete';
    case 'end-to-end':
      return 'a job completes from end to end';
    case 'rollback-template-kept':
      return 'a snapshot of the stacks is kept';
  }
}

/**
 * Checks of the service that may answer `yes` a moment later, and change nothing when they are asked again: a verification
 * asks them until its time for answers is over.
 */
export const mayTurn = (check: CheckQuestion): boolean =>
  (check.kind === 'http' && check.method !== 'POST') || TURNING.has(check.kind);

const TURNING: ReadonlySet<CheckKind> = new Set([
  'dashboard-has-data',
  'metric',
  'instances-on-old-side',
  'none-in-flight',
] as const);

/** The same checks with the folder of every command changed; the plan has it relative to its own file. */
export const withFolders = (checks: readonly Check[], change: (folder: string) => string): readonly Check[] =>
  checks.map((check) => (check.kind === 'command' ? { ...check, directory: change(check.directory) } : check));

/** Checks that every plan has: `proof` of a checklist item takes these words besides the names of checks. */
export const READY_CHECKS = [
  'alarms-quiet',
  'dashboard-has-data',
  'sample-jobs',
  'end-to-end',
  'rollback-template-kept',
  'team-notified',
] as const;

/** The plan's check of that name, else a ready one; undefined when there is none. */
export function checkByName(checks: readonly Check[] | undefined, name: string): Check | undefined {
  const ready = READY_CHECKS.find((word) => word === name);
  return namedCheck(checks, name) ?? (ready === undefined ? undefined : checkOf(ready, { kind: ready }));
}

/** The check of that name; undefined when the plan has none. */
export const namedCheck = (checks: readonly Check[] | undefined, name: string): Check | undefined =>
  checks?.find((check) => check.name === name);

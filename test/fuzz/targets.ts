import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { formatFlags, parseFlags } from '../../flags/contract';
import { parseFindings } from '../../rules/fallback/parse-findings';
import { parseAlarmMessage } from '../../rules/guards/alarm-message';
import { checkPlan } from '../../rules/plan/plan';
import { environmentPlan } from '../../rules/plan/resolve';
import { PLAN_SHAPE, shapeProblem } from '../../rules/plan/shape';
import { readAlarmChange, recordAlarmChange } from '../../rules/rollout/outside/alarm-change';
import { parseEndedExecution } from '../../rules/rollout/outside/ended-execution';
import { askLook, readLookAsked } from '../../rules/rollout/outside/event-looks';
import { readUnwatched, recordUnwatched } from '../../rules/rollout/outside/unwatched';
import { parseOwner } from '../../rules/rollout/owner';
import { upgraded } from '../../rules/rollout/state/schema';
import { begin, type RolloutState } from '../../rules/rollout/state/state';
import { decide } from '../../rules/rollout/decide';
import type { Decision } from '../../rules/rollout/decision';
import { stop } from '../../rules/rollout/pause-hold';
import { statusOf } from '../../rules/rollout/status/build-status';
import { NOTHING_WRITTEN } from '../../rules/audit/waiting';
import { parseKept, parseKeptList } from '../../rules/stacks/parse-kept';
import { parseRecord } from '../../rules/stacks/parse-record';
import { parseFreezes } from '../../rules/time/freeze-document';
import { inputProblem } from '../../workflows/boundary/inputs';
import { readArguments, stopWordsOf } from '../../workflows/boundary/read-arguments';
import { aPlan } from '../helpers/samples/plans';
import { changed } from '../helpers/samples/changed-state';
import { anAnswer, answers } from './answers';
import { aCommandLine, commandLines } from './command-lines';
import { below, editedText, editedValue, must, type Next, oddValue, pick } from './odd';

/** Makes one input and feeds it. Throws when what comes out is wrong; what is thrown by the code itself is a crash. */
export interface Target {
  readonly name: string;
  /** Of all inputs, so many of a thousand. */
  readonly share: number;
  /** @returns the input, and does the check in `feed`. */
  readonly make: (next: Next) => unknown;
  readonly feed: (input: never) => void;
}

const ROOT = resolve(__dirname, '../..');
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const PLANS = ['plans/pavi.yaml', 'plans/sandbox.yaml'].map(textOf);
const NOW_MS = Date.UTC(2026, 10, 30);

const refusedWithWords = (read: { readonly ok: boolean }): void =>
  must(read.ok || String((read as { readonly why?: unknown }).why ?? '').length > 0, 'a refusal without a reason');

function plan(text: string): void {
  const checked = checkPlan(text);
  if (!checked.ok) {
    must(checked.problems.length > 0, 'a refused plan without a problem');
    for (const { problem, remedy } of checked.problems)
      must(problem.length > 0 && remedy.length > 0, 'a problem without words or without what to write');
    return;
  }
  for (const name of Object.keys(checked.plan.environments)) {
    const resolved = environmentPlan(checked.plan, name);
    if (!resolved.ok) continue;
    must(shapeProblem(resolved.plan, PLAN_SHAPE, 'plan') === undefined, 'a resolved plan of a wrong shape');
    const { steps } = resolved.plan;
    must(
      steps.every(({ percentage }, at) => percentage > (steps[at - 1]?.percentage ?? 0) && percentage <= 100),
      'steps that do not rise up to 100',
    );
  }
}

const DOCUMENT = { schema: 1, generation: 7, writer: 'w', reason: 'r', salt: 'pavi-prod', percentage: 25 } as const;
const FLAGS = [formatFlags(DOCUMENT), '25', '{"schema":1}', JSON.stringify({ ...DOCUMENT, enabled: true })];

function flags(text: string): void {
  for (const format of [undefined, 'number'] as const) {
    const read = parseFlags(text, format, 3);
    refusedWithWords(read);
    if (!read.ok) continue;
    const { percentage, generation } = read.document;
    must(percentage >= 0 && percentage <= 100, `a percentage of ${percentage}`);
    must(Number.isSafeInteger(generation) && generation >= 0, `a generation of ${generation}`);
  }
}

const OWNER = {
  ...{ schema: 1, workflowId: 'rollout-pavi-prod', firstRunId: 'r', by: 'ada', sinceMs: NOW_MS },
  temporal: { cluster: 'c', namespace: 'default' },
};
const FREEZES = {
  freezes: [
    { fromMs: NOW_MS, toMs: NOW_MS + 1, reason: 'x' },
    { zone: 'UTC', from: '2026-12-24', to: '2027-01-01', reason: 'x' },
  ],
};
const RECORD = {
  schema: 1,
  deployed: { atMs: 1, by: 'a', workflowId: 'w', runId: 'r', template: 't', nextTemplates: {} },
};
const FINDINGS = { rolledBack: { atMs: 1, by: 'a', reason: 'r' }, findings: { atMs: 1, by: 'a', text: 't' } };
const DOCUMENTS = [OWNER, FREEZES, RECORD, FINDINGS];

function documents(text: string): void {
  for (const read of [parseOwner(text), parseRecord(text), parseFindings(text)]) refusedWithWords(read);
  const freezes = parseFreezes(text);
  refusedWithWords(freezes);
  if (freezes.ok)
    must(
      freezes.freezes.every(({ fromMs, toMs }) => toMs > fromMs),
      'a freeze that ends before it begins',
    );
  parseKept(text);
  parseKeptList(text);
}

const MESSAGES = [
  {
    AlarmName: 'a',
    AlarmArn: 'arn:aws:cloudwatch:us-east-1:111111111111:alarm:a',
    NewStateValue: 'ALARM',
    NewStateReason: 'x',
    StateChangeTime: '2026-11-30T00:00:00.000+0000',
  },
  {
    'detail-type': 'CloudWatch Alarm State Change',
    detail: { alarmName: 'a', state: { value: 'ALARM', timestamp: '2026-11-30T00:00:00.000+0000' } },
  },
  {
    'detail-type': 'Step Functions Execution Status Change',
    detail: {
      status: 'FAILED',
      stopDate: NOW_MS,
      executionArn: 'arn:aws:states:us-east-1:1:execution:m:e',
      stateMachineArn: 'arn:aws:states:us-east-1:1:stateMachine:m',
    },
  },
];

function messages(body: string): void {
  const change = parseAlarmMessage(body);
  if (change !== undefined) must(Number.isFinite(change.atMs), 'an alarm change without a time');
  const ended = parseEndedExecution(body);
  if (ended !== undefined) must(Number.isFinite(ended.atMs), 'an end without a time');
}

const PLAN = aPlan();
const AT_50 = changed(begin('ada', undefined, NOW_MS), { flag: { known: true, percentage: 50, generation: 3 } });
const FIRED = { alarm: PLAN.watch.alarms[0]?.name, state: 'ALARM', atMs: NOW_MS, why: 'x', sinceMs: NOW_MS };

/** No signal from outside raises, whatever it holds. */
function signals(value: unknown): void {
  const change = readAlarmChange(value, NOW_MS);
  const unwatched = readUnwatched(value, NOW_MS);
  const after = [
    change === undefined ? AT_50 : recordAlarmChange(AT_50, PLAN.watch.alarms, change, NOW_MS),
    unwatched === undefined ? AT_50 : recordUnwatched(AT_50, unwatched, NOW_MS),
    askLook(AT_50, PLAN.watch, readLookAsked(value, NOW_MS), NOW_MS),
  ];
  for (const { flag } of after)
    must(JSON.stringify(flag) === JSON.stringify(AT_50.flag), 'a signal that changes the flag');
}

function commands(sent: readonly unknown[]): void {
  const { typed: read, unreadable } = readArguments(sent);
  must(typeof read === 'object', 'arguments that are no object');
  must(unreadable === undefined || unreadable.length > 0, 'unreadable without a reason');
  const { by, why } = stopWordsOf(sent, 'somebody');
  must(by.length > 0 && why.length > 0, 'a stop without a name or a reason');
}

const TYPES = ['rollout', 'deployment', 'verification', 'release', 'fallback', 'check', 'notice', 'freeze', 'setup'];
const INPUT = { plan: PLAN, startedBy: 'ada', by: 'ada', reason: 'x', checks: [] };

function inputs(args: readonly unknown[]): void {
  for (const type of TYPES) {
    const problem = inputProblem(type, args, false);
    must(problem === undefined || problem.length > 0, 'a refused input without a reason');
  }
}

const CAUSE = { why: 'a reason', sinceMs: NOW_MS, by: 'ada' };
/** With all that a state may have and mostly does not. */
const FULL = changed(
  {
    ...AT_50,
    paused: CAUSE,
    audit: { ...NOTHING_WRITTEN, waiting: [{ seq: 1, at: '2026-11-30T00:00:00Z', what: 'x' }] },
  },
  {
    watch: { diagnosis: { atMs: NOW_MS, findings: [] } as never, unreadable: { count: 1 } as never },
    gates: { hooks: [{ atMs: NOW_MS, tries: 1 }] as never },
    log: { entries: [{ atMs: NOW_MS, what: 'x' }] },
  },
);

/** Whatever a run hands to the next: its status can be shown, and an abort ends at 0 % and raises nothing. */
function states(value: unknown): void {
  const state = upgraded(value, begin('ada', undefined, NOW_MS), NOW_MS);
  const show = (one: RolloutState): Decision => {
    const decision = decide(PLAN, one, NOW_MS);
    statusOf(PLAN, one, decision, { workflowId: 'rollout-pavi-prod', planHash: 'h', nowMs: NOW_MS });
    return decision;
  };
  show(state);
  const { do: does } = show(stop(state, { ...CAUSE, kind: 'abort' }));
  must(!['set-traffic', 'restore-traffic', 'wait'].includes(does), `an abort that leads to ${does}`);
}

const json = (next: Next, samples: readonly unknown[]): string => {
  const sample = pick(next, samples);
  if (next() < 0.5) return JSON.stringify(editedValue(next, sample)) ?? '';
  return editedText(next, JSON.stringify(sample));
};

export const TARGETS: readonly Target[] = [
  { name: 'plans', share: 30, make: (next) => editedText(next, pick(next, PLANS)), feed: plan },
  {
    name: 'flag documents',
    share: 170,
    make: (next) => (next() < 0.5 ? editedText(next, pick(next, FLAGS)) : json(next, [DOCUMENT])),
    feed: flags,
  },
  { name: 'other documents', share: 120, make: (next) => json(next, DOCUMENTS), feed: documents },
  {
    name: 'events and alarm messages',
    share: 170,
    make: (next) => {
      const body = json(next, MESSAGES);
      return next() < 0.5 ? body : JSON.stringify({ Type: 'Notification', Message: body });
    },
    feed: messages,
  },
  { name: 'signals', share: 150, make: (next) => editedValue(next, FIRED), feed: signals },
  {
    name: 'arguments of signals and updates',
    share: 120,
    make: (next) => Array.from({ length: below(next, 3) }, () => oddValue(next)),
    feed: commands,
  },
  { name: 'inputs of workflows', share: 60, make: (next) => [editedValue(next, INPUT)], feed: inputs },
  {
    name: 'states of a run before',
    share: 80,
    make: (next) => editedValue(next, pick(next, [AT_50, FULL])),
    feed: states,
  },
  {
    name: 'answers of API and AWS',
    share: 80,
    make: anAnswer,
    feed: answers,
  },
  {
    name: 'command lines',
    share: 20,
    make: aCommandLine,
    feed: commandLines,
  },
];

import { isObject } from '../../../flags/json';
import { withAudit } from '../../audit/rollout';
import { type AuditState, NOTHING_WRITTEN } from '../../audit/waiting';
import type { DeliveryProgress } from '../../delivery/progress';
import type { BriefDiagnosis } from '../../diagnosis/brief';
import type { GuardHealth, Verdict } from '../../guards/verdict';
import type { Notice } from '../../notify/notice';
import type { EnvironmentPlan } from '../../plan/environment-plan';
import { type Shape, type ShapeOf, shapeProblem } from '../../plan/shape';
import type { DeployedState } from '../../stacks/deployed-state';
import { hold } from '../pause-hold';
import type { DeliveryState } from './delivery';
import { type Drift, UNREAD_FLAG } from './flag';
import type { HookState } from './gates';
import type { OpenRequest } from './identity';
import { note } from './log';
import { isNewer, schemaOf, STATE_SCHEMA } from './schema-number';
import { ADOPTION_SHAPE, type AdoptionState } from './adoption';
import type { RolloutState } from './state';

const CAUSE = { why: 'string', sinceMs: 'number', 'by?': 'string' } as const;
const MOMENT = { atMs: 'number', clockMs: 'number' } as const;
const READ_PROBLEM = { 'problem?': 'string', 'problemSince?': MOMENT, 'tries?': 'number' } as const;
const FREEZE = { fromMs: 'number', toMs: 'number', reason: 'string' } as const;
const LIMITS = { 'above?': 'number', 'below?': 'number', 'low?': 'number', 'high?': 'number' } as const;
const GUARD = {
  ...{ name: 'string', outcome: 'string', why: 'string', 'samples?': { seen: 'number', wanted: 'number' } },
  'measured?': { value: 'number', unit: 'string', ...LIMITS, 'trend?': ['number'] },
} as const satisfies ShapeOf<GuardHealth>;
const HEALTH = {
  ...{ outcome: 'string', why: 'string', atMs: 'number', ringing: ['string'], noticed: ['string'] },
  ...{ 'alarm?': 'string', 'guard?': 'string', guards: [GUARD] },
} as const satisfies ShapeOf<Verdict>;
const DIAGNOSIS = {
  ...{ atMs: 'number', line: 'string', looked: ['string'], logs: ['string'] },
  causes: [{ trouble: 'string', id: 'string', cause: 'string', remedy: 'string', evidence: ['string'] }],
} as const satisfies ShapeOf<BriefDiagnosis>;
const HOOK = {
  ...{ moment: 'string', check: 'string', percentage: 'number', atMs: 'number', tries: 'number' },
  ...{ 'askingSinceMs?': 'number', 'answer?': { outcome: 'string', why: 'string' }, 'waived?': 'string' },
} as const satisfies ShapeOf<HookState>;
const DEPLOYED = {
  ...{ template: 'string', 'revision?': 'string', atMs: 'number', by: 'string' },
  'verified?': { atMs: 'number', by: 'string' },
} as const satisfies ShapeOf<DeployedState>;
const READING = {
  ...{ found: 'boolean', 'percentage?': 'number', 'generation?': 'number', 'version?': 'number', 'why?': 'string' },
  ...{ 'writer?': 'string', 'by?': 'string', 'atMs?': 'number' },
} as const satisfies Shape;
const DRIFT = {
  ...{ reading: READING, why: 'string', sinceMs: 'number' },
  'restored?': { percentage: 'number', generation: 'number' },
} as const satisfies ShapeOf<Drift>;
const PROGRESS = { 'from?': 'number', 'before?': {} } as const satisfies ShapeOf<DeliveryProgress>;
const DELIVERY = {
  ...{ percentage: 'number', since: MOMENT, 'progress?': PROGRESS, 'askedAtMs?': 'number', 'doneAtMs?': 'number' },
  ...{ 'found?': { reporting: 'number', of: 'number', complete: 'boolean', why: 'string' }, 'problem?': 'string' },
} as const satisfies ShapeOf<DeliveryState>;
/** A kind that this code does not know has no words. */
const ENDED = [
  'either',
  ['either', ['word', 'completed'], ['word', 'rolled-back']],
  ['either', ['word', 'aborted'], ['word', 'refused']],
] as const;
const NOTICE = { key: 'string', kind: 'string', title: 'string', text: 'string' } as const satisfies ShapeOf<Notice>;
const AUDIT = {
  ...{ seq: 'number', waiting: [{ seq: 'number', at: 'string', what: 'string', 'by?': 'string' }] },
  ...{ 'last?': { what: 'string', 'by?': 'string' }, 'repeated?': 'number', 'problem?': 'string' },
  'head?': { number: 'number', hash: 'string' },
} as const satisfies ShapeOf<AuditState>;

const ADOPTION = { ...ADOPTION_SHAPE, 'adoptedAtMs?': 'number' } as const satisfies ShapeOf<AdoptionState>;

const OPEN = {
  rule: 'string',
  why: 'string',
  remedy: 'string',
  atMs: 'number',
} as const satisfies ShapeOf<OpenRequest>;

/** What the code takes for granted in each group of the state. */
const GROUPS = {
  startedAtMs: 'number',
  startedBy: 'string',
  clock: { pausedMs: 'number' },
  flag: {
    ...{ known: 'boolean', readAtMs: 'number', percentage: 'number', generation: 'number' },
    ...{ highestGeneration: 'number', written: ['number'], 'raisingTo?': 'number' },
    ...{ 'version?': 'number', 'owned?': 'boolean', 'raiseRequested?': 'boolean' },
    ...{ 'drift?': DRIFT, 'restoring?': { ...CAUSE, over: DRIFT } },
  },
  step: {
    ...{ index: 'number', entered: MOMENT, skipped: ['number'] },
    ...{ 'promotedAt?': MOMENT, 'override?': CAUSE, 'extendedUntil?': MOMENT },
  },
  watch: {
    ...{ sinceMs: 'number', holdsSinceMs: 'number' },
    'health?': HEALTH,
    'unhealthySince?': MOMENT,
    'asked?': { why: 'string', heardAtMs: 'number', inVain: 'number', 'lookedAtMs?': 'number', 'key?': 'string' },
    'diagnosing?': { sinceMs: 'number', untilMs: 'number' },
    ...{ 'diagnosis?': DIAGNOSIS, 'unreadable?': { count: 'number', 'untilMs?': 'number', 'notKnown?': 'string' } },
  },
  gates: {
    approvals: [{ ...MOMENT, by: 'string', percentage: 'number' }],
    ticks: [{ item: 'string', by: 'string', atMs: 'number', 'reason?': 'string' }],
    proofs: [{ item: 'string', proved: 'boolean', why: 'string', atMs: 'number', tries: 'number' }],
    'deployment?': { atMs: 'number', 'standing?': DEPLOYED, ...READ_PROBLEM },
    'probe?': { verdict: 'string', why: 'string', atMs: 'number', tries: 'number' },
    'hooks?': [HOOK],
    'freezes?': { list: [FREEZE], readAtMs: 'number', ...READ_PROBLEM },
  },
  zero: { 'written?': { atMs: 'number', checked: 'boolean' }, 'problem?': 'string', 'undelivered?': CAUSE },
  log: {
    entries: [{ atMs: 'number', what: 'string', 'by?': 'string' }],
    sentNotices: [{ key: 'string', atMs: 'number', 'notice?': NOTICE, 'to?': ['string'] }],
  },
} as const satisfies ShapeOf<RolloutState>;

const OPTIONAL: Readonly<Record<string, Shape>> = {
  paused: CAUSE,
  held: { ...CAUSE, because: 'string' },
  wentOnAt: MOMENT,
  stop: { ...CAUSE, kind: 'string', 'alarm?': 'string', 'guard?': 'string' },
  outcome: { outcome: ENDED, why: 'string', atMs: 'number', 'alarm?': 'string', 'guard?': 'string' },
  delivery: DELIVERY,
  audit: AUDIT,
  adoption: ADOPTION,
  identity: { used: [{ id: 'string', untilMs: 'number' }], 'open?': OPEN },
};

/** The shape of a state that every rule may read. */
export const STATE_SHAPE: Shape = {
  ...GROUPS,
  ...Object.fromEntries(Object.entries(OPTIONAL).map(([key, shape]) => [`${key}?`, shape])),
};

/**
 * The state that a rollout was handed by its run before, as this code can read it. Total. What it cannot read is as at the beginning, and
 * then, as with a newer number, the rollout holds: it raises nothing, and an abort and a breach still go to 0 %. For what was to be
 * written to the audit record it does not hold: the record says that it is incomplete.
 * @param fresh The state at the beginning of this rollout.
 */
export function upgraded(
  carried: unknown,
  fresh: RolloutState,
  nowMs: number,
  plan: Pick<EnvironmentPlan, 'audit'> = {},
): RolloutState {
  const before = recordOf(carried);
  const schema = before['schema'] === undefined ? 1 : before['schema'];
  const number = typeof schema === 'number' && Number.isInteger(schema) && schema > 0 ? schema : Infinity;
  const groups = Object.entries(GROUPS).map(([key, shape]) => part(before, key, shape));
  const options = Object.entries(OPTIONAL).map(([key, shape]) =>
    part({ [key]: undefined, ...before }, key, shape, true),
  );
  const lost = [...groups, ...options].filter(({ readable }) => !readable).map(({ key }) => key);
  const kept = Object.fromEntries(
    [...groups, ...options]
      .filter(({ readable, value }) => readable && value !== undefined)
      .map(({ key, value }) => [key, value]),
  );
  const state = { ...before, ...fresh, ...cleared, stop: fresh.stop, ...inDoubt(lost, nowMs), ...kept } as RolloutState;
  const known = { ...state, schema: Math.min(number, Number.MAX_SAFE_INTEGER) };
  const counted = lost.includes('audit') ? withRecordBegunAgain(known, before['audit'], nowMs) : known;
  const why = problemOf(
    counted,
    lost.filter((key) => key !== 'audit'),
  );
  const unknown = { why: why ?? '', sinceMs: nowMs, because: 'unknown-state' } as const;
  const next =
    why === undefined ? { ...counted, schema: schemaOf(counted) } : hold({ ...counted, held: undefined }, unknown);
  return withAudit(plan, known, next);
}

/** The count goes on where it can be read, so that the record also shows how many entries it lacks. */
function withRecordBegunAgain(state: RolloutState, audit: unknown, nowMs: number): RolloutState {
  const { seq } = recordOf(audit);
  const counted = typeof seq === 'number' && Number.isSafeInteger(seq) && seq > 0 ? seq : 0;
  const what = 'the audit record is incomplete: what the run before had not written to it yet cannot be read';
  return note({ ...state, audit: { ...NOTHING_WRITTEN, seq: counted } }, { atMs: nowMs, what });
}

const cleared = Object.fromEntries(Object.keys(OPTIONAL).map((key) => [key, undefined]));

/** Traffic may run, and a stop was meant: both lead to 0 % rather than away from it. */
function inDoubt(lost: readonly string[], nowMs: number): Partial<RolloutState> {
  const why = 'the state of the run before has a stop that cannot be read';
  const flag = { ...UNREAD_FLAG, raiseRequested: true };
  return {
    ...(lost.includes('flag') ? { flag } : {}),
    ...(lost.includes('stop') || lost.includes('outcome') ? { stop: { kind: 'abort', why, sinceMs: nowMs } } : {}),
  };
}

function problemOf(state: RolloutState, lost: readonly string[]): string | undefined {
  if (isNewer(state))
    return `a newer build of the worker wrote this state (schema ${state.schema}, this build knows ${STATE_SCHEMA}): run that build again, or abort`;
  if (lost.length === 0) return undefined;
  return `parts of the state cannot be read (${lost.join(', ')}): compare flag and plan, then resume or abort`;
}

const recordOf = (value: unknown): Readonly<Record<string, unknown>> => (isObject(value) ? value : {});

function part(before: Readonly<Record<string, unknown>>, key: string, shape: Shape, optional = false) {
  const value = before[key];
  return { key, value, readable: (optional && value === undefined) || shapeProblem(value, shape, key) === undefined };
}

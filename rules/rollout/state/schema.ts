import { type Shape, type ShapeOf, shapeProblem } from '../../plan/shape';
import { hold } from '../pause-hold';
import { UNREAD_FLAG } from './flag';
import { isNewer, STATE_SCHEMA } from './schema-number';
import type { RolloutState } from './state';

const CAUSE = { why: 'string', sinceMs: 'number', 'by?': 'string' } as const;
const MOMENT = { atMs: 'number', clockMs: 'number' } as const;
const HEALTH = { outcome: 'string', why: 'string', atMs: 'number', ringing: ['string'], noticed: ['string'] } as const;
const FREEZE = { fromMs: 'number', toMs: 'number', reason: 'string' } as const;
const READING = { found: 'boolean' } as const;

/** What the code takes for granted in each group of the state. */
const GROUPS = {
  startedAtMs: 'number',
  startedBy: 'string',
  clock: { pausedMs: 'number' },
  flag: {
    ...{ known: 'boolean', readAtMs: 'number', percentage: 'number', generation: 'number' },
    ...{ highestGeneration: 'number', written: ['number'], 'raisingTo?': 'number' },
    'drift?': { ...CAUSE, reading: READING },
    'restoring?': { ...CAUSE, over: { ...CAUSE, reading: READING } },
  },
  step: {
    ...{ index: 'number', entered: MOMENT, skipped: ['number'] },
    ...{ 'promotedAt?': MOMENT, 'override?': CAUSE, 'extendedUntil?': MOMENT },
  },
  watch: {
    ...{ sinceMs: 'number', holdsSinceMs: 'number' },
    'health?': { ...HEALTH, guards: [{ name: 'string', outcome: 'string', why: 'string' }] },
    'unhealthySince?': MOMENT,
    'asked?': { why: 'string', heardAtMs: 'number', inVain: 'number' },
    'diagnosing?': { sinceMs: 'number', untilMs: 'number' },
    ...{ 'diagnosis?': {}, 'unreadable?': { count: 'number' } },
  },
  gates: {
    approvals: [{ ...MOMENT, by: 'string', percentage: 'number' }],
    ticks: [{ item: 'string', by: 'string', atMs: 'number' }],
    proofs: [{ item: 'string', proved: 'boolean', why: 'string', atMs: 'number', tries: 'number' }],
    'deployment?': { atMs: 'number', 'problemSince?': MOMENT },
    'probe?': { verdict: 'string', why: 'string', atMs: 'number', tries: 'number' },
    'hooks?': [{ atMs: 'number', tries: 'number' }],
    'freezes?': { list: [FREEZE], readAtMs: 'number', 'problemSince?': MOMENT },
  },
  zero: { 'written?': { atMs: 'number', checked: 'boolean' }, 'problem?': 'string', 'undelivered?': CAUSE },
  log: { entries: [{ atMs: 'number', what: 'string' }], sentNotices: [{ key: 'string', atMs: 'number' }] },
} as const satisfies ShapeOf<RolloutState>;

const OPTIONAL: Readonly<Record<string, Shape>> = {
  paused: CAUSE,
  held: { ...CAUSE, because: 'string' },
  wentOnAt: MOMENT,
  stop: { ...CAUSE, kind: 'string' },
  outcome: { outcome: 'string', why: 'string', atMs: 'number' },
  delivery: { percentage: 'number', since: MOMENT },
  audit: {},
};

/** The shape of a state that every rule may read. */
export const STATE_SHAPE: Shape = {
  ...GROUPS,
  ...Object.fromEntries(Object.entries(OPTIONAL).map(([key, shape]) => [`${key}?`, shape])),
};

/**
 * The state that a rollout was handed by its run before, as this code can read it. Total. What it cannot read is as at the beginning, and
 * then, as with a newer number, the rollout holds: it raises nothing, and an abort and a breach still go to 0 %.
 * @param fresh The state at the beginning of this rollout.
 */
export function upgraded(carried: unknown, fresh: RolloutState, nowMs: number): RolloutState {
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
  const why = problemOf(known, lost);
  if (why === undefined) return { ...known, schema: STATE_SCHEMA };
  return hold({ ...known, held: undefined }, { why, sinceMs: nowMs, because: 'unknown-state' });
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

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

function part(before: Readonly<Record<string, unknown>>, key: string, shape: Shape, optional = false) {
  const value = before[key];
  return { key, value, readable: (optional && value === undefined) || shapeProblem(value, shape, key) === undefined };
}

import { HOOK_MOMENTS } from '../checks/hooks';
import type { EnvironmentPlan } from './environment-plan';

/**
 * Shape of plain JSON: a kind of value, a list of one shape, one of two shapes, one word, or an object; a key that ends in `?` is
 * optional.
 */
export type Shape =
  | 'string'
  | 'number'
  | 'boolean'
  | readonly [Shape]
  | readonly ['either', Shape, Shape]
  | readonly ['word', string]
  | { readonly [key: string]: Shape };

type Needed<T> = { [Key in keyof T]-?: undefined extends T[Key] ? never : Key }[keyof T] & string;
/** Requires every mandatory key of a type, so that a new key must also be added to its shape. */
export type ShapeOf<T> = { readonly [Key in Needed<T>]: Shape } & { readonly [key: string]: Shape };

const AWS = { account: 'string', region: 'string' } as const satisfies ShapeOf<EnvironmentPlan['aws']>;
const FREEZE = { fromMs: 'number', toMs: 'number', reason: 'string' } as const;
const ITEM = { id: 'string', text: 'string', 'proof?': { by: 'string' } } as const;
const LIMIT = { atMostMs: 'number', then: 'string' } as const;
const APPROVALS = { required: 'number', starterMayApprove: 'boolean', validForMs: 'number' } as const;
const CHANNEL = { name: 'string', 'events?': ['string'] } as const;
const SWITCH = { name: 'string', whileOff: 'number' } as const;
const WATCHED = { name: 'string', onBreach: 'string' } as const;

/** The place of an environment, for callers that need nothing else of its plan. */
export const PLACE_SHAPE = { service: 'string', environment: 'string', aws: AWS } as const;
export const FLAG_SHAPE = {
  parameter: 'string',
  salt: 'string',
  // Another format than the API's would make a 0 that nobody reads.
  'format?': ['either', ['word', 'number'], { percentage: 'string', 'switches?': [SWITCH] }],
  'sides?': { new: 'string', old: 'string' },
} as const satisfies ShapeOf<EnvironmentPlan['flag']>;
export const FREEZE_SHAPE = FREEZE;
export const AUDIT_SHAPE = { bucket: 'string', prefix: 'string' } as const satisfies ShapeOf<
  NonNullable<EnvironmentPlan['audit']>
>;
export const CHANNEL_SHAPE = CHANNEL;

/** What the plan of an environment always has. The values were checked when the plan file was read. */
export const PLAN_SHAPE: ShapeOf<EnvironmentPlan> = {
  ...PLACE_SHAPE,
  flag: FLAG_SHAPE,
  'delivery?': {
    to: { kind: 'string' },
    variables: { percentage: 'string', 'switches?': [SWITCH] },
    'report?': { address: 'string', instanceField: 'string' },
    withinMs: 'number',
  } satisfies ShapeOf<NonNullable<EnvironmentPlan['delivery']>>,
  steps: [{ percentage: 'number', soakMs: 'number' }],
  watch: {
    intervalMs: 'number',
    alarms: [WATCHED],
    guards: [{ ...WATCHED, kind: 'string' }],
  } satisfies ShapeOf<EnvironmentPlan['watch']>,
  'infrastructure?': { app: 'string', directory: 'string', stacks: ['string'] } satisfies ShapeOf<
    NonNullable<EnvironmentPlan['infrastructure']>
  >,
  windows: [{ zone: 'string', days: ['number'], from: 'string', to: 'string', 'except?': ['string'] }],
  freezes: [FREEZE],
  'freezeParameter?': 'string',
  approvals: { ...APPROVALS, before: 'string' } satisfies ShapeOf<EnvironmentPlan['approvals']>,
  checklist: [ITEM],
  verification: {
    monitorMs: 'number',
    'instances?': ['string'],
    'checks?': ['string'],
    'require?': ['string'],
    'jobs?': { path: 'string', results: {}, sides: { new: 'string', old: 'string' } },
  } satisfies ShapeOf<EnvironmentPlan['verification']>,
  limits: { paused: LIMIT, held: LIMIT, evidence: LIMIT, approval: LIMIT, checklist: LIMIT } satisfies ShapeOf<
    EnvironmentPlan['limits']
  >,
  'checks?': [{ name: 'string', kind: 'string', withinMs: 'number' }],
  'probe?': { checks: ['string'] },
  'hooks?': Object.fromEntries(HOOK_MOMENTS.map((moment) => [`${moment}?`, ['string'] as const])),
  'fallback?': { name: 'string', checks: ['string'] },
  'diagnosis?': {},
  'deployment?': { nextEnvironments: [{ environment: 'string', aws: AWS }], approvals: APPROVALS, checklist: [ITEM] },
  'contact?': 'string',
  'notify?': [CHANNEL],
  'audit?': AUDIT_SHAPE,
  // A list that is no list would let everybody in, or nobody.
  'permissions?': {
    ...{ proof: 'string', at: 'string', 'raise?': ['string'], 'approve?': ['string'], 'people?': ['string'] },
  } satisfies ShapeOf<NonNullable<EnvironmentPlan['permissions']>>,
};

/** The first mismatch, with its path; undefined when the value fits. */
export function shapeProblem(value: unknown, shape: Shape, path: string): string | undefined {
  if (typeof shape === 'string') {
    const fits = typeof value === shape && (shape !== 'number' || Number.isFinite(value));
    return fits ? undefined : `${path} is ${kindOf(value)} instead of a ${shape}`;
  }
  if (isWord(shape)) return value === shape[1] ? undefined : `${path} is ${kindOf(value)} instead of "${shape[1]}"`;
  if (isEither(shape)) return eitherProblem(value, shape, path);
  if (isList(shape)) {
    if (!Array.isArray(value)) return `${path} is ${kindOf(value)} instead of a list`;
    return first(value.map((item, index) => () => shapeProblem(item, shape[0], `${path}[${index}]`)));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return `${path} is ${kindOf(value)} instead of an object`;
  const fields = value as Readonly<Record<string, unknown>>;
  return first(
    Object.entries(shape).map(([key, wanted]) => () => {
      const name = key.replace(/\?$/, '');
      const mayBeLeftOut = name !== key && fields[name] === undefined;
      return mayBeLeftOut ? undefined : shapeProblem(fields[name], wanted, `${path}.${name}`);
    }),
  );
}

const isList = (shape: Shape): shape is readonly [Shape] => Array.isArray(shape) && shape.length === 1;
const isWord = (shape: Shape): shape is readonly ['word', string] =>
  Array.isArray(shape) && shape.length === 2 && shape[0] === 'word';
const isEither = (shape: Shape): shape is readonly ['either', Shape, Shape] =>
  Array.isArray(shape) && shape.length === 3 && shape[0] === 'either';

/** An object is compared with the shape that is an object, which says more of what is wrong. */
function eitherProblem(value: unknown, [, one, other]: readonly ['either', Shape, Shape], path: string) {
  const first = shapeProblem(value, one, path);
  if (first === undefined) return undefined;
  const second = shapeProblem(value, other, path);
  return second === undefined ? undefined : typeof value === 'object' && value !== null ? second : first;
}

function first(looks: readonly (() => string | undefined)[]): string | undefined {
  for (const look of looks) {
    const problem = look();
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing';
  if (value === null) return 'null';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

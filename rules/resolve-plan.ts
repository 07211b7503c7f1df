import { durationMs } from './duration';
import type { EnvironmentPlan, Step, Verification, Watch, Window } from './environment-plan';
import { nearestName } from './nearest-name';
import { withEnvironment } from './plan-names';
import type { Problem } from './plan-problems';
import type { Plan } from './plan-schema';

export type ResolvedPlan =
  { readonly ok: true; readonly plan: EnvironmentPlan } | { readonly ok: false; readonly problems: readonly Problem[] };

const DAY_MS = 86_400_000;
const limit = { atMostMs: 7 * DAY_MS, then: 'say-so' } as const;
const LIMITS = { paused: limit, held: limit, evidence: limit, approval: limit, checklist: limit };

type Environment = Plan['environments'][number];

/**
 * The plan of one environment: `{env}` replaced in every text, the environment's own `steps` and keys of `watch` in
 * place of the plan's, durations in milliseconds. `infrastructure.directory` and `verification.testJob` stay as
 * written: rules know no file system, so the caller resolves them against the folder of the plan file. The plan has to
 * come from `checkPlan`.
 */
export function environmentPlan(plan: Plan, environment: string): ResolvedPlan {
  const found = plan.environments.find(({ name }) => name === environment);
  if (found === undefined) return { ok: false, problems: [unknownEnvironment(plan, environment)] };
  const { flag, infrastructure, service } = replaced(plan, environment);
  const own = replaced(found, environment);
  return {
    ok: true,
    plan: {
      service,
      environment,
      aws: withoutUndefined(own.aws),
      flag,
      steps: (own.steps ?? plan.steps).map(step),
      watch: watch({ ...replaced(plan.watch, environment), ...withoutUndefined(own.watch ?? {}) }),
      infrastructure,
      windows: own.windows === 'anytime' ? [] : own.windows.map(window),
      freezes: [],
      approvals: { before: 'first-raise', validForMs: 7 * DAY_MS, ...own.approvals },
      checklist: own.checklist ?? [],
      verification: verification(own.verification),
      limits: LIMITS,
    },
  };
}

function unknownEnvironment(plan: Plan, environment: string): Problem {
  const names = plan.environments.map(({ name }) => name);
  const meant = nearestName(environment, names);
  const remedy = meant === undefined ? `name one of ${names.join(', ')}` : `name ${meant}`;
  return { path: 'environment', value: environment, problem: `the plan has only ${names.join(', ')}`, remedy };
}

/** The same value with `{env}` replaced in every text of it. */
function replaced<T>(value: T, environment: string): T {
  if (typeof value === 'string') return withEnvironment(value, environment) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => replaced(item, environment)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, replaced(item as unknown, environment)]);
  return Object.fromEntries(entries) as T;
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Defined<T>;
}

function step({ percentage, soak }: Plan['steps'][number]): Step {
  return { percentage, soakMs: durationMs(soak) ?? 0 };
}

function watch({ interval, ...rest }: Plan['watch']): Watch {
  return { intervalMs: durationMs(interval) ?? 0, guards: [], ...withoutUndefined(rest) };
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

function window({ zone, days, from, to }: Exclude<Environment['windows'], 'anytime'>[number]): Window {
  const numbers = days.map((day) => WEEKDAYS.indexOf(day) + 1);
  return { zone, days: numbers.sort((a, b) => a - b), from, to };
}

function verification(written: Environment['verification']): Verification {
  if (written === undefined) return { monitorMs: 0 };
  const { monitor, ...rest } = written;
  return { monitorMs: durationMs(monitor) ?? 0, ...withoutUndefined(rest) };
}

import { listAt, valueAt } from './plan-problem';
import type { Path } from './problems';

/** Paths of the keys that apply to one environment: its own, else those of the plan. */
export interface Place {
  readonly environment: string;
  readonly account: Path;
  readonly steps: Path;
  readonly interval: Path;
  readonly alarms: Path;
  readonly guards: Path;
  readonly dashboard: Path;
}

export function environmentPaths(raw: unknown): readonly Path[] {
  return listAt(raw, ['environments']).map((_, i) => ['environments', i]);
}

export function watchPaths(raw: unknown): readonly Path[] {
  return [['watch'], ...environmentPaths(raw).map((path) => [...path, 'watch'])];
}

/** One place for each environment; one for the plan alone when there is no environment. */
export function placesOf(raw: unknown): readonly Place[] {
  const environments = environmentPaths(raw);
  return (environments.length === 0 ? [[]] : environments).map((environment) => placeOf(raw, environment));
}

export function placeOf(raw: unknown, environment: Path): Place {
  const own = (...path: Path): Path => {
    const written: Path = [...environment, ...path];
    return valueAt(raw, written) === undefined ? path : written;
  };
  return {
    environment: String(valueAt(raw, [...environment, 'name']) ?? ''),
    account: [...environment, 'aws', 'account'],
    steps: own('steps'),
    interval: own('watch', 'interval'),
    alarms: own('watch', 'alarms'),
    guards: own('watch', 'guards'),
    dashboard: own('watch', 'dashboard'),
  };
}

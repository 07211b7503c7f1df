import { durationMs } from './duration';
import { LOOKS_MISSED } from './rollout-parts';
import { soundSteps } from './check-steps';
import { duplicates, listAt, valueAt, type Finding } from './problems/plan-problem';
import { withEnvironment } from './names';
import { placesOf, watchPaths, type Place } from './problems/places';
import { pathText, type Path } from './problems/problems';

/** What alarms and guards have to agree on with each other and with the steps. */
export function watchFindings(raw: unknown): readonly Finding[] {
  const places = placesOf(raw);
  const lists = watchPaths(raw).flatMap((watch): readonly Path[] => [
    [...watch, 'alarms'],
    [...watch, 'guards'],
  ]);
  return once([
    ...lists.flatMap((path) => duplicates(raw, path, 'name')),
    ...places.flatMap((place) => sharedNames(raw, place)),
    ...places.flatMap((place) => nothingStops(raw, place)),
    ...lists.flatMap((path) => strangePercentages(raw, places, path)),
    ...places.flatMap((place) => tooLongForSoak(raw, place)),
    ...places.flatMap((place) => foreignAccounts(raw, place)),
    ...watchPaths(raw).flatMap((watch) => tooSoonUnwatched(raw, watch)),
  ]);
}

/** What is written once for several environments is wrong once. */
function once(findings: readonly Finding[]): readonly Finding[] {
  const seen = new Set<string>();
  return findings.filter(({ path, problem }) => {
    const id = `${pathText(path)} ${problem}`;
    return seen.size < seen.add(id).size;
  });
}

/** People and machines call alarms and guards by their names alone. */
function sharedNames(raw: unknown, { environment, alarms, guards }: Place): readonly Finding[] {
  const nameOf = (item: unknown): string => withEnvironment(String(valueAt(item, ['name']) ?? ''), environment);
  const taken = listAt(raw, alarms).map(nameOf);
  return listAt(raw, guards).flatMap((guard, i) => {
    const first = taken.indexOf(nameOf(guard));
    if (first === -1 || nameOf(guard) === '') return [];
    const problem = `is already used by item ${first + 1} of alarms`;
    return [{ path: [...guards, i, 'name'], problem, remedy: 'write another one' }];
  });
}

function nothingStops(raw: unknown, { alarms, guards }: Place): readonly Finding[] {
  const watched = [...listAt(raw, alarms), ...listAt(raw, guards)];
  const stops = (item: unknown): boolean =>
    valueAt(item, ['onBreach']) !== 'notify' && valueAt(item, ['dryRun']) !== true;
  if (watched.length === 0 || watched.some(stops)) return [];
  const who = listAt(raw, guards).length === 0 ? 'every alarm' : 'every alarm and guard';
  const problem = `${who} only notifies or is a dry run, so nothing would stop a bad rollout`;
  const remedy = 'write onBreach: rollback or hold at one alarm at least, without dryRun';
  return [{ path: guards.length > alarms.length ? guards : alarms, problem, remedy }];
}

const numbersAt = (raw: unknown, steps: Path): readonly number[] =>
  listAt(raw, steps)
    .map((step) => valueAt(step, ['percentage']))
    .filter((percentage) => typeof percentage === 'number');

/** `percentages` of an alarm or a guard are those of the steps of an environment it holds for. */
function strangePercentages(raw: unknown, places: readonly Place[], list: Path): readonly Finding[] {
  const holdsFor = places.filter(({ alarms, guards }) =>
    [alarms, guards].some((path) => pathText(path) === pathText(list)),
  );
  const known = new Set(holdsFor.flatMap(({ steps }) => numbersAt(raw, steps)));
  if (known.size === 0 || !holdsFor.every(({ steps }) => soundSteps(raw, steps))) return [];
  const remedy = `write percentages of the steps: ${[...known].sort((a, b) => a - b).join(', ')}`;
  return listAt(raw, list).flatMap((item, i) =>
    listAt(item, ['percentages']).flatMap((percentage, j) => {
      if (typeof percentage !== 'number' || percentage <= 0 || known.has(percentage)) return [];
      return [{ path: [...list, i, 'percentages', j], problem: 'is no percentage of the steps', remedy }];
    }),
  );
}

/** With the environment's own credentials an alarm of that name would be read in the environment's own account. */
function foreignAccounts(raw: unknown, { environment, account, alarms, guards }: Place): readonly Finding[] {
  const home = valueAt(raw, account);
  return [alarms, guards].flatMap((list) =>
    listAt(raw, list).flatMap((item, i) => {
      const own = valueAt(item, ['account']);
      if (own === undefined || own === home || valueAt(item, ['profile']) !== undefined) return [];
      const problem = `is not the account of ${environment}, and there is no profile with credentials of it`;
      const remedy = 'write profile: the name of a profile of that account, beside it';
      return [{ path: [...list, i, 'account'], problem, remedy }];
    }),
  );
}

/** One look that is late must not look like nobody. */
function tooSoonUnwatched(raw: unknown, watch: Path): readonly Finding[] {
  const path: Path = [...watch, 'unwatchedAfter'];
  const at = (key: Path): number | undefined => durationMs(String(valueAt(raw, key)));
  const afterMs = at(path);
  const intervalMs = at([...watch, 'interval']) ?? at(['watch', 'interval']);
  if (afterMs === undefined || intervalMs === undefined || afterMs >= LOOKS_MISSED * intervalMs) return [];
  const problem = `must be at least ${LOOKS_MISSED} times the interval of the looks`;
  return [{ path, problem, remedy: 'write a longer one, or a shorter interval' }];
}

interface Soak {
  readonly percentage: number;
  readonly text: string;
  readonly ms: number;
}

/** What cannot be measured while a percentage is held would hold it for longer than the plan says. */
function tooLongForSoak(raw: unknown, { steps, alarms, guards }: Place): readonly Finding[] {
  const soaks = listAt(raw, steps).flatMap((step): readonly Soak[] => {
    const [percentage, text] = [valueAt(step, ['percentage']), String(valueAt(step, ['soak']))];
    const ms = durationMs(text);
    return typeof percentage === 'number' && ms !== undefined ? [{ percentage, text, ms }] : [];
  });
  return [alarms, guards].flatMap((list) =>
    listAt(raw, list).flatMap((item, i) => {
      const only = listAt(item, ['percentages']);
      const own = soaks.filter(({ percentage }) => only.length === 0 || only.includes(percentage));
      const shortest = own.reduce<Soak | undefined>((a, b) => (a === undefined || b.ms < a.ms ? b : a), undefined);
      return shortest === undefined ? [] : lengthsAt(raw, [...list, i], shortest);
    }),
  );
}

function lengthsAt(raw: unknown, item: Path, soak: Soak): readonly Finding[] {
  const than = `the soak of ${soak.percentage} %, ${soak.text}`;
  const at = (...key: Path): { readonly path: Path; readonly ms: number } => {
    const path: Path = [...item, ...key];
    return { path, ms: durationMs(String(valueAt(raw, path))) ?? 0 };
  };
  const remedy = 'write a shorter one, or percentages with longer soaks';
  const delay = at('initialDelay');
  if (delay.ms >= soak.ms) return [{ path: delay.path, problem: `must be shorter than ${than}`, remedy }];
  return [at('metric', 'period'), at('logs', 'period')].flatMap(({ path, ms }) => {
    if (ms + delay.ms <= soak.ms || ms === 0) return [];
    const after = delay.ms === 0 ? '' : ` after an initialDelay of ${String(valueAt(raw, delay.path))}`;
    return [{ path, problem: `must not be longer than ${than}${after && `,${after}`}`, remedy }];
  });
}

import type { Delivered } from './delivery';

/** One answer of the API's health. */
export interface Report {
  /** The id that the instance gives itself; undefined when it gives none. */
  readonly instance?: string | undefined;
  /** Whether it goes by the wanted values. */
  readonly ok: boolean;
  readonly why: string;
}

export interface Reported {
  /** Ids of the instances that AWS says are there. */
  readonly instances: readonly string[];
  /** In the order in which they were given. */
  readonly reports: readonly Report[];
  /** How many there should be, at the least. */
  readonly desired: number;
  /** Whether AWS has nothing to do any more; if not, why. */
  readonly settled: true | string;
  readonly percentage: number;
}

/**
 * Who may be counted: an instance that AWS lists and whose own, newest answer says so. An answer that does not name its
 * instance is of the only one when there is only one, and of nobody otherwise: behind a load balancer the same one may answer
 * each time. Without any instance nothing is proved, but that nothing runs by anything above 0.
 */
export function judgeReports({ instances, reports, desired, settled, percentage }: Reported): Delivered {
  const of = Math.max(instances.length, desired);
  const [only] = instances.length === 1 ? instances : [];
  const newest = new Map<string, Report>();
  for (const report of reports) {
    const instance = report.instance ?? only;
    if (instance !== undefined) newest.set(instance, report);
  }
  const ok = instances.filter((id) => newest.get(id)?.ok === true);
  const complete = settled === true && ok.length === of && (of > 0 || percentage === 0);
  const reporting = ok.length;
  if (complete) return { reporting, of, complete, why: of === 0 ? 'no instance runs' : allWords(of) };
  const problems = [
    ...(settled === true ? [] : [settled]),
    ...(instances.length < of ? [`${instances.length} of ${of} instances run`] : []),
    ...(of === 0 ? ['no instance runs'] : []),
    ...silent(instances, newest, reports),
    ...[...newest].flatMap(([id, { ok: right, why }]) => (right ? [] : [`${id}: ${why}`])),
  ];
  return { reporting, of, complete, why: problems.slice(0, SHOWN).join('; ') };
}

const SHOWN = 5;

const allWords = (of: number): string => (of === 1 ? 'the only instance reports it' : `all ${of} instances report it`);

function silent(
  instances: readonly string[],
  newest: ReadonlyMap<string, Report>,
  reports: readonly Report[],
): readonly string[] {
  const unseen = instances.filter((id) => !newest.has(id));
  if (unseen.length === 0) return [];
  const nameless = reports.filter(({ instance }) => instance === undefined);
  const [last] = nameless.slice(-1);
  const strangers = [...new Set(reports.flatMap(({ instance }) => instance ?? []))].filter(
    (id) => !instances.includes(id),
  );
  const heard = [
    ...(last === undefined ? [] : [`an answer that names no instance: ${last.why}`]),
    ...(strangers.length === 0 ? [] : [`answers of ${strangers.slice(0, 3).join(', ')}, unknown to AWS`]),
  ];
  return [`nothing heard of ${unseen.slice(0, 3).join(', ')}${unseen.length > 3 ? ' and others' : ''}`, ...heard];
}

/** How often to ask through a load balancer until each of so many was met; more would only be load. */
export const asksFor = (instances: number): number => 4 * instances + 4;

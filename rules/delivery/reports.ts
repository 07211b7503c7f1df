import type { Delivered } from './delivery';

/** One answer of the API's health. */
export interface Report {
  /** The id that the instance reports; undefined when it reports none. */
  readonly instance?: string | undefined;
  /** Whether it uses the wanted values. */
  readonly ok: boolean;
  readonly why: string;
}

export interface Reported {
  /** Ids of the instances that AWS lists. */
  readonly instances: readonly string[];
  /** In the order of the answers. */
  readonly reports: readonly Report[];
  /** How many instances there should be at least. */
  readonly desired: number;
  /** `true` when AWS has no update in progress, else why not. */
  readonly settled: true | string;
  readonly percentage: number;
}

/**
 * Counts an instance that AWS lists and whose newest answer reports the wanted values. An answer without an instance id counts
 * only if there is a single instance: behind a load balancer the same one may answer each time. Without any instance only 0 %
 * counts as delivered.
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
    ...(last === undefined ? [] : [`an answer without an instance id: ${last.why}`]),
    ...(strangers.length === 0 ? [] : [`answers from ${strangers.slice(0, 3).join(', ')}, unknown to AWS`]),
  ];
  return [`no answer from ${unseen.slice(0, 3).join(', ')}${unseen.length > 3 ? ' and others' : ''}`, ...heard];
}

/** Number of requests through a load balancer that should reach each of so many instances. */
export const asksFor = (instances: number): number => 4 * instances + 4;

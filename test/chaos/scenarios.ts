/** What happens to a rollout besides the faults. Pure: everything random comes from `next`. */

export const KINDS = [
  ...(['completes', 'breach', 'failed-job', 'abort', 'abort-by-cli', 'cancel'] as const),
  ...(['pause', 'promote', 'closed', 'signals-twice'] as const),
] as const;
export type Kind = (typeof KINDS)[number];

export interface Scenario {
  readonly kind: Kind;
  /** From the first raise, or from the start where nothing is raised. */
  readonly afterMs: number;
  /** Of a pause. */
  readonly forMs: number;
  /** How long a program of the operator lives before it is killed. */
  readonly killedAfterMs: number;
}

/** Each kind once in every round of all kinds, in another order. */
export function scenarios(next: () => number, kinds: readonly Kind[]): () => Scenario {
  let left: Kind[] = [];
  return () => {
    if (left.length === 0) left = shuffled(kinds, next);
    const kind = left.pop() ?? 'completes';
    return {
      kind,
      afterMs: Math.round(next() * 8_000),
      forMs: Math.round(1_000 + next() * 5_000),
      killedAfterMs: Math.round(50 + next() * 1_500),
    };
  };
}

export function shuffled<T>(items: readonly T[], next: () => number): T[] {
  const all = [...items];
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = Math.floor(next() * (at + 1));
    [all[at], all[other]] = [all[other] as T, all[at] as T];
  }
  return all;
}

export const isBreach = ({ kind }: Scenario): boolean => kind === 'breach' || kind === 'failed-job';
export const isAbort = ({ kind }: Scenario): boolean =>
  kind === 'abort' || kind === 'abort-by-cli' || kind === 'cancel' || kind === 'closed' || kind === 'signals-twice';

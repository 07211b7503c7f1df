import { LastGood } from '../../flags/last-good';
import type { AwsTarget, EnvironmentPlan, FlagTarget } from '../../rules/plan/environment-plan';

/** A document as the relay serves it. */
export interface Served {
  readonly text: string;
  /** SSM's count of the parameter's values; not known of what a worker has just written. */
  readonly version?: number;
  readonly generation: number;
  /** When the read that brought it began, or when it was written. */
  readonly atMs: number;
  /** `written`: by the worker of this process. `read`: from SSM. */
  readonly from: 'written' | 'read';
}

/** The document of one flag that a plan names: the highest generation wins, as in every reader. */
export class RelayedFlag {
  readonly #good: LastGood;
  #served: Served | undefined;
  /** How many documents were not taken, because they were invalid or had a lower generation. */
  refused = 0;

  constructor(
    readonly aws: AwsTarget,
    readonly flag: FlagTarget,
    /** Called with each document that is not the one before. */
    private readonly onChange: (flag: RelayedFlag) => void,
  ) {
    this.#good = new LastGood(flag);
  }

  get served(): Served | undefined {
    return this.#served;
  }

  offer(
    { text, version }: { readonly text: string; readonly version?: number },
    atMs: number,
    from: Served['from'],
  ): void {
    const result = this.#good.offer({ text, version }, atMs);
    if (result === 'refused') this.refused += 1;
    const { document } = this.#good.reading(atMs);
    if (result !== 'taken' || document === undefined) return;
    const before = this.#served;
    this.#served = { text, version, generation: document.generation, atMs, from };
    if (before?.text !== text || before.generation !== document.generation) this.onChange(this);
  }
}

/** One flag for each parameter of the plans: environments may share one. */
export function relayedFlags(
  plans: readonly Pick<EnvironmentPlan, 'aws' | 'flag'>[],
  onChange: (flag: RelayedFlag) => void,
): readonly RelayedFlag[] {
  const known = new Map(plans.map(({ aws, flag }) => [keyOf({ aws, flag }), { aws, flag }]));
  return [...known.values()].map(({ aws, flag }) => new RelayedFlag(aws, flag, onChange));
}

export const keyOf = ({ aws, flag }: Pick<EnvironmentPlan, 'aws' | 'flag'>): string =>
  JSON.stringify([aws.account, aws.region, flag.parameter]);

import type { FlagFormat } from '../../flags/format';
import type { Sides } from '../../flags/routing';

export interface FlagTarget {
  /** Name of the SSM parameter that holds the flag document (`flags/contract.ts`). */
  readonly parameter: string;
  /** Mixed into the bucketing hash, so that environments do not pick the same jobs. */
  readonly salt: string;
  /** How the parameter holds the percentage; as `{ "percentage": 10 }` when left out. */
  readonly format?: FlagFormat;
  /** Names of the two sides, for messages; `sidesOf` has them when left out. */
  readonly sides?: Sides;
}

export const sidesOf = ({ sides }: Pick<FlagTarget, 'sides'>): Sides =>
  sides ?? { new: 'the new side', old: 'the old side' };

import type { FlagFormat } from '../../flags/format';

export interface FlagTarget {
  /** Name of the SSM parameter that holds the flag document (`flags/contract.ts`). */
  readonly parameter: string;
  /** Mixed into the bucketing hash, so that environments do not pick the same jobs. */
  readonly salt: string;
  /** How the parameter holds the percentage; as `{ "percentage": 10 }` when left out. */
  readonly format?: FlagFormat;
  /** Names of the two sides, for messages; `sidesOf` has them when left out. */
  readonly sides?: FlagSides;
}

/** Names of the sides between which the percentage chooses. */
export interface FlagSides {
  readonly new: string;
  readonly old: string;
}

export const sidesOf = ({ sides }: Pick<FlagTarget, 'sides'>): FlagSides =>
  sides ?? { new: 'the new side', old: 'the old side' };

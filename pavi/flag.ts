import { type FlagDocument, type FlagKeys, type Sides, valuesIn } from '../flags';

/**
 * PAVI's own names (agr_pavi, api/src/config.py): the same in its flag document, its environment variables and its plan
 * (`flag.keys` of `plans/pavi.yaml`). 0 switches everything off, so that an API that knows only `USE_STEP_FUNCTIONS` and one
 * that reads the percentage both go to Nextflow.
 */
export const PAVI_KEYS: FlagKeys = {
  percentage: 'STEP_FUNCTIONS_ROLLOUT_PERCENTAGE',
  switches: [
    { name: 'USE_STEP_FUNCTIONS', above: true, atZero: false, whileOff: 0 },
    // Without it the percentage is ignored, as PAVI's `should_use_step_functions` has it.
    { name: 'ENABLE_STEP_FUNCTIONS_ROLLOUT', above: true, atZero: false, whileOff: 100 },
  ],
};

export type PaviSide = 'step-functions' | 'nextflow';

export const PAVI_SIDES = { new: 'step-functions', old: 'nextflow' } satisfies Sides & Record<'new' | 'old', PaviSide>;

/** How PAVI's readers read its flag. */
export const PAVI_READER = { format: PAVI_KEYS, sides: PAVI_SIDES, flagKey: 'step-functions-rollout' };

/** The values of the three names. */
export interface FlagTuple {
  readonly USE_STEP_FUNCTIONS: boolean;
  readonly ENABLE_STEP_FUNCTIONS_ROLLOUT: boolean;
  readonly STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: number;
}

/** The tuple of a document that was read with `PAVI_KEYS`. */
export const tupleOf = (document: FlagDocument): FlagTuple => valuesIn(document, PAVI_KEYS) as unknown as FlagTuple;

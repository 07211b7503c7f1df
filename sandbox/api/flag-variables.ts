import { createFlagReader } from '../../flags';
import { type FlagTuple, PAVI_READER } from '../../pavi/flag';
import type { FlagSource } from './flag-source';

export type FlagVariables = Readonly<Record<string, string | undefined>>;

/**
 * PAVI's API as it is (agr_pavi, api/src/config.py): three environment variables, read once, so that another value needs
 * another process. Without the first one Step Functions is on; a percentage that is not a whole number ends the start.
 */
export function flagsFromVariables(environment: string, variables: FlagVariables): FlagSource {
  const isTrue = (name: string, standard: string): boolean => (variables[name] ?? standard).toLowerCase() === 'true';
  const percentage = variables['STEP_FUNCTIONS_ROLLOUT_PERCENTAGE'] ?? '0';
  if (!/^\d+$/.test(percentage))
    throw new Error(`STEP_FUNCTIONS_ROLLOUT_PERCENTAGE is not a whole number: ${percentage}`);
  const document: FlagTuple & Record<string, unknown> = {
    ...{ schema: 1, generation: 0, writer: 'environment variables', reason: 'read once at the start' },
    salt: environment,
    USE_STEP_FUNCTIONS: isTrue('USE_STEP_FUNCTIONS', 'true'),
    ENABLE_STEP_FUNCTIONS_ROLLOUT: isTrue('ENABLE_STEP_FUNCTIONS_ROLLOUT', 'false'),
    STEP_FUNCTIONS_ROLLOUT_PERCENTAGE: Number(percentage),
  };
  const fetch = (): Promise<string> => Promise.resolve(JSON.stringify(document));
  const reader = createFlagReader({ ...PAVI_READER, fetch, now: Date.now, refreshMs: Infinity });
  return { ...reader, close: () => reader.stop() };
}

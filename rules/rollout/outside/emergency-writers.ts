import type { FlagState } from '../state/flag';

/** Writer name of the guardian (`infra/guardian-handler.ts`). */
export const GUARDIAN = 'guardian';

const BREAK_GLASS = 'break-glass by ';

/** Writer name of `rollout flags set --break-glass`. */
export const breakGlassBy = (name: string): string => `${BREAK_GLASS}${name}`;

export const isEmergencyWriter = (writer: string): boolean => writer === GUARDIAN || writer.startsWith(BREAK_GLASS);

/**
 * The guardian or an operator put the flag to 0 from outside after this rollout began. That ends the rollout even if 0 is not a
 * lower value: before its first raise, and while that is being written. A zero from before the rollout does not matter.
 */
export function isEmergencyStop(
  { readAtMs, highestGeneration }: Pick<FlagState, 'readAtMs' | 'highestGeneration'>,
  found: { readonly percentage: number; readonly generation: number; readonly writer: string },
): boolean {
  return (
    isEmergencyWriter(found.writer) && found.percentage === 0 && readAtMs > 0 && found.generation > highestGeneration
  );
}

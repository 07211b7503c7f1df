import type { FlagState } from '../state/flag';

/** How the guardian signs what it writes (`infra/guardian-handler.ts`). */
export const GUARDIAN = 'guardian';

const BREAK_GLASS = 'break-glass by ';

/** How `rollout flags set --break-glass` signs what it writes. */
export const breakGlassBy = (name: string): string => `${BREAK_GLASS}${name}`;

export const isEmergencyWriter = (writer: string): boolean => writer === GUARDIAN || writer.startsWith(BREAK_GLASS);

/**
 * Somebody put the flag to 0 past this rollout, on purpose, after it had begun. That ends it also where 0 is no lower value:
 * before its first raise, and while that is being written. What stood before it began is no matter of this rollout.
 */
export function isEmergencyStop(
  { readAtMs, highestGeneration }: Pick<FlagState, 'readAtMs' | 'highestGeneration'>,
  found: { readonly percentage: number; readonly generation: number; readonly writer: string },
): boolean {
  return (
    isEmergencyWriter(found.writer) && found.percentage === 0 && readAtMs > 0 && found.generation > highestGeneration
  );
}

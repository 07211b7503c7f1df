import { type FlagDocument, parseFlags, REASON_CHARACTERS, tupleFor } from './contract';
import { firstCharacters } from './parameter-text';

export interface ZeroOrder {
  readonly writer: string;
  readonly reason: string;
  readonly salt: string;
  readonly nowMs: number;
}

/**
 * The document that writes 0 % over any present one, for writers outside the rollout. Its generation is above the
 * present one and not below the seconds since 1970, which exceed every counted generation: a raise under way, unknown
 * here, arrives with a lower generation, and readers ignore it.
 */
export function zeroOver(standing: string | undefined, { writer, reason, salt, nowMs }: ZeroOrder): FlagDocument {
  const parsed = standing === undefined ? undefined : parseFlags(standing);
  const known = parsed?.ok ? parsed.document.generation : 0;
  // Above the safe integers no reader would accept it; an equal one is not ignored.
  const generation = Math.min(Math.max(known + 1, Math.floor(nowMs / 1_000)), Number.MAX_SAFE_INTEGER);
  return { schema: 1, generation, writer, reason: firstCharacters(reason, REASON_CHARACTERS), salt, ...tupleFor(0) };
}

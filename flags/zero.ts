import { type FlagDocument, parseFlags, REASON_CHARACTERS, tupleFor } from './contract';
import { firstCharacters } from './parameter-text';

export interface ZeroOrder {
  readonly writer: string;
  readonly reason: string;
  readonly salt: string;
  readonly nowMs: number;
}

/**
 * The document that puts 0 % over whatever stands, for those who write without the rollout. Its generation is above the one
 * that stands and not below the seconds since 1970, which are above any that was counted up: so a raise under way, which
 * nobody here knows of, arrives with a lower one, and readers ignore it.
 */
export function zeroOver(standing: string | undefined, { writer, reason, salt, nowMs }: ZeroOrder): FlagDocument {
  const parsed = standing === undefined ? undefined : parseFlags(standing);
  const known = parsed?.ok ? parsed.document.generation : 0;
  // Above the safe integers no reader would take it; an equal one is not ignored.
  const generation = Math.min(Math.max(known + 1, Math.floor(nowMs / 1_000)), Number.MAX_SAFE_INTEGER);
  return { schema: 1, generation, writer, reason: firstCharacters(reason, REASON_CHARACTERS), salt, ...tupleFor(0) };
}

/** A moment as protobuf has it, in Temporal's answers and histories. */
export interface Timestamp {
  readonly seconds?: unknown;
  readonly nanos?: number | null;
}

/** In ms since 1970, with fractions; 0 for none. */
export const timestampMs = (time: Timestamp | null | undefined): number =>
  Number(time?.seconds ?? 0) * 1_000 + (time?.nanos ?? 0) / 1e6;

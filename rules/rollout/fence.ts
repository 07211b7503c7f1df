/**
 * How far above the highest generation ever seen each kind of write is. Readers ignore what is below the one they have
 * seen, and take an equal one. So a raise that arrives late is ignored by whoever has seen a restoration or a zero that was
 * decided after it, and neither of the two can undo a zero.
 */
export const RAISE_ABOVE = 1;
export const RESTORE_ABOVE = 2;
export const ZERO_ABOVE = 3;

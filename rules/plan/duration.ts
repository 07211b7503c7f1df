import ms, { type StringValue } from 'ms';

/** A number and a unit: `2s`, `30m`, `1.5h`, `1d`, `2w`. */
export const DURATION = /^\d+(?:\.\d+)?(?:s|m|h|d|w)$/;

/** Milliseconds of a duration that matches `DURATION`; undefined for any other text. */
export function durationMs(text: string): number | undefined {
  return DURATION.test(text) ? ms(text as StringValue) : undefined;
}

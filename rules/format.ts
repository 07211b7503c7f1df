import { type LocalTime, localTime, shortZoneName } from './time/local-time';

const SHOWN_TEXT = 300;

const YEAR_IS_OBVIOUS_MS = 300 * 86_400_000;

/**
 * `Sun 23 Nov 13:34:05 UTC`: day, time and zone, so that the reader need not guess whose midnight is meant; `Sun 23 Nov 2025 …`
 * in another year than `nowMs` or far from it. Without `nowMs` the time of reading is unknown and the year is always shown.
 */
export function formatTime(atMs: number, zone: string, nowMs?: number): string {
  const time = localTime(atMs, zone);
  if (time === undefined) return 'an unknown time';
  const isObvious =
    nowMs !== undefined && Math.abs(atMs - nowMs) <= YEAR_IS_OBVIOUS_MS && localTime(nowMs, zone)?.year === time.year;
  const year = isObvious ? '' : ` ${String(time.year).padStart(4, '0')}`;
  return `${time.weekday} ${time.day} ${time.month}${year} ${time.clock} ${zoneName(atMs, zone, time)}`;
}

/** Cache: formatting the short name of a zone is the slowest part, and a zone has at most two names a year. */
const zoneNames = new Map<string, string>();

function zoneName(atMs: number, zone: string, { year, offsetMs }: LocalTime): string {
  const id = `${zone} ${year} ${offsetMs}`;
  const known = zoneNames.get(id);
  if (known !== undefined) return known;
  const name = shortZoneName(zone, atMs);
  zoneNames.set(id, name);
  return name;
}

/** A duration in its two largest units: `2 d 3 h`, `3 h 5 min`, `40 s`; a negative one is `0 s`. */
export function formatDuration(lengthMs: number): string {
  const seconds = Math.max(0, Math.round(lengthMs / 1000));
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([amount]) => amount > 0);
  if (first === -1) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount} ${unit}`)
    .join(' ');
}

/** The first `most` characters (code points) of a text, so that no emoji is cut in half. */
export const firstCharacters = (text: string, most: number): string =>
  text.length <= most ? text : [...text.slice(0, 2 * most)].slice(0, most).join('');

/**
 * At most `most` characters of a program's text: half from the beginning, which names the subject, the rest from the end,
 * where programs report what went wrong. No surrogate pair is cut.
 */
export function cutInTheMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = Math.floor(most / 2);
  const tail = most - head - CUT.length;
  return text.slice(0, head).replace(/[\ud800-\udbff]$/, '') + CUT + text.slice(-tail).replace(/^[\udc00-\udfff]/, '');
}

const CUT = ' … ';

/** Stack frames and version line of Node: the error is above them. */
const NODE_TRAILER = /^\s+at .*$|^Node\.js v[\d.]+\s*$/gm;

/** Output of a failed program, shortened for a message, with the error at its end. */
export const lastWords = (output: string, most: number): string =>
  cutInTheMiddle(
    output
      .replace(NODE_TRAILER, '')
      .replace(/\n\s*\n/g, '\n')
      .trim(),
    most,
  );

/** `12.5 %`, rounded to 0.01. */
export const percent = (percentage: number): string => `${Math.round(percentage * 100) / 100} %`;

/**
 * Text typed by a person or reported by a machine, made safe to show: one line, no control characters (a terminal would
 * obey them), at most 300 characters, cut in the middle. Drops a full stop at the end, because the sentence continues.
 */
export function singleLine(text: string): string {
  const line = text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .replace(/\.$/, '');
  return cutInTheMiddle(line, SHOWN_TEXT);
}

/** `singleLine` with markdown characters escaped. */
export const escapeMarkdown = (text: string): string => escaped(singleLine(text));

/** A text that is one line already, with markdown characters escaped and its spaces kept. */
export const escaped = (text: string): string => text.replace(/[\\`*_[\]<>|]/g, '\\$&');

/** Removes the backslashes of `escapeMarkdown`, for a channel that shows plain text. */
export const unescaped = (text: string): string => text.replace(/\\([\\`*_[\]<>|])/g, '$1');

/** Replaces lone surrogates, which are not valid Unicode and which protocols refuse. */
export const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\uFFFD');

/** https://docs.temporal.io/workflow-execution/limits: the limit of a summary; a longer one fails the start or the task. */
const SUMMARY_BYTES = 200;
const LEFT_OUT = '…';

/** A summary as Temporal accepts it: at most 200 bytes of UTF-8, cut between characters and ended with `…`. */
export function summary(text: string): string {
  const whole = wellFormed(text);
  const room = SUMMARY_BYTES - bytesOf(LEFT_OUT);
  let [kept, bytes] = ['', 0];
  for (const character of whole) {
    const more = bytesOf(character);
    if (bytes + more > room) return bytesOf(whole) <= SUMMARY_BYTES ? whole : kept + LEFT_OUT;
    kept += character;
    bytes += more;
  }
  return whole;
}

/** Length in UTF-8 of a text without lone surrogates. */
function bytesOf(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}

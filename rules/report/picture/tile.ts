import { curveLinear, line } from 'd3-shape';
import { formatTime, singleLine } from '../../format';
import { figure } from '../../guards/judgement';
import type { Measured } from '../../guards/verdict';
import type { GuardCourse } from './guard-course';
import { html, type Markup } from './markup';
import { type Scale, scale } from './scale';
import { NOT_KNOWN } from './times';

const WIDTH = 240;
const PLOT = 36;
const STRIP = 10;
const HEIGHT = PLOT + STRIP + 8;

export interface Over {
  readonly fromMs: number;
  readonly toMs: number;
  readonly zone: string;
  readonly asOfMs: number;
}

export const measuredWords = ({ value, unit }: Measured): string => `${figure(value)}${unit === '' ? '' : ` ${unit}`}`;

export function limitWords({ above, below, unit }: Measured): string {
  const limit = (word: string, bound: number | undefined): readonly string[] =>
    bound === undefined ? [] : [`breach ${word} ${figure(bound)}${unit === '' ? '' : ` ${unit}`}`];
  const limits = [...limit('above', above), ...limit('below', below)];
  return limits.length === 0 ? NOT_KNOWN : limits.join(', ');
}

export const intervalWords = ({ low, high, unit }: Measured): string =>
  low === undefined || high === undefined
    ? 'none'
    : `${figure(low)} to ${figure(high)}${unit === '' ? '' : ` ${unit}`}`;

/** The outcome of a guard over time as a strip, above it the values that are known, with the limit. */
export function guardPicture(guard: GuardCourse, index: number, over: Over): Markup {
  const x = scale([over.fromMs, over.toMs], [0, WIDTH]);
  const id = `guard-${index}`;
  return html`<svg class="spark" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-desc">
    <title id="${id}-title">Course of ${singleLine(guard.name)}</title>
    <desc id="${id}-desc">${guardWords(guard, over)}</desc>
    ${values(guard, x)}${strip(guard, over, x)}
  </svg>`;
}

export function guardWords({ outcomes, values: known }: GuardCourse, { zone, asOfMs }: Over): string {
  if (outcomes.length === 0) return 'Nothing is known of its course';
  const told = outcomes.map(({ atMs, outcome }) => `${outcome} from ${formatTime(atMs, zone, asOfMs)}`);
  const seen = known.map((one) => `${measuredWords(one)} at ${formatTime(one.atMs, zone, asOfMs)}`);
  return [told.join(', '), ...(seen.length === 0 ? ['no value is known'] : [`values: ${seen.join(', ')}`])].join('; ');
}

function strip({ outcomes }: GuardCourse, { toMs, asOfMs }: Over, x: Scale): Markup {
  const endMs = Math.min(toMs, asOfMs);
  return html`<rect class="strip" x="0" y="${PLOT + 6}" width="${WIDTH}" height="${STRIP}" />${outcomes.map(
      ({ atMs, outcome }, index) => {
        const until = outcomes[index + 1]?.atMs ?? endMs;
        return html`<rect
          class="${outcome}"
          x="${x(atMs)}"
          y="${PLOT + 6}"
          width="${Math.max(1, Math.round(x(until) - x(atMs)))}"
          height="${STRIP}"
        />`;
      },
    )}`;
}

function values({ values: known }: GuardCourse, x: Scale): Markup | undefined {
  const [first] = known;
  if (first === undefined) return undefined;
  const bounds = [first.above, first.below].filter((bound) => bound !== undefined);
  const all = [...known.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]), ...bounds];
  const y = scale([Math.min(...all), Math.max(...all)], [PLOT - 2, 4]);
  const path = line<(typeof known)[number]>()
    .x(({ atMs }) => x(atMs))
    .y(({ value }) => y(value))
    .curve(curveLinear)([...known]);
  return html`${bounds.map((bound) => html`<path class="limit" d="M0 ${y(bound)}H${WIDTH}" />`)}${known.map(
      ({ atMs, low, high }) =>
        low === undefined || high === undefined
          ? undefined
          : html`<path class="interval" d="M${x(atMs)} ${y(low)}V${y(high)}" />`,
    )}<path
      class="course"
      d="${path ?? ''}"
    />${known.map(({ atMs, value }) => html`<circle class="value" cx="${x(atMs)}" cy="${y(value)}" r="2.5" />`)}`;
}

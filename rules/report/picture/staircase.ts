import { curveStepAfter, line } from 'd3-shape';
import { formatTime, percent } from '../../format';
import type { Span } from './course';
import { html, joined, type Markup } from './markup';
import type { RolloutReport } from './report';
import { type Scale, scale, timeTicks } from './scale';
import { NOT_KNOWN } from './times';

/** The picture for a wide page, and one for a narrow one: text would become too small if one were shrunk. */
export interface Size {
  readonly id: string;
  readonly width: number;
  readonly mostTicks: number;
}
export const WIDE: Size = { id: 'wide', width: 860, mostTicks: 9 };
export const NARROW: Size = { id: 'narrow', width: 340, mostTicks: 3 };

const TOP = 26;
const LEFT = 58;
const RIGHT = 14;
const HEIGHT = 190;
const LANE = 20;
const LANES: readonly { readonly kind: Span['kind']; readonly label: string }[] = [
  { kind: 'open', label: 'open' },
  { kind: 'frozen', label: 'frozen' },
  { kind: 'paused', label: 'paused' },
  { kind: 'on-hold', label: 'on hold' },
];
const BETWEEN_LABELS = 38;
const LABEL_HEIGHT = 14;

interface Frame extends Size {
  readonly x: Scale;
  readonly y: Scale;
}

/** The percentage over time as SVG, with what stopped raises below it, and alarms on it. `first`: below everything. */
export function staircase(report: RolloutReport, size: Size, first?: Markup): Markup {
  const x = scale([report.fromMs, report.toMs], [LEFT, size.width - RIGHT]);
  const y = scale([0, 100], [TOP + HEIGHT, TOP]);
  const frame = { ...size, x, y };
  const lanes = LANES.filter(({ kind }) => report.spans.some((span) => span.kind === kind));
  const height = TOP + HEIGHT + 26 + lanes.length * LANE + 6;
  const { id } = size;
  return html`<svg
    xmlns="http://www.w3.org/2000/svg"
    class="chart ${id}"
    viewBox="0 0 ${size.width} ${height}"
    role="img"
    aria-labelledby="${id}-title ${id}-desc"
  >
    <title id="${id}-title">Share of new jobs on the new side over time</title>
    <desc id="${id}-desc">${courseWords(report)}</desc>
    ${first}${grid(report, frame)}${lanes.map((lane, index) => laneOf(report, frame, { ...lane, top: TOP + HEIGHT + 26 + index * LANE }))}${drawnAhead(report, frame)}${drawnCourse(report, frame)}${marks(report, frame)}
  </svg>`;
}

/** The course as one sentence, for a screen reader. */
export function courseWords({ course, spans, alarms, zone, asOfMs }: RolloutReport): string {
  const at = (ms: number): string => formatTime(ms, zone, asOfMs);
  const points = course.map(
    ({ atMs, percentage }) => `${percentage === undefined ? NOT_KNOWN : percent(percentage)} from ${at(atMs)}`,
  );
  const count = (kind: Span['kind'], what: string): readonly string[] => {
    const found = spans.filter((span) => span.kind === kind).length;
    return found === 0 ? [] : [`${what}: ${found}`];
  };
  const more = [
    ...count('paused', 'pauses'),
    ...count('on-hold', 'holds'),
    ...count('frozen', 'freezes'),
    ...(alarms.length === 0 ? [] : [`alarms: ${alarms.length}`]),
  ];
  return [points.length === 0 ? 'The course is not known' : points.join(', '), ...more].join('; ');
}

function grid({ fromMs, toMs, zone }: RolloutReport, { x, y, width, mostTicks }: Frame): Markup {
  const bottom = TOP + HEIGHT;
  return html`<g class="grid"
    >${[0, 25, 50, 75, 100].map(
      (share) =>
        html`<path d="M${LEFT} ${y(share)}H${width - RIGHT}" /><text
            x="${LEFT - 8}"
            y="${y(share) + 4}"
            text-anchor="end"
            >${share} %</text
          >`,
    )}${timeTicks([fromMs, toMs], zone, mostTicks).map(
      ({ atMs, label }) =>
        html`<path d="M${x(atMs)} ${bottom}v5" /><text x="${x(atMs)}" y="${bottom + 18}" text-anchor="middle"
            >${label}</text
          >`,
    )}</g
  >`;
}

function laneOf(
  { spans }: RolloutReport,
  { x, width }: Frame,
  { kind, label, top }: { readonly kind: Span['kind']; readonly label: string; readonly top: number },
): Markup {
  const found = spans.filter((span) => span.kind === kind);
  return html`<g class="lane"
    ><text x="${LEFT - 8}" y="${top + 12}" text-anchor="end">${label}</text
    ><path d="M${LEFT} ${top + 8}H${width - RIGHT}" />${found.map(
      ({ fromMs, toMs }) =>
        html`<rect
          class="${kind}"
          x="${x(fromMs)}"
          y="${top + 2}"
          width="${Math.max(2, round(x(toMs) - x(fromMs)))}"
          height="12"
          rx="2"
        />`,
    )}</g
  >`;
}

const round = (value: number): number => Math.round(value * 10) / 10;

interface Drawn {
  readonly atMs: number;
  readonly percentage?: number;
}

/** Each percentage lasts until the next point; where none is known, the line has a gap. */
function drawnCourse({ course, asOfMs, running, toMs }: RolloutReport, { x, y }: Frame): Markup {
  const drawn: Drawn[] = [];
  for (const point of course) {
    const before = drawn.at(-1);
    if (point.percentage === undefined && before?.percentage !== undefined)
      drawn.push({ atMs: point.atMs, percentage: before.percentage });
    drawn.push(point);
  }
  const last = drawn.at(-1);
  if (last?.percentage !== undefined) drawn.push({ ...last, atMs: running ? asOfMs : toMs });
  const path = line<Drawn>()
    .defined(({ percentage }) => percentage !== undefined)
    .x(({ atMs }) => x(atMs))
    .y(({ percentage }) => y(percentage ?? 0))
    .curve(curveStepAfter)(drawn);
  const falls = course.flatMap((point, index) => {
    const before = course[index - 1]?.percentage ?? 0;
    const fell = point.percentage !== undefined && point.percentage < before;
    return fell ? [html`<path class="fall" d="M${x(point.atMs)} ${y(before)}V${y(point.percentage)}" />`] : [];
  });
  return html`<path class="course" d="${path ?? ''}" />${joined(falls)}`;
}

function drawnAhead({ ahead, course, asOfMs }: RolloutReport, { x, y }: Frame): Markup | undefined {
  const from = course.at(-1)?.percentage;
  if (ahead.length === 0 || from === undefined) return undefined;
  const points: readonly Drawn[] = [{ atMs: asOfMs, percentage: from }, ...ahead];
  const path = line<Drawn>()
    .x(({ atMs }) => x(atMs))
    .y(({ percentage }) => y(percentage ?? 0))
    .curve(curveStepAfter)([...points]);
  return html`<path class="ahead" d="${path ?? ''}" /><path class="now" d="M${x(asOfMs)} ${TOP}V${TOP + HEIGHT}" />`;
}

/** The percentage beside each point, unless it would cover the one before; a triangle for each alarm. */
function marks({ course, alarms }: RolloutReport, { x, y, width }: Frame): Markup {
  let last = { left: -Infinity, top: 0 };
  const labels = course.flatMap(({ atMs, percentage }) => {
    if (percentage === undefined) return [];
    const [left, top] = [x(atMs) + 5, y(percentage)];
    if (left - last.left < BETWEEN_LABELS && Math.abs(top - last.top) < LABEL_HEIGHT) return [];
    last = { left, top };
    const anchor = left > width - RIGHT - BETWEEN_LABELS ? 'end' : 'start';
    return [html`<text class="label" x="${left}" y="${top - 6}" text-anchor="${anchor}">${percent(percentage)}</text>`];
  });
  const shown = alarms.map(
    ({ atMs }) =>
      html`<path class="alarm" d="M${x(atMs)} ${TOP - 8}l6 -10h-12z" /><path
          class="alarm-line"
          d="M${x(atMs)} ${TOP - 8}V${TOP + HEIGHT}"
        />`,
  );
  return joined([...labels, ...shown]);
}

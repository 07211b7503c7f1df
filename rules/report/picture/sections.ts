import { percent, unescaped } from '../../format';
import { headline } from '../rollout-headline';
import { courseWords, NARROW, staircase, WIDE } from './staircase';
import { DECISION_COLUMNS, decisionCells, type Span } from './course';
import { html, type Markup, NOTHING } from './markup';
import type { RolloutReport } from './report';
import { deployment, diagnosis, log, verification } from './story';
import { NOT_KNOWN, time } from './times';
import { table } from './table';
import { guardTile } from './guard-tile';

export interface Section {
  readonly id: string;
  readonly title: string;
  readonly body: Markup;
}

/** The parts of the page that have something to show, in order. */
export const sectionsOf = (report: RolloutReport): readonly Section[] =>
  [
    { id: 'next', title: 'Next', body: next(report) },
    { id: 'course', title: 'Percentage over time', body: course(report) },
    { id: 'gates', title: 'Gates of the next raise', body: gates(report) },
    { id: 'guards', title: 'Guards and alarms', body: guards(report) },
    { id: 'decisions', title: 'Who did what, when and why', body: decisions(report) },
    { id: 'diagnosis', title: 'Diagnosis', body: diagnosis(report) },
    { id: 'deployment', title: 'Deployment', body: deployment(report) },
    { id: 'verification', title: 'Verification', body: verification(report) },
    { id: 'log', title: 'Log of the rollout', body: log(report) },
    { id: 'not-known', title: 'Not known', body: notKnown(report) },
  ].filter(({ body }) => body !== NOTHING);

export function head(report: RolloutReport): Markup {
  const { status, zone, asOfMs, link } = report;
  const web = link === undefined ? undefined : html` · <a href="${link}">Temporal</a>`;
  return html`<h1 class="${lookOf(status)}">${unescaped(headline(status, asOfMs, zone, 'still'))}</h1>
    <p class="soft">
      Workflow ${status.workflowId}, plan ${status.planHash === '' ? NOT_KNOWN : status.planHash}, started
      ${time(report, status.startedAtMs)} by ${status.startedBy}. As of ${time(report, asOfMs)}; times of ${zone}.${web}
    </p>`;
}

/** Green only for what needs nobody. */
function lookOf({ outcome, phase, health }: RolloutReport['status']): 'good' | 'warn' | 'bad' {
  if (outcome !== undefined) return outcome.outcome === 'completed' ? 'good' : 'bad';
  if (phase === 'rolling-back' || phase === 'not-known' || phase === 'ended') return 'bad';
  if (phase === 'starting' || phase === 'raising' || phase === 'soaking')
    return health.outcome === 'breach' ? 'bad' : phase !== 'soaking' || health.outcome === 'healthy' ? 'good' : 'warn';
  return 'warn';
}

function next({ next: { command, why }, status }: RolloutReport): Markup {
  const waits = status.wait === undefined ? why : status.wait.why;
  const verbs = status.wait?.verbs ?? [];
  const also = verbs.length === 0 ? undefined : html`<p class="soft">What ends this wait: ${verbs.join(', ')}</p>`;
  return html`<p>${waits}</p>
    ${also}
    <pre class="command" tabindex="0" aria-label="Command to copy">${command}</pre>`;
}

function course(report: RolloutReport): Markup {
  const points = report.course.map(({ atMs, percentage, why }) => [
    time(report, atMs),
    percentage === undefined ? NOT_KNOWN : percent(percentage),
    why,
  ]);
  const ahead = report.ahead
    .slice(0, -1)
    .map(({ atMs, percentage }) => [time(report, atMs), percent(percentage), 'not before this, if all stays healthy']);
  const halts = report.spans.filter(({ kind }) => kind !== 'open').map((span) => spanRow(report, span));
  const alarms = report.alarms.map(({ atMs, why }) => [time(report, atMs), 'alarm', why]);
  return html`${staircase(report, WIDE)}${staircase(report, NARROW)}
    <p class="soft">${legend(report)}</p>
    <details>
      <summary>The same as a table</summary>
      <p>${courseWords(report)}.</p>
      ${table(['When', 'Percentage', 'Why'], [...points, ...halts, ...alarms, ...ahead])}
    </details>`;
}

function legend({ ahead, spans, plan }: RolloutReport): string {
  const windows =
    plan === undefined
      ? 'Windows are not known.'
      : plan.windows.length === 0
        ? 'Raised at any time.'
        : spans.some(({ kind }) => kind === 'open')
          ? 'Bars beside "open" are the maintenance windows.'
          : 'No maintenance window was open.';
  return `${windows}${ahead.length === 0 ? '' : ' The dashed line is the earliest that time allows.'} A triangle is an alarm or a breach.`;
}

const spanRow = (report: RolloutReport, { kind, fromMs, toMs, why, by }: Span): readonly string[] => [
  `${time(report, fromMs)} to ${time(report, toMs)}`,
  kind.replace('-', ' '),
  `${why}${by === undefined ? '' : ` (by ${by})`}`,
];

function gates(report: RolloutReport): Markup {
  const { gates: all, checklist } = report.status;
  if (all.length === 0 && checklist.length === 0) return NOTHING;
  const lamps = all.map(({ gate, open, why, fromMs }) => {
    const from = fromMs === undefined ? '' : `, not before ${time(report, fromMs)}`;
    return html`<li class="${open ? 'lit' : 'dark'}">
      <strong>${open ? '✓' : '✗'} ${gate}</strong>, ${open ? 'open' : 'closed'}<br />${why}${from}
    </li>`;
  });
  const items = checklist.map(({ id, text, state, why, by }) => [
    id,
    `${state}${by === undefined ? '' : ` by ${by}`}`,
    `${text}${why === undefined ? '' : `: ${why}`}`,
  ]);
  const list =
    items.length === 0
      ? undefined
      : html`<h3>Checklist</h3>
          ${table(['Item', 'State', 'What, and why'], items)}`;
  return html`<ul class="lamps">
      ${lamps}
    </ul>
    ${list}`;
}

function guards(report: RolloutReport): Markup {
  if (report.guards.length === 0) return html`<p>Which guards the plan has is ${NOT_KNOWN}.</p>`;
  return html`<div class="tiles">${report.guards.map((guard, index) => guardTile(guard, index, report))}</div>`;
}

function decisions(report: RolloutReport): Markup {
  if (report.decisions.length === 0) return html`<p>${NOT_KNOWN}</p>`;
  return table(DECISION_COLUMNS, decisionCells(report));
}

const notKnown = ({ notKnown: lines }: RolloutReport): Markup =>
  lines.length === 0
    ? NOTHING
    : html`<ul>
        ${lines.map((line) => html`<li>${line}</li>`)}
      </ul>`;

import { percent } from '../../format';
import { html, type Markup } from './markup';
import { table } from './table';
import { NOT_KNOWN, time } from './times';

/** One line of the list: the newest rollout of an environment. */
export interface ListedLine {
  readonly href: string;
  readonly service: string;
  readonly environment: string;
  readonly state: string;
  readonly percentage?: number;
  readonly startedBy: string;
  readonly startedAtMs: number;
}

export interface ListFacts {
  readonly lines: readonly ListedLine[];
  /** Whether a worker runs: without one, the percentages are the last ones reported. */
  readonly current: boolean;
  readonly zone: string;
  readonly asOfMs: number;
}

export function listMarkup({ lines, current, zone, asOfMs }: ListFacts): Markup {
  const old = current
    ? undefined
    : html`<p class="bad">
        No worker is running: percentages and phases are the last ones reported; the present ones are ${NOT_KNOWN}.
      </p>`;
  const rows = lines.map(({ href, service, environment, state, percentage, startedBy, startedAtMs }) => [
    html`<a href="${href}">${service} ${environment}</a>`,
    percentage === undefined ? NOT_KNOWN : percent(percentage),
    state,
    `${time({ zone, asOfMs }, startedAtMs)} by ${startedBy}`,
  ]);
  const all =
    rows.length === 0
      ? html`<p>No rollout is known. Start one: <code>npx start-rollout ENVIRONMENT</code></p>`
      : table(['Rollout', 'Percentage', 'State', 'Started'], rows);
  return html`<section id="list">
    <h1>Rollouts</h1>
    ${old}${all}
  </section>`;
}

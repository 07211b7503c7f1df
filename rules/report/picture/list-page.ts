import { percent } from '../../format';
import { html, type Markup } from './markup';
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
  const rows = lines.map(
    ({ href, service, environment, state, percentage, startedBy, startedAtMs }) =>
      html`<tr>
        <td><a href="${href}">${service} ${environment}</a></td>
        <td>${percentage === undefined ? NOT_KNOWN : percent(percentage)}</td>
        <td>${state}</td>
        <td>${time({ zone, asOfMs }, startedAtMs)} by ${startedBy}</td>
      </tr>`,
  );
  const table =
    rows.length === 0
      ? html`<p>No rollout is known. Start one: <code>start-rollout ENVIRONMENT</code></p>`
      : html`<table>
          <thead>
            <tr>
              <th scope="col">Rollout</th>
              <th scope="col">Percentage</th>
              <th scope="col">State</th>
              <th scope="col">Started</th>
            </tr>
          </thead>
          <tbody>
            ${rows}
          </tbody>
        </table>`;
  return html`<section id="list">
    <h1>Rollouts</h1>
    ${old}${table}
  </section>`;
}

import { html, joined, type Markup, NOTHING } from './markup';
import type { RolloutReport } from './report';
import { table } from './table';
import { NOT_KNOWN, time } from './times';

/** What happened around the rollout: its diagnosis, deployment, verification and own log. */
export function diagnosis({ status: { diagnosis: found } }: RolloutReport): Markup {
  if (found === undefined) return NOTHING;
  const { line, causes, looked, logs } = found;
  const told = causes.map(
    ({ cause, remedy, evidence }) =>
      html`<li>
        ${cause}<br /><strong>Remedy:</strong>
        ${remedy}${evidence.map((seen) => html`<br /><span class="soft">seen: ${seen}</span>`)}
      </li>`,
  );
  return html`<p><strong>${line}</strong></p>
    <ul>
      ${told}${[...looked, ...logs].map((text) => html`<li>${text}</li>`)}
    </ul>`;
}

export function deployment(report: RolloutReport): Markup {
  const { deployment: seen, status } = report;
  if (seen === undefined && status.standing === undefined) return NOTHING;
  const standing = status.standing;
  const began =
    standing === undefined
      ? undefined
      : html`<p>
          The rollout began with template
          ${standing.template}${standing.revision === undefined ? '' : `, revision ${standing.revision}`}, deployed
          ${time(report, standing.atMs)} by
          ${standing.by}${standing.verified === undefined ? ', not verified' : `, verified ${time(report, standing.verified.atMs)} by ${standing.verified.by}`}.
        </p>`;
  if (seen === undefined) return joined([began]);
  const { outcome, phase, template, revision, approvals, changes } = seen;
  const end = outcome === undefined ? `${phase}` : `${outcome.outcome} ${time(report, outcome.atMs)}: ${outcome.why}`;
  const approved = approvals.given.map(({ by, atMs }) => html`<li>approved by ${by}, ${time(report, atMs)}</li>`);
  const stacks = changes.map(
    ({ name, changed, security, text, note }) =>
      html`<details>
        <summary>Stack ${name}: ${changed ? 'changes' : 'no changes'}</summary>
        ${note === undefined ? undefined : html`<p class="warn">${note}</p>`}${
          security === ''
            ? undefined
            : html`<h3>Permissions and network</h3>
                <pre tabindex="0">${security}</pre>`
        }
        <pre tabindex="0">${text === '' ? 'no changes' : text}</pre>
      </details>`,
  );
  return html`${began}
    <p>
      The newest deployment: template ${template ?? NOT_KNOWN}${revision === undefined ? '' : `, revision ${revision}`},
      started ${time(report, seen.startedAtMs)} by ${seen.startedBy}; ${end}
    </p>
    <ul>
      ${approved}
    </ul>
    ${stacks}`;
}

export function verification(report: RolloutReport): Markup {
  const seen = report.verification;
  if (seen === undefined) return NOTHING;
  const { parts, outcome, why, by, startedAtMs } = seen;
  const rows = parts.map(({ part, state, why: found }) => [part, state.replace('-', ' '), found]);
  return html`<p>
      ${outcome ?? 'not ended'}${why === undefined ? '' : `: ${why}`}, started ${time(report, startedAtMs)} by ${by}
    </p>
    ${table(['Part', 'State', 'Why'], rows)}`;
}

export function log(report: RolloutReport): Markup {
  const { log: entries } = report.status;
  if (entries.length === 0) return NOTHING;
  const rows = entries.map(({ atMs, what, by }) => [time(report, atMs), what, by]);
  return html`<details>
    <summary>${entries.length} entries, the newest last</summary>
    ${table(['When', 'What', 'Who'], rows)}
  </details>`;
}

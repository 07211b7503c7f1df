import { html, joined, type Markup } from './markup';
import type { RolloutReport } from './report';
import { staircase, WIDE } from './staircase';
import { head, sectionsOf, type Section } from './sections';
import { STILL_POLICY, STYLE_ELEMENT } from './style';

export interface PageParts {
  readonly title: string;
  readonly body: Markup;
  /** Content security policy; a server sends it as a header too. */
  readonly policy: string;
  /** A script of the own origin. */
  readonly script?: string;
  /** A page with a form must let its own server know from where it is sent. */
  readonly referrer?: 'same-origin';
}

/** A whole page: it loads nothing but the script that it is given. */
export function page({ title, body, policy, script, referrer }: PageParts): string {
  const run = script === undefined ? undefined : html`<script src="${script}" defer></script>`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="${referrer ?? 'no-referrer'}" />
        <title>${title}</title>
        ${STYLE_ELEMENT}${run}
      </head>
      <body>
        ${body}
      </body>
    </html> `.text;
}

export const titleOf = ({ status }: RolloutReport): string => `Rollout of ${status.service} ${status.environment}`;

/** A section that a live page replaces by its id. */
export const sectionMarkup = ({ id, title, body }: Section): Markup =>
  html`<section id="${id}" aria-labelledby="${id}-heading">
    <h2 id="${id}-heading">${title}</h2>
    ${body}
  </section>`;

export const headMarkup = (report: RolloutReport): Markup => html`<header id="head">${head(report)}</header>`;

/** One self-contained file: no network, no script. */
export const reportPage = (report: RolloutReport): string =>
  page({
    title: titleOf(report),
    body: html`<main>${headMarkup(report)}${joined(sectionsOf(report).map(sectionMarkup))}</main>`,
    policy: STILL_POLICY,
  });

/** The picture alone, as a file of its own. */
export const pictureFile = (report: RolloutReport): string => {
  const below = joined([STYLE_ELEMENT, html`<rect class="sheet" width="100%" height="100%" />`]);
  return `${staircase(report, { ...WIDE, id: 'picture' }, below).text}\n`;
};

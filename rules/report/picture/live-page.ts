import { percent } from '../../format';
import { html, type Markup } from './markup';
import { page } from './page';
import type { RolloutReport } from './report';
import { STYLE_HASH } from './style';

/** A live page may run its own script, ask its own server, and send its own form. */
export const LIVE_POLICY = [
  "default-src 'none'",
  `style-src ${STYLE_HASH}`,
  "script-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
].join('; ');

export interface LiveFacts {
  readonly title: string;
  /** The parts that are replaced when they change. */
  readonly main: Markup;
  /** Where they are asked for. */
  readonly from: string;
  readonly back?: boolean;
  /** What became of the last action. */
  readonly said?: string;
  readonly actions?: Markup;
  /** Commands that write 0 % without Temporal: the page has them before they are needed, and shows them when nothing answers. */
  readonly ways: readonly string[];
}

export const livePage = ({ title, main, from, back, said, actions, ways }: LiveFacts): string =>
  page({
    title,
    policy: LIVE_POLICY,
    script: '/live.js',
    referrer: 'same-origin',
    body: html`${back === true ? html`<nav><a href="/">All rollouts</a></nav>` : undefined}
      <p id="answer" role="status">${said}</p>
      <p id="connection" role="status" class="bad"></p>
      <div id="way" hidden>${wayMarkup(ways)}</div>
      ${actions}
      <main data-from="${from}">${main}</main>`,
  });

/** To paste, one line for each environment that may be meant. */
export const wayMarkup = (ways: readonly string[]): Markup | undefined =>
  ways.length === 0
    ? undefined
    : html`<p>To put it to 0 % without Temporal, paste ${ways.length === 1 ? 'this line' : 'one of these lines'}:</p>
        <pre class="command">${ways.join('\n')}</pre>`;

export interface ActionForm {
  readonly to: string;
  /** Only this server's own pages know it. */
  readonly token: string;
}

/** The verbs that a page may send. */
export const PAGE_VERBS = ['pause', 'resume', 'approve', 'abort'] as const;
export type PageVerb = (typeof PAGE_VERBS)[number];

const WORDS: Readonly<Record<PageVerb, string>> = {
  pause: 'Pause',
  resume: 'Resume',
  approve: 'Approve',
  abort: 'Abort: back to 0 %',
};

/** The way to 0 % waits for no field of a form. */
const NEEDS_NO_NAME = html`formnovalidate`;

/** An approval is for the raise that its reader sees. */
export function actionForm({ status, running }: RolloutReport, { to, token }: ActionForm): Markup | undefined {
  if (!running) return undefined;
  const { next } = status;
  const verbs = PAGE_VERBS.filter((verb) => verb !== 'approve' || next !== undefined);
  const raise = next === undefined ? undefined : html`<input type="hidden" name="percentage" value="${next}" />`;
  const buttons = verbs.map(
    (verb) =>
      html`<button name="verb" value="${verb}" class="${verb}" ${verb === 'abort' ? NEEDS_NO_NAME : undefined}>
        ${verb === 'approve' && next !== undefined ? `Approve ${percent(next)}` : WORDS[verb]}
      </button> `,
  );
  return html`<form method="post" action="${to}" aria-label="Actions">
    <input type="hidden" name="token" value="${token}" />${raise}<label
      >Your name <input name="by" required autocomplete="name" maxlength="100" /></label
    ><label>Reason <input name="reason" maxlength="300" /></label>
    <div>${buttons}</div>
  </form>`;
}

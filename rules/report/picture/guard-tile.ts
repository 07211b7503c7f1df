import type { GuardCourse } from './guard-course';
import { html, type Markup } from './markup';
import { guardPicture, guardWords, intervalWords, limitWords, measuredWords, type Over } from './tile';
import { NOT_KNOWN, time } from './times';

const MARKS: Readonly<Record<string, readonly [mark: string, look: string]>> = {
  healthy: ['✓', 'good'],
  breach: ['✗', 'bad'],
  error: ['!', 'warn'],
  'no-data': ['?', 'warn'],
  inconclusive: ['…', 'soft'],
};

/** One guard or alarm: its outcome, value, limit, interval and samples, and its course. */
export function guardTile(guard: GuardCourse, index: number, over: Over): Markup {
  const { name, now } = guard;
  const [mark, look] = MARKS[now?.outcome ?? ''] ?? ['', 'soft'];
  const outcome = now === undefined ? `${NOT_KNOWN}: no check has reported it` : `${mark} ${now.outcome}`;
  const rest =
    now === undefined
      ? undefined
      : html`${guardPicture(guard, index, over)}
          <p>${now.why}</p>
          <details>
            <summary>Course as text</summary>
            <p>${guardWords(guard, over)}.</p>
          </details>`;
  return html`<article class="tile">
    <h3>${name}</h3>
    <p class="${look}"><strong>${outcome}</strong></p>
    ${figures(guard)}
    <p class="soft">${now === undefined ? undefined : `As of ${time(over, now.atMs)}`}</p>
    ${rest}
  </article>`;
}

/** An alarm has a state and no number. */
function figures({ now, values, planned }: GuardCourse): Markup {
  const measured = now?.measured ?? values.at(-1);
  const limit = measured === undefined ? (planned?.limit ?? NOT_KNOWN) : limitWords(measured);
  const hasValue = planned?.hasValue ?? measured !== undefined;
  if (!hasValue)
    return html`<dl>
      <dt>Limit</dt>
      <dd>${limit}</dd>
    </dl>`;
  const samples = now?.samples;
  return html`<p class="figure">${measured === undefined ? `value ${NOT_KNOWN}` : measuredWords(measured)}</p>
    <dl>
      <dt>Limit</dt>
      <dd>${limit}</dd>
      <dt>Interval</dt>
      <dd>${measured === undefined ? NOT_KNOWN : intervalWords(measured)}</dd>
      <dt>Samples</dt>
      <dd>${samples === undefined ? NOT_KNOWN : `${samples.seen} of ${samples.wanted} wanted`}</dd>
    </dl>`;
}

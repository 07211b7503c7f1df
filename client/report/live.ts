/**
 * The script of the live pages. It asks its own server every two seconds and replaces the parts that have changed; what is folded
 * out stays so, and the focus stays where it is.
 */
export const LIVE_SCRIPT = `'use strict';
const EVERY_MS = 2000;
const main = document.querySelector('main');
const connection = document.getElementById('connection');
const shown = new Map();
const FOCUSABLE = 'a,button,input,summary,[tabindex]';

function replaced(old, markup) {
  const open = [...old.querySelectorAll('details')].map((one) => one.open);
  const focused = [...old.querySelectorAll(FOCUSABLE)].indexOf(document.activeElement);
  old.outerHTML = markup;
  const fresh = document.getElementById(old.id);
  fresh.querySelectorAll('details').forEach((one, index) => (one.open = open[index] === true));
  if (focused >= 0) fresh.querySelectorAll(FOCUSABLE)[focused]?.focus();
}

function show(parts) {
  let before = null;
  for (const { id, markup } of parts) {
    const old = document.getElementById(id);
    if (old === null) {
      const place = document.createElement('div');
      place.id = id;
      if (before === null) main.prepend(place);
      else before.after(place);
      replaced(place, markup);
    } else if (shown.get(id) !== markup) replaced(old, markup);
    shown.set(id, markup);
    before = document.getElementById(id);
  }
  const ids = parts.map(({ id }) => id);
  for (const one of [...main.children]) if (!ids.includes(one.id)) one.remove();
}

async function look() {
  try {
    const answer = await fetch(main.dataset.from, { cache: 'no-store' });
    const { parts, why } = await answer.json();
    if (parts !== undefined) show(parts);
    connection.textContent = why === undefined ? '' : 'What you see is old: ' + why;
  } catch {
    connection.textContent = 'What you see is old: rollout ui does not answer any more.';
  }
  setTimeout(look, EVERY_MS);
}
setTimeout(look, EVERY_MS);
`;

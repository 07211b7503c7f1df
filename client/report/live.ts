/**
 * The script of the live pages. It asks its own server every two seconds and replaces the parts that have changed; what is folded
 * out stays so, and the focus stays where it is. When nothing answers for some seconds it shows the way to 0 % without Temporal.
 */
export const LIVE_SCRIPT = `'use strict';
const EVERY_MS = 2000;
const SILENT_MS = 3000;
const main = document.querySelector('main');
const connection = document.getElementById('connection');
const way = document.getElementById('way');
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

function trouble(text) {
  connection.textContent = text;
  way.hidden = text === '';
}

async function look() {
  const silent = setTimeout(() => trouble('What you see is old: no answer for 3 seconds.'), SILENT_MS);
  try {
    const answer = await fetch(main.dataset.from, { cache: 'no-store' });
    const { parts, why } = await answer.json();
    if (parts !== undefined) show(parts);
    trouble(why === undefined ? '' : 'What you see is old: ' + why);
  } catch {
    trouble('What you see is old: rollout ui does not answer any more.');
  } finally {
    clearTimeout(silent);
  }
  setTimeout(look, EVERY_MS);
}
setTimeout(look, EVERY_MS);
`;

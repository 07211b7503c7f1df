/**
 * The script of the live pages. It asks its own server every two seconds and replaces the parts that have changed; what is folded
 * out stays so, and the focus stays where it is. When nothing answers for some seconds it shows the way to 0 % without Temporal; not when
 * a server that was started again refuses the old key, because then everything works at its new address.
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

function say(text, isSilent) {
  connection.textContent = text;
  way.hidden = !isSilent;
}
const trouble = (text) => say('What you see is old: ' + text, true);
const REFUSED = 'What you see is old: rollout ui was started again. Open the address that it printed then.';

async function look() {
  const silent = setTimeout(() => trouble('no answer for 3 seconds.'), SILENT_MS);
  try {
    const answer = await fetch(main.dataset.from, { cache: 'no-store' });
    if (answer.status === 401 || answer.status === 403) say(REFUSED, false);
    else {
      const { parts, why } = await answer.json();
      if (parts !== undefined) show(parts);
      if (why === undefined) say('', false);
      else trouble(why);
    }
  } catch {
    trouble('rollout ui does not answer any more.');
  } finally {
    clearTimeout(silent);
  }
  setTimeout(look, EVERY_MS);
}
setTimeout(look, EVERY_MS);
`;

/** GitHub takes comments of up to 65,536 characters, and a summary of 1 MiB. */
const LONGEST = 25_000;

/** A fence that is longer than any in the text, so that the text cannot leave it. */
export function fenced(text) {
  const shown = text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}\n… cut off; the job's log has all of it`;
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${shown.trimEnd()}\n${fence}`;
}

const saidBy = ({ stdout, stderr }) => (stdout.trim() === '' ? stderr : stdout);

export function commentText({ environment, calendar, changes }) {
  return [
    `### Rollout of ${environment}`,
    fenced(saidBy(calendar)),
    ...(changes === undefined
      ? []
      : ['<details><summary>What a deployment would change</summary>', fenced(saidBy(changes)), '</details>']),
  ].join('\n\n');
}

/** @param report the answer of `rollout report --json`, or an empty object. */
export const summaryText = ({ text, report }) =>
  [pictureOf(report), text.code === 0 ? text.stdout : fenced(saidBy(text))].filter((part) => part !== '').join('\n\n');

/** The percentage over time. A summary shows no SVG of its own, but Mermaid's charts. */
export function pictureOf({ course = [], service, environment, asOfMs }) {
  const known = course.filter(({ percentage }) => typeof percentage === 'number');
  if (known.length === 0) return '';
  const spots = [...known, { ...known.at(-1), atMs: asOfMs ?? known.at(-1).atMs }];
  const times = spots.map(({ atMs }) => `"${new Date(atMs).toISOString().slice(5, 16).replace('T', ' ')}"`);
  const title = `${service} ${environment}, % of new jobs (UTC)`.replaceAll('"', "'");
  return [
    '```mermaid',
    'xychart-beta',
    `  title "${title}"`,
    `  x-axis [${times.join(', ')}]`,
    '  y-axis "%" 0 --> 100',
    `  bar [${spots.map(({ percentage }) => percentage).join(', ')}]`,
    '```',
  ].join('\n');
}

const WHY = { 2: 'wrong usage or a wrong plan', 3: 'refused by a rule', 4: 'the time was up' };

export function failureWords(step, { code, stdout, stderr }) {
  const said = (stderr.trim() === '' ? stdout : stderr).trim().split('\n').slice(-5).join('\n');
  return `${step} failed: ${WHY[code] ?? `exit code ${code}`}\n${said}`;
}

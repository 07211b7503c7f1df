/** One comment for each environment: the one that is there is changed, so that a pull request of many commits stays readable. */
export async function commentOn({ number, text, mark }) {
  const { GITHUB_REPOSITORY: repository } = process.env;
  const body = JSON.stringify({ body: `${mark}\n${text}` });
  const comments = `/repos/${repository}/issues/${number}/comments`;
  const known = await foundIn(comments, mark);
  if (known === undefined) await asked(comments, { method: 'POST', body });
  else await asked(`/repos/${repository}/issues/comments/${known.id}`, { method: 'PATCH', body });
}

async function foundIn(comments, mark) {
  for (let page = 1; ; page += 1) {
    const some = await asked(`${comments}?per_page=100&page=${page}`);
    // A person who quotes the comment is no bot.
    const own = some.find(({ body, user }) => body?.startsWith(mark) && user?.type === 'Bot');
    if (own !== undefined || some.length < 100) return own;
  }
}

const WITHIN_MS = 20_000;

async function asked(path, { method = 'GET', body } = {}) {
  const { GITHUB_API_URL = 'https://api.github.com', GITHUB_TOKEN = '' } = process.env;
  const answer = await fetch(`${GITHUB_API_URL}${path}`, {
    method,
    body,
    headers: {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${GITHUB_TOKEN}`,
      'content-type': 'application/json',
      'x-github-api-version': '2022-11-28',
    },
    signal: AbortSignal.timeout(WITHIN_MS),
  });
  if (!answer.ok) throw new Error(`GitHub answered ${answer.status} to ${method} ${path}`);
  return answer.json();
}

import { PageKey } from '../../../../client/report/page-key';

const BASE = 'http://127.0.0.1:8246/';
const at = (path: string): URL => new URL(path, BASE);

function opened(key: PageKey, path = ''): { readonly location: string; readonly cookie: string } {
  const url = new URL(key.addressOf(`${BASE}${path}`));
  const admission = key.admit(url, {}, 'GET');
  if (admission.to !== 'page') throw new Error(JSON.stringify(admission));
  return admission;
}

it('the printed address is exchanged for a cookie that no script reads and no other site sends, and the key is gone', () => {
  const { location, cookie } = opened(new PageKey(), 'rollouts/shop/prod');
  expect(location).toBe(`${BASE}rollouts/shop/prod`);
  expect(cookie).toMatch(/^rollout-ui-8246=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
});

it('the cookie admits to every page and action; the key is not in it', () => {
  const key = new PageKey();
  const cookie = opened(key).cookie.split('; ')[0] ?? '';
  for (const method of ['GET', 'HEAD', 'POST'])
    expect(key.admit(at('/rollouts/shop/prod'), { cookie: `other=1; ${cookie}` }, method)).toEqual({ to: 'pass' });
  expect(key.addressOf(BASE)).not.toContain(cookie.split('=')[1]);
});

it.each<[string, string, string | undefined, string]>([
  ['no cookie', '/', undefined, 'GET'],
  ['no cookie, for an action', '/rollouts/shop/prod', undefined, 'POST'],
  ['another value', '/', 'rollout-ui-8246=guessed', 'GET'],
  ['an empty one', '/parts', 'rollout-ui-8246=', 'GET'],
  ['the cookie of another port', '/', 'rollout-ui-8247=guessed', 'GET'],
  ['a wrong key', '/?key=guessed', undefined, 'GET'],
  ['an empty key', '/?key=', undefined, 'GET'],
])('a request with %s is refused', (_name, path, cookie, method) => {
  expect(new PageKey().admit(at(path), { cookie }, method)).toMatchObject({ to: 'refuse' });
});

it('a key counts for reading a page only, and only for its own server', () => {
  const key = new PageKey();
  expect(key.admit(new URL(key.addressOf(BASE)), {}, 'POST')).toMatchObject({ to: 'refuse' });
  expect(new PageKey().admit(new URL(key.addressOf(BASE)), {}, 'GET')).toMatchObject({ to: 'refuse' });
});

it('the address that the browser is sent to is under its own host, whatever the path', () => {
  expect(opened(new PageKey(), './/evil.example/').location).toBe('http://127.0.0.1:8246//evil.example/');
});

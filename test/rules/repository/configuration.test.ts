import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const CODE = [
  'activities',
  'client',
  'flags',
  'infra',
  'pavi',
  'rules',
  'sandbox',
  'worker',
  'workflows',
  'register.cjs',
];
/** Examples of names that a plan gives; the variables of Temporal's own server; the sample API, which lists its own. */
const NOT_OURS =
  /^(client\/plan-reference\.ts|sandbox\/cluster\/layout\.ts|sandbox\/api\/.*|.*\/test_\w+\.py|sandbox\/examples\/.*)$/;
const PREFIXED = /\b(?:ROLLOUT|TEMPORAL|AWS)_[A-Z0-9_]*[A-Z0-9]\b/g;
const ACCESSED = /\b(?:env|environ|variables)(?:\.get\(|\[|\.)['"]?([A-Z][A-Z0-9_]+)\b/g;

/** Set for a process that this code starts, and read by nothing of ours. */
const ONLY_SET = new Set(['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED', 'AWS_ENDPOINT_URL_SFN']);
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** Without comments, and without the addresses that look like one. */
const codeOf = (file: string): string =>
  file.endsWith('.py')
    ? read(file).replace(/^\s*#.*$|"""[^]*?"""/gm, '')
    : read(file).replace(/\/\*[^]*?\*\/|^\s*\/\/.*$|(?<=[;,{(]\s)\/\/.*$/gm, '');

const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ...CODE], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .trim()
  .split('\n')
  .filter((file) => /\.(ts|py|cjs|mjs)$/.test(file) && !NOT_OURS.test(file));

function namesIn(code: string): readonly string[] {
  return [...(code.match(PREFIXED) ?? []), ...[...code.matchAll(ACCESSED)].map(([, name = '']) => name)];
}
const inCode = new Map<string, string>();
for (const file of files) for (const name of namesIn(codeOf(file))) inCode.set(name, file);

const page = read('docs/configuration.md');
const rows = page.split('\n').filter((line) => /^\| `/.test(line));
const listed = rows.flatMap((row) => (row.split(' | ')[0] ?? '').match(/[A-Z][A-Z0-9_]+/g) ?? []);

/** Where the packages that we configure read the variables that our code does not name. */
const PACKAGES = [
  'node_modules/@temporalio/envconfig/lib/envconfig-toml.js',
  'node_modules/@aws-sdk/credential-provider-env/dist-cjs/index.js',
  'node_modules/@aws-sdk/credential-provider-web-identity/dist-cjs/index.js',
  'node_modules/@smithy/credential-provider-imds/dist-cjs/index.js',
  'node_modules/@aws-sdk/credential-provider-node/dist-cjs/index.js',
];

it('docs/configuration.md lists every environment variable that the code names', () => {
  expect(files.length).toBeGreaterThan(500);
  const missing = [...inCode].filter(([name]) => !listed.includes(name) && !ONLY_SET.has(name));
  expect(missing).toEqual([]);
});

it('docs/configuration.md lists none that nobody reads, and none twice', () => {
  const elsewhere = [...PACKAGES, 'docker-compose.yml', 'rules/proxy.ts'].map(read).join('\n');
  // Colours are turned off by a package, proxies by a name that is put together.
  const known = new Set([
    ...inCode.keys(),
    'NO_COLOR',
    'HTTPS_PROXY',
    'HTTP_PROXY',
    'NO_PROXY',
    ...(elsewhere.match(/\b[A-Z][A-Z0-9_]+\b/g) ?? []),
  ]);
  expect(listed.filter((name) => !known.has(name))).toEqual([]);
  expect(listed.filter((name, at) => listed.indexOf(name) !== at)).toEqual([]);
});

it('each row says who reads it, in which form, its default and what it means', () => {
  expect(rows.length).toBeGreaterThan(30);
  const short = rows.filter(
    (row) => row.split(' | ').length !== 5 || row.split(' | ').some((cell) => cell.trim() === ''),
  );
  expect(short).toEqual([]);
});

it.each([
  ["const a = process.env['ROLLOUT_NEW'];", ['ROLLOUT_NEW', 'ROLLOUT_NEW']],
  ['const { AWS_NEW: a } = env;', ['AWS_NEW']],
  ["variables['OTHER']", ['OTHER']],
  ['os.environ.get("PAVI_NEW")', ['PAVI_NEW']],
])('finds the name in %s', (code, names) => {
  expect(namesIn(code)).toEqual(names);
});

// The house rules as errors: which folder may import which, where the clock may not be read, how long a file may be,
// which words no comment and no message uses. test/rules/repository/arrows.test.ts plants a violation of each and sees it caught.
import { builtinModules } from 'node:module';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import words from './lint/words.cjs';

const FOLDERS = [
  ...['rules', 'flags', 'pavi', 'workflows', 'activities', 'worker', 'client'],
  ...['infra', 'sandbox', 'build', 'test', 'bench'],
];

/** A folder is imported by a path that climbs out of the own one: `../rules/x`, `../../rules`. */
const folder = (name) => `^(\\./)?(\\.\\./)+${name}(/|$)`;
const NODE = `^(node:.*|(${builtinModules.filter((name) => !name.startsWith('_')).join('|')})(/.*)?)$`;
const AWS = '^@(aws-sdk|smithy)/';
const CDK = '^(aws-cdk-lib|@aws-cdk|constructs)(/|$)';
const TEMPORAL = '^@temporalio/';
const temporal = (...parts) => `${TEMPORAL}(${parts.join('|')})(/|$)`;

/** The folder's row of the arrow table: `may` import, `types` only of these, `never` these packages. */
const arrows = {
  rules: { may: ['flags'], never: [TEMPORAL, AWS, CDK, NODE], pure: true },
  flags: { may: [], never: [TEMPORAL, AWS, CDK, NODE], pure: true },
  // One service's own: nothing of the product imports it but its stacks.
  pavi: { may: ['rules', 'flags'], never: [TEMPORAL, AWS, CDK, NODE], pure: true },
  workflows: {
    may: ['rules'],
    types: ['activities'],
    never: [temporal('client', 'worker', 'activity', 'envconfig', 'testing'), AWS, CDK, NODE],
  },
  activities: { may: ['rules', 'flags'], never: [temporal('workflow', 'worker', 'testing')] },
  worker: { may: ['workflows', 'activities', 'rules', 'flags'], never: [temporal('testing')] },
  client: {
    may: ['rules'],
    only: { workflows: ['messages'] },
    never: [temporal('worker', 'activity', 'testing'), AWS, CDK],
  },
  infra: { may: ['rules', 'flags'], never: [TEMPORAL, AWS] },
  sandbox: { may: FOLDERS.filter((name) => name !== 'test' && name !== 'bench'), never: [] },
  build: { may: ['infra', 'worker'], never: [] },
  bench: { may: FOLDERS.filter((name) => name !== 'test'), never: [] },
  test: { may: FOLDERS, never: [] },
};

/** The ways past an arrow: files that may do a little more than their folder. `but`: packages they may import as well. */
const exceptions = {
  // The flag must be reachable while Temporal is down, and no other file of the client knows how.
  'client/flag/break-glass*.ts': { from: 'client', only: { activities: ['break-glass'] } },
  // A plan is written before any worker runs, and may take its alarms from AWS.
  'client/inspect/init-alarms.ts': { from: 'client', only: { activities: ['alarm-list'] } },
  // The person's machine signs who acts; the worker has it checked (decision 0089).
  'client/input/proof.ts': { from: 'client', only: { activities: ['caller-proof'] } },
  // The program that starts the worker with what is PAVI's: the engine names no service.
  'pavi/worker.ts': { from: 'pavi', only: { worker: ['process'] } },
  // It is no part of the CDK app: Lambda runs it.
  'infra/guardian-handler.ts': { from: 'infra', but: [AWS] },
};

/** What people read is made from decisions, and never the other way round. */
const REPORTS = {
  regex: '(^|/)report/',
  message: 'Only rules/report/ and other folders import texts: a decision imports none.',
};

function forbidden(from, { only: more = {}, but = [], also = [] } = {}) {
  const { may, types = [] } = arrows[from];
  const only = { ...arrows[from].only, ...more };
  const never = arrows[from].never.filter((packages) => !but.includes(packages));
  const closed = FOLDERS.filter((name) => name !== from && !may.includes(name) && !types.includes(name) && !only[name]);
  return [
    ...closed.map((to) => ({ regex: folder(to), message: `${from}/ may not import ${to}/.` })),
    ...types.map((to) => ({
      regex: folder(to),
      allowTypeImports: true,
      message: `${from}/ may import only types of ${to}/.`,
    })),
    ...Object.entries(only).map(([to, files]) => ({
      regex: `${folder(to).replace('(/|$)', '')}(?!/(${files.join('|')})(\\.ts)?$)(/|$)`,
      message: `${from}/ may import only ${files.map((file) => `${to}/${file}`).join(', ')} of ${to}/.`,
    })),
    ...never.map((regex) => ({ regex, message: `${from}/ may not import this package.` })),
    ...also,
  ];
}

/** The same patterns for `require(…)`, `import(…)` and the type `import(…)`, which the import rule does not look at. */
const called = ({ regex, message, allowTypeImports }) => {
  const pattern = regex.replaceAll('/', '\\/');
  return [
    ...(allowTypeImports ? [] : [{ selector: `TSImportType[source.value=/${pattern}/]`, message }]),
    { selector: `CallExpression[callee.name='require'][arguments.0.value=/${pattern}/]`, message },
    { selector: `ImportExpression[source.value=/${pattern}/]`, message },
  ];
};

const CLOCK = 'The clock is an input here: take nowMs.';
const clock = [
  { selector: "MemberExpression[object.name='Date'][property.name='now']", message: CLOCK },
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: CLOCK },
  { selector: "CallExpression[callee.name='Date']", message: CLOCK },
  { selector: "MemberExpression[object.name='DateTime'][property.name=/^(now|local)$/]", message: CLOCK },
  {
    selector: "CallExpression[callee.object.name='DateTime'][callee.property.name='utc'][arguments.length=0]",
    message: CLOCK,
  },
  { selector: 'MemberExpression[property.name=/^(diffNow|toRelative|toRelativeCalendar)$/]', message: CLOCK },
  { selector: "MemberExpression[object.name='Math'][property.name='random']", message: 'Chance is an input here.' },
];
const outside = [
  ...['process', 'global', 'globalThis', 'Buffer', 'console', 'fetch', 'performance', 'crypto', 'require'],
  ...['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'WebSocket', 'XMLHttpRequest'],
];

const outsideOf = { workflows: ['process'], activities: ['fetch'], worker: ['fetch'], client: ['fetch'] };
const messages = { fetch: 'It asks no proxy: use webFetch of activities/web.ts.' };

const everywhere = [
  { selector: 'TSEnumDeclaration', message: 'Write a union of literals.' },
  { selector: 'ExportDefaultDeclaration, TSExportAssignment', message: 'Export by name.' },
  { selector: "ExportSpecifier[exported.name='default']", message: 'Export by name.' },
];

/** Left out, a format is the standard one, and a service with names of its own would not be read. */
const formatted = {
  selector: 'CallExpression[callee.name=/^(parseFlags|flagForms|formatFlags|othersOf)$/][arguments.length=1]',
  message: "Pass the format of the plan's flag.",
};

const timeouts = {
  selector: "MemberExpression[object.name='AbortSignal'][property.name='timeout']",
  message: 'Node 20 may drop it inside AbortSignal.any: use within of activities/within.ts.',
};

const FORMATTED = ['rules', 'activities', 'worker', 'client', 'infra', 'sandbox', 'pavi'];

const arrowsOf = (from, files = `${from}/**/*.{ts,mts,cts,js,mjs,cjs}`, more = {}) => {
  const patterns = forbidden(from, more);
  const pure = arrows[from].pure === true;
  const globals = pure ? outside : (outsideOf[from] ?? []);
  return {
    files: [files],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', ...(patterns.length > 0 ? [{ patterns }] : [])],
      'no-restricted-globals': [
        'error',
        ...globals.map((name) => ({ name, message: messages[name] ?? `${from}/ decides from its arguments alone.` })),
      ],
      'no-restricted-syntax': [
        'error',
        ...everywhere,
        ...patterns.flatMap(called),
        ...(pure ? clock : []),
        ...(FORMATTED.includes(from) ? [formatted] : []),
        ...(from === 'activities' ? [timeouts] : []),
      ],
    },
  };
};

/** The tests of the banned words, which plant them. */
const PLANTED_WORDS = ['test/rules/repository/arrows.test.ts', 'test/rules/repository/words-of-documents.test.ts'];

export default defineConfig(
  { ignores: ['node_modules/', '.sandbox/', 'cdk.out/', 'coverage/', 'dist/', 'infra/cdk.out/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  ...tseslint.configs.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-params': ['error', 4],
      'no-var': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/no-require-imports': 'off',
    },
  },
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    ignores: ['test/**'],
    rules: { 'max-lines-per-function': ['error', { max: 50 }] },
  },
  {
    ignores: ['lint/**', ...PLANTED_WORDS],
    plugins: { words: { rules: { banned: words.noBannedWords, service: words.noServiceWords } } },
    rules: { 'words/banned': 'error' },
  },
  {
    files: [...words.ENGINE.map((folder) => `${folder}/**`), 'infra/*'],
    ignores: Object.keys(words.SERVICE_ALLOWED),
    rules: { 'words/service': 'error' },
  },
  { files: ['*.{js,mjs,cjs,ts}'], rules: { 'no-restricted-syntax': ['error', everywhere[0]] } },
  ...FOLDERS.map((from) => arrowsOf(from)),
  { ...arrowsOf('rules', undefined, { also: [REPORTS] }), ignores: ['rules/report/**'] },
  ...Object.entries(exceptions).map(([files, { from, ...more }]) => arrowsOf(from, files, more)),
  { files: ['activities/within.ts'], rules: { 'no-restricted-syntax': ['error', ...everywhere] } },
  // Jest takes a set-up of all tests only as a default export.
  { files: ['test/helpers/**/*.ts'], rules: { 'no-restricted-syntax': ['error', everywhere[0]] } },
);

import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ENGINE } from '../../../lint/words.cjs';

const ROOT = join(__dirname, '../../..');
const FOLDERS = [
  ...['rules', 'flags', 'pavi', 'workflows', 'activities', 'worker', 'client'],
  ...['infra', 'sandbox', 'build', 'bench', 'test'],
];

/** ARCHITECTURE.md's arrow table. `types` and `messages` are the two partial arrows. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  rules: ['flags'],
  flags: [],
  pavi: ['rules', 'flags'],
  workflows: ['rules', 'activities types'],
  activities: ['rules', 'flags'],
  worker: ['rules', 'flags', 'workflows', 'activities'],
  client: ['rules', 'workflows messages'],
  infra: ['rules', 'flags'],
  sandbox: FOLDERS.filter((name) => name !== 'test' && name !== 'bench'),
  build: ['infra', 'worker'],
  bench: FOLDERS.filter((name) => name !== 'test'),
  test: FOLDERS,
};

interface Planted {
  readonly name: string;
  readonly path: string;
  readonly text: string;
  readonly caught: boolean;
}

const plant = (from: string, line: string, caught: boolean): Planted => ({
  name: `${from}: ${line}`,
  path: join(from, 'planted.ts'),
  text: `${line}\n`,
  caught,
});

const pairs = FOLDERS.flatMap((from) => FOLDERS.filter((to) => to !== from).map((to) => [from, to] as const));

const folderArrows = pairs.flatMap(([from, to]) => {
  const may = ALLOWED[from] ?? [];
  const whole = may.includes(to);
  const types = whole || may.includes(`${to} types`);
  const file = `../${to}/something`;
  return [
    plant(from, `import { x } from '${file}'; export const y = x;`, !whole),
    plant(from, `import type { X } from '${file}'; export type Y = X;`, !types),
    plant(from, `export type Y = import('${file}').X;`, !types),
    plant(from, `export { x } from '${file}';`, !whole),
    plant(from, `export * from '../${to}';`, !whole),
    plant(from, `export const y = import('${file}');`, !whole),
    { ...plant(from, `export { x } from '../../${to}/deep/er';`, !whole), path: join(from, 'inner', 'planted.ts') },
  ];
});

const messages = [
  plant('client', `import { x } from '../workflows/messages'; export const y = x;`, false),
  plant('client', `import { x } from '../workflows/messages.ts'; export const y = x;`, false),
  plant('client', `import { x } from '../workflows'; export const y = x;`, true),
  plant('client', `import { x } from '../workflows/messages-of-others'; export const y = x;`, true),
];

const reports = [
  plant('rules', `import { x } from './report/rollout'; export const y = x;`, true),
  {
    ...plant('rules', `import { x } from '../report/rollout'; export const y = x;`, true),
    path: 'rules/guards/planted.ts',
  },
  {
    ...plant('rules', `import type { X } from '../report/rollout'; export type Y = X;`, true),
    path: 'rules/time/planted.ts',
  },
  { ...plant('rules', `import { x } from './rollout'; export const y = x;`, false), path: 'rules/report/planted.ts' },
  {
    ...plant('rules', `import { x } from '../report/rollout'; export const y = x;`, false),
    path: 'rules/report/planted.ts',
  },
];

const AWS_SSM = `import * as x from '@aws-sdk/client-ssm'; export const y = x;`;
/** Lambda runs it: it is no part of the CDK app. */
const handler = (line: string, caught: boolean): Planted => ({
  ...plant('infra', line, caught),
  name: `guardian-handler: ${line}`,
  path: join('infra', 'guardian-handler.ts'),
});

/** These files of the client reach the flag by AWS alone, and nothing else of `activities/`. */
const glass = (file: string, line: string, caught: boolean): Planted => ({
  ...plant('client', line, caught),
  name: `${file}: ${line}`,
  path: join('client', 'flag', file),
});
const exceptions = [
  ...['break-glass.ts', 'break-glass-words.ts'].flatMap((file) => [
    glass(file, `import { x } from '../activities/break-glass'; export const y = x;`, false),
    glass(file, `import { x } from '../activities/break-glass-2'; export const y = x;`, true),
    glass(file, `import { x } from '../activities'; export const y = x;`, true),
    glass(file, `import { x } from '../activities/aws'; export const y = x;`, true),
    glass(file, `import { x } from '../flags'; export const y = x;`, true),
    glass(file, AWS_SSM, true),
    glass(file, `import { x } from '../workflows/messages'; export const y = x;`, false),
  ]),
  ...[AWS_SSM, `import { x } from '../flags/guardian'; export const y = x;`].map((line) => handler(line, false)),
  handler(`import { x } from '../activities/aws'; export const y = x;`, true),
  handler(`import * as x from '@temporalio/client'; export const y = x;`, true),
  glass('rollback.ts', `import { x } from '../activities/break-glass'; export const y = x;`, true),
  ...[
    `import { x } from '../worker/process'; export const y = x;`,
    `import { x } from '../worker/run'; export const y = x;`,
  ].map((line, index): Planted => ({
    ...plant('pavi', line, index === 1),
    name: `worker of PAVI: ${line}`,
    path: join('pavi', 'worker.ts'),
  })),
  plant('pavi', `import { x } from '../worker/process'; export const y = x;`, true),
  glass('glass.ts', `import { x } from '../activities/break-glass'; export const y = x;`, true),
];

const BUILT_INS = [
  'node:fs',
  'fs',
  'node:crypto',
  'crypto',
  'fs/promises',
  'path',
  'child_process',
  'node:timers/promises',
];
const TEMPORAL_OUTSIDE = ['client', 'worker', 'activity', 'envconfig', 'testing'].map((name) => `@temporalio/${name}`);
const CDK = ['aws-cdk-lib', 'aws-cdk-lib/aws-ssm', '@aws-cdk/toolkit-lib', 'constructs'];
const AWS = ['@aws-sdk/client-ssm', '@smithy/types'];

const imports = (from: string, names: readonly string[], caught: boolean): Planted[] =>
  names.map((name) => plant(from, `import * as x from '${name}'; export const y = x;`, caught));

const packageArrows = [
  ...['rules', 'flags', 'pavi'].flatMap((pure) => [
    ...imports(pure, [...BUILT_INS, ...AWS, ...CDK, ...TEMPORAL_OUTSIDE], true),
    ...imports(pure, ['@temporalio/workflow', '@temporalio/common'], true),
    ...imports(pure, ['luxon', 'zod'], false),
  ]),
  ...imports('workflows', [...BUILT_INS, ...AWS, ...CDK, ...TEMPORAL_OUTSIDE], true),
  ...imports('workflows', ['@temporalio/workflow', '@temporalio/common', 'luxon'], false),
  ...imports('client', [...AWS, ...CDK, '@temporalio/worker', '@temporalio/activity', '@temporalio/testing'], true),
  ...imports('client', ['@temporalio/client', '@temporalio/envconfig', 'node:fs', 'commander'], false),
  ...imports('activities', ['@temporalio/workflow', '@temporalio/worker', '@temporalio/testing'], true),
  ...imports('activities', ['@temporalio/activity', '@temporalio/client', ...AWS, ...CDK, 'node:fs'], false),
  ...imports('infra', ['@temporalio/client', ...AWS], true),
  ...imports('infra', ['aws-cdk-lib', 'constructs', 'node:path'], false),
  ...imports('worker', ['@temporalio/worker', '@temporalio/envconfig', 'node:fs', 'pino'], false),
];

const PURE_VIOLATIONS = [
  ...['process.env', 'globalThis.x', 'global.x', "Buffer.from('x')", 'performance.now()', 'crypto.randomUUID()'],
  ...["fetch('http://x')", 'setTimeout(f, 1)', 'setInterval(f, 1)', 'setImmediate(f)', 'queueMicrotask(f)'],
  ...["console.log('x')", "new WebSocket('x')", "require('fs')", "import('node:fs')"],
  ...['Date.now()', 'Date.now', 'new Date()', 'Date()', 'Math.random()'],
  ...['DateTime.now()', 'DateTime.local()', 'DateTime.utc()', 'when.diffNow()', 'when.toRelative()'],
];
const PURE_ALLOWED = [
  'new Date(nowMs)',
  'Math.floor(x)',
  'DateTime.fromMillis(nowMs)',
  'DateTime.utc(2026, 11, 3)',
  'Date.UTC(2026, 0)',
];

const clocks = [
  ...['rules', 'flags', 'pavi'].flatMap((pure) => [
    ...PURE_VIOLATIONS.map((expression) => plant(pure, `export const y = ${expression};`, true)),
    ...PURE_ALLOWED.map((expression) => plant(pure, `export const y = ${expression};`, false)),
  ]),
  plant('workflows', 'export const y = process.env;', true),
  plant('workflows', 'export const y = Date.now();', false),
  plant('activities', 'export const y = [Date.now(), process.env];', false),
];

const style = [
  plant('rules', 'export default function x(): void {}', true),
  plant('test', 'const x = 1; export { x as default };', true),
  plant('client', 'export enum X { A }', true),
  plant('activities', 'export const y = AbortSignal.timeout(1);', true),
  plant('activities', 'export const x: any = 1;', true),
  plant('worker', 'export function x(a: 1, b: 1, c: 1, d: 1, e: 1): unknown { return [a, b, c, d, e]; }', true),
  plant('worker', 'export function x(a: 1, b: 1, c: 1, d: 1): unknown { return [a, b, c, d]; }', false),
  plant('infra', `export function x(): number {\n${'  f();\n'.repeat(50)}  return 1;\n}`, true),
  plant('test', `export function x(): number {\n${'  f();\n'.repeat(50)}  return 1;\n}`, false),
  plant('test', 'f();\n'.repeat(301), true),
  plant('test', `${'f();\n'.repeat(300)}${'// x\n\n'.repeat(50)}`, false),
];

interface Message {
  /** Absent for a text that cannot be parsed. */
  readonly rule: string | null;
  readonly message: string;
}

/** In a comment, in every kind of string, across the lines of a comment; a name in code is no text. */
const words = FOLDERS.flatMap((from) => [
  plant(from, '// It starts anew.', true),
  plant(from, '/** It waits two minutes at\n * the least. */', true),
  plant(from, '// It waits two minutes at\n// the least.', true),
  plant(from, "export const text = 'Whoever asks gets it.';", true),
  plant(from, 'export const text = `It is told ${1} time.`;', true),
  plant(from, 'export const text = `${1} hour amid a raise`;', true),
  plant(from, '// The rest thereof was hitherto unknown.', true),
  plant(from, '/** A value above 0, by whose\n * hand ever, is watched. */', true),
  plant(from, "export const text = 'none, it goes on by itself';", true),
  plant(from, 'export const amid = 1;', false),
  plant(from, '// The letter stands for a word.', false),
]);

/** In a comment, a string and a name; the folders of a service and the tests have them. */
const service = FOLDERS.flatMap((from) => {
  // Directly in infra/ are the constructs for any service.
  const isEngine = ENGINE.includes(from) || from === 'infra';
  return [
    plant(from, '// It goes back to Nextflow.', isEngine),
    plant(from, "export const text = 'x-pavi-backend';", isEngine),
    plant(from, 'export const USE_STEP_FUNCTIONS = 1;', isEngine),
    plant(from, 'export const bestAlignment = 1;', isEngine),
    plant(from, '// An execution of Step Functions.', false),
  ];
});
service.push({ ...plant('infra', '// It goes back to Nextflow.', false), path: join('infra', 'pavi', 'planted.ts') });

const groups: Readonly<Record<string, readonly Planted[]>> = {
  'every pair of folders: by value, by type, re-exported, whole, dynamic, from deeper': folderArrows,
  'of workflows/ the client sees only messages': messages,
  'the two ways past an arrow, and no further': exceptions,
  'packages and Node built-ins': packageArrows,
  'clock, chance and process': clocks,
  'texts that no decision imports': reports,
  'banned words in comments and strings': words,
  'words of one service in the engine': service,
  style,
};

function lint(planted: readonly Planted[]): Message[][] {
  const helper = join(ROOT, 'test/helpers/processes/lint-texts.mjs');
  const input = JSON.stringify(planted.map(({ path, text }) => ({ path: join(ROOT, path), text })));
  return JSON.parse(execFileSync(process.execPath, [helper], { cwd: ROOT, input, encoding: 'utf8', maxBuffer: 1e8 }));
}

/** What lint did otherwise than the table says, in words; undefined when all is well. */
function surprise({ name, caught }: Planted, found: readonly Message[]): string | undefined {
  const unreadable = found.find(({ rule }) => rule === null);
  if (unreadable) return `cannot be parsed: ${name}: ${unreadable.message}`;
  if (found.length > 0 === caught) return undefined;
  return caught ? `not caught: ${name}` : `caught wrongly: ${name}: ${found.map(({ message }) => message).join(' ')}`;
}

describe('the arrows between folders', () => {
  const answers = new Map<Planted, Message[]>();
  beforeAll(() => {
    const planted = Object.values(groups).flat();
    lint(planted).forEach((found, index) => answers.set(planted[index]!, found));
  }, 120_000);

  it.each(Object.entries(groups))('%s', (_name, planted) => {
    const surprises = planted.map((one) => surprise(one, answers.get(one)!)).filter((why) => why !== undefined);
    expect(surprises).toEqual([]);
  });

  it('cover every folder that holds code', () => {
    const folders = readdirSync(ROOT, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
      .map(({ name }) => name)
      .filter((name) =>
        readdirSync(join(ROOT, name), { recursive: true }).some((file) => String(file).endsWith('.ts')),
      );
    expect(FOLDERS).toEqual(
      expect.arrayContaining(folders.filter((name) => !['cdk.out', 'coverage', 'dist'].includes(name))),
    );
    expect(Object.keys(ALLOWED).sort()).toEqual([...FOLDERS].sort());
  });
});

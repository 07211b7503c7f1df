/**
 * `npm run build`: makes `dist/`, the code of the package. Each file of the product is compiled by itself and keeps its place, beside the
 * plans and the scripts that it uses; what `exports` names has its types; the workflows and the guardian are bundled, so that an
 * installed package needs no compiler.
 */
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import { bundleGuardian } from '../infra/guardian-code';
import { keptBundle } from '../worker/bundle';
import { importedPackages } from './imported-packages';

const ROOT = resolve(__dirname, '..');
const DIST = join(ROOT, 'dist');
const CODE = ['activities', 'client', 'flags', 'infra', 'pavi', 'rules', 'sandbox', 'worker', 'workflows'] as const;
/** No test file and no file of the development is part of the package. */
const LEFT_OUT =
  /^(test_.*|.*golden-vectors\.json|golden\.py|.*_golden\.py|write-plan-schema\.ts|answer-schemas\.ts|.*\.d\.(ts|mts))$/;

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const filesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !LEFT_OUT.test(entry.name) && basename(entry.parentPath) !== '__pycache__')
    .map((entry) => join(entry.parentPath, entry.name));

async function main(): Promise<void> {
  rmSync(DIST, { recursive: true, force: true });
  const files = CODE.flatMap(filesIn);
  const sources = files.filter((file) => file.endsWith('.ts'));
  compile(sources);
  for (const file of files) if (!file.endsWith('.ts')) copy(file);
  cpSync(join(ROOT, 'plans'), join(DIST, 'plans'), { recursive: true });
  copyFileSync(join(__dirname, 'register.cjs'), join(DIST, 'register.cjs'));
  bundleGuardian(join(DIST, 'infra', 'guardian'));
  const { code } = await keptBundle();
  writeFileSync(join(DIST, 'worker', 'workflows.js'), code);
  const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
  writeFileSync(join(DIST, 'package.json'), `${JSON.stringify(ownManifest(manifest, sources), null, 2)}\n`);
  execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '--project', join(__dirname, 'types.json')], {
    stdio: 'inherit',
  });
}

function compile(entryPoints: string[]): void {
  buildSync({
    entryPoints,
    outdir: DIST,
    outbase: ROOT,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // As in register.cjs: Node would load a second copy of a package that has one for `import` and one for `require`.
    supported: { 'dynamic-import': false },
    logLevel: 'warning',
  });
}

function copy(file: string): void {
  const to = file.replace(ROOT, DIST);
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(file, to);
}

const DEPLOYMENT = ['@aws-cdk/toolkit-lib', '@aws-cdk/cloudformation-diff', 'aws-cdk-lib', 'constructs'];
const WORKER = ['@temporalio/worker'];

/** What the compiled code reads: its version, and the packages that each optional part needs. */
function ownManifest({ name, version, dependencies, devDependencies }: Manifest, sources: readonly string[]): object {
  const pinned = (names: readonly string[]): Readonly<Record<string, string>> =>
    Object.fromEntries(names.map((one) => [one, devDependencies[one] ?? 'latest']));
  const ofSandbox = importedPackages(sources.filter((file) => file.startsWith(join(ROOT, 'sandbox'))));
  const sandbox = [...new Set([...WORKER, ...DEPLOYMENT, ...ofSandbox])].filter((one) => devDependencies[one]);
  const missing = ofSandbox.filter((one) => !dependencies[one] && !devDependencies[one]);
  if (missing.length > 0) throw new Error(`package.json does not name ${missing.join(', ')}`);
  const optional = { worker: pinned(WORKER), deployment: pinned(DEPLOYMENT), sandbox: pinned(sandbox) };
  return { name, version, type: 'commonjs', optional };
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

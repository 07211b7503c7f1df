import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { bundleWorkflowCode, type BundleOptions } from '@temporalio/worker';

/** The bundle options of everything that runs or replays our workflows. */
export const WORKFLOWS = {
  workflowsPath: require.resolve('../workflows'),
  payloadConverterPath: require.resolve('../workflows/boundary/payload-converter'),
  failureConverterPath: require.resolve('../workflows/boundary/failure-converter'),
  workflowInterceptorModules: [require.resolve('../workflows/boundary/boundary')],
} as const;

/** For conversions outside workflows: an activity with an unreadable input must fail. */
export const DATA_CONVERTER = { failureConverterPath: WORKFLOWS.failureConverterPath } as const;

const ROOT = resolve(__dirname, '..');
/** The bundle that `npm run build` puts into the package. */
const BUILT = join(__dirname, 'workflows.js');

/**
 * How long the code of a workflow may run without a wait. By default 5 s, which a starved machine can exceed; and the watchdog that then
 * stops it can end the whole process, with "async hook stack has become corrupted" (Node 20, in the middle of an AsyncLocalStorage). The SDK
 * takes the option and does not declare it (`WorkerOptionsWithDefaults` in its `worker-options.d.ts`).
 */
export const PATIENCE: object = { isolateExecutionTimeout: '1m' };

/** @param more Other workflows for a test, or a logger. */
export const bundleWorkflows = (more: Partial<BundleOptions> = {}) =>
  bundleWorkflowCode({
    ...WORKFLOWS,
    workflowInterceptorModules: [...WORKFLOWS.workflowInterceptorModules],
    preloadModules: [...rulesOfWorkflows()],
    webpackConfigHook: withoutComments,
    ...more,
  });

type WebpackConfig = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0];

/** Leaves out comments and white space, a third of the bundle. Names stay, and the source map says where in the sources they are. */
function withoutComments(config: WebpackConfig): WebpackConfig {
  const rules = (config.module?.rules ?? []).map((rule) => {
    const { use } = Object(rule) as { readonly use?: { readonly loader?: string; readonly options?: SwcOptions } };
    if (use?.loader?.includes('swc-loader') !== true) return rule;
    const jsc = { ...use.options?.jsc, minify: { compress: false, mangle: false, format: { comments: false } } };
    return { ...Object(rule), use: { ...use, options: { ...use.options, minify: true, jsc } } };
  });
  return { ...config, module: { ...config.module, rules } };
}

interface SwcOptions {
  readonly jsc?: object;
}

/**
 * What workflows import of `rules/`, with the packages that it needs. It keeps no state of a workflow, so a worker evaluates it once and its
 * workflows share it: 2.2 ms and 0.1 MB a workflow in place of 13 ms and 1.1 MB.
 */
function rulesOfWorkflows(): ReadonlySet<string> {
  const folder = join(ROOT, 'workflows');
  const imported = sourcesIn(folder).flatMap((path) =>
    [...readFileSync(path, 'utf8').matchAll(/^import (?!type )[^;]*? from '([^']+)';$/gm)].map(([, name = '']) =>
      resolve(dirname(path), name),
    ),
  );
  return new Set(imported.filter((path) => path.startsWith(join(ROOT, 'rules', '/'))));
}

const sourcesIn = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));

/** The workflows as one script, as `Worker.create` takes it. */
export interface KeptBundle {
  readonly code: string;
}

/**
 * The bundle of our workflows, made once for as long as its sources stay the same: bundling takes most of a worker's start. It is kept in
 * `.sandbox/workflows/` under the hash of all that it is made from. The package contains its bundle.
 */
export async function keptBundle({
  logger,
  root = ROOT,
}: Pick<BundleOptions, 'logger'> & { readonly root?: string } = {}): Promise<KeptBundle> {
  if (existsSync(BUILT)) return { code: readFileSync(BUILT, 'utf8') };
  const folder = join(root, '.sandbox', 'workflows');
  const name = nameOfBundle(root);
  try {
    return { code: readFileSync(join(folder, name), 'utf8') };
  } catch {
    const { code } = await bundleWorkflows({ logger });
    keep(folder, name, code);
    return { code };
  }
}

/** The rooms that a bundle is made from: `workflows/` imports `rules/`, which imports `flags/`. */
const BUNDLED = ['workflows', 'rules', 'flags'];

/** By the hash of the options and the sources. The entry counts by its path and text, because a test may bundle another one. */
export function nameOfBundle(root: string): string {
  const sources = BUNDLED.flatMap((folder) => sourcesIn(join(root, folder))).map((path) => relative(root, path));
  const entry = [WORKFLOWS, readFileSync(WORKFLOWS.workflowsPath, 'utf8')];
  const hash = createHash('sha256').update(JSON.stringify(entry));
  for (const name of ['package-lock.json', 'worker/bundle.ts', ...sources.sort()])
    hash.update(JSON.stringify([name, readFileSync(join(root, name), 'utf8')]));
  return `${hash.digest('hex')}.js`;
}

/** A bundle has 4 MB. More than one, because a worker of other sources may start from the same folder, as in a test. */
const MOST_KEPT = 3;

/** In one step, because another worker may read it. Where nothing can be written, as in a container, each start bundles. */
function keep(folder: string, name: string, code: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    const unfinished = join(folder, `${name}.${process.pid}`);
    writeFileSync(unfinished, code);
    renameSync(unfinished, join(folder, name));
    const ageOf = (other: string): number => -statSync(join(folder, other)).mtimeMs;
    const newestFirst = readdirSync(folder).sort((a, b) => ageOf(a) - ageOf(b));
    for (const other of newestFirst.slice(MOST_KEPT)) rmSync(join(folder, other), { force: true });
  } catch {
    // Bundled again at the next start.
  }
}

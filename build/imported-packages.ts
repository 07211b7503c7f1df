import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';

/** The names of the packages whose values the files load; types alone need no package. */
export function importedPackages(files: readonly string[]): readonly string[] {
  const found = files.flatMap((file) =>
    [
      ...readFileSync(file, 'utf8').matchAll(
        /^(?:import|export) (?!type )[^;]*?from '([^'.][^']*)'|import\('([^'.][^']*)'\)/gm,
      ),
    ].map(([, named, called]) => named ?? called ?? ''),
  );
  const names = found.map((path) => path.split('/', path.startsWith('@') ? 2 : 1).join('/'));
  return [...new Set(names)].filter((name) => !name.startsWith('node:') && !builtinModules.includes(name)).sort();
}

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { preProcessFile } from 'typescript';

const ROOT = join(__dirname, '../../..');
const FOLDERS = ['rules', 'flags', 'pavi', 'workflows', 'activities', 'worker', 'client', 'infra', 'sandbox', 'bench'];

const files = new Map(
  FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  ).map((file) => [file, importsOf(file)] as const),
);

/** Types too: a reader of two files in a circle can begin at neither. */
function importsOf(file: string): readonly string[] {
  return preProcessFile(readFileSync(join(ROOT, file), 'utf8'))
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => join(dirname(file), fileName));
}

const fileOf = (path: string): string | undefined =>
  [`${path}.ts`, join(path, 'index.ts'), path].find((candidate) => files.has(candidate));

/** The first way from a file back to itself, as the files on it. */
function circleFrom(file: string, way: readonly string[], seen: Set<string>): readonly string[] | undefined {
  if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
  if (seen.has(file)) return undefined;
  seen.add(file);
  for (const path of files.get(file) ?? []) {
    const next = fileOf(path);
    const circle = next === undefined ? undefined : circleFrom(next, [...way, file], seen);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

it('no file imports itself over others', () => {
  expect(files.size).toBeGreaterThan(350);
  const imports = Array.from(files.values()).flat();
  expect(imports.filter((path) => fileOf(path) !== undefined).length).toBeGreaterThan(1_200);
  const seen = new Set<string>();
  const circles = Array.from(files.keys()).flatMap((file) => circleFrom(file, [], seen)?.join(' → ') ?? []);
  expect(circles).toEqual([]);
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { planJsonSchema } from '../../../rules/plan/json-schema';
import { PLANS } from './broken-plan';

interface Node {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
}

function keysOf(node: Node, path: string): readonly (readonly [string, Node])[] {
  const own = Object.entries(node.properties ?? {}).map(([name, inner]) => [`${path}.${name}`, inner] as const);
  const below = [...(node.items ? [node.items] : []), ...(node.anyOf ?? [])].map((inner) => [path, inner] as const);
  return [...own, ...[...own, ...below].flatMap(([at, inner]) => keysOf(inner, at))];
}

describe('plans/plan.schema.json', () => {
  it('is what the schema of the rules gives; write it again with npm run schema', () => {
    const committed = JSON.parse(readFileSync(join(PLANS, 'plan.schema.json'), 'utf8')) as unknown;
    expect(committed).toEqual(planJsonSchema());
  });

  it('describes every key', () => {
    const keys = keysOf(planJsonSchema() as Node, 'plan');
    expect(keys.length).toBeGreaterThan(40);
    expect(keys.filter(([, { description }]) => !description?.endsWith('.')).map(([path]) => path)).toEqual([]);
  });
});

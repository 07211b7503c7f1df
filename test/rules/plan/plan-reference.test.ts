import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { BEGIN, END, planReference, withReference, type SchemaNode } from '../../../client/plan-reference';
import { planJsonSchema } from '../../../rules/plan/json-schema';

const ROOT = join(__dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const plans = ['plans/pavi.yaml', 'plans/sandbox.yaml'].map((file) => parse(read(file), { merge: true }) as unknown);
const page = read('docs/plan.md');
const reference = planReference(planJsonSchema() as SchemaNode, plans);

/** The rows of the reference as cells. */
const rows = reference
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) =>
    line
      .slice(1, -1)
      .split(/(?<!\\)\|/)
      .map((cell) => cell.trim()),
  );

describe('the reference in docs/plan.md', () => {
  it('is what the schema gives; write it again with npm run schema', () => {
    expect(page).toBe(withReference(page, reference));
  });

  it('has a type, a default, a description and an example for every key', () => {
    expect(rows.length).toBeGreaterThan(100);
    for (const row of rows) {
      expect(row).toHaveLength(5);
      for (const cell of row) expect([row[0], cell.length > 0]).toEqual([row[0], true]);
    }
  });

  it('refuses a page without its markers', () => {
    expect(() => withReference(page.replace(END, ''), reference)).toThrow('markers');
    expect(() => withReference(page.replace(BEGIN, ''), reference)).toThrow('markers');
  });
});

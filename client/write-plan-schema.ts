/** Writes `plans/plan.schema.json`, with which editors complete and check plan files. Run by `npm run schema`. */
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { planJsonSchema } from '../rules/plan/json-schema';

async function writePlanSchema(): Promise<void> {
  const file = resolve(__dirname, '../plans/plan.schema.json');
  const text = JSON.stringify(planJsonSchema());
  await writeFile(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

void writePlanSchema();

/**
 * Writes `plans/plan.schema.json`, with which editors complete and check plan files, the reference in `docs/plan.md`, and
 * the verb tables in `README.md` and `docs/operating.md`, and `client/program/verbs.json`, which help shows. Run by `npm run schema`.
 */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { parse } from 'yaml';
import { planJsonSchema } from '../rules/plan/json-schema';
import { planReference, withReference } from './plan-reference';
import { dailyVerbs, verbsByGroup, withVerbs } from './program/verb-tables';
import { declarations, loadedVerbs } from './program/verbs';

const at = (path: string): string => resolve(__dirname, '..', path);
const readPlan = async (file: string): Promise<unknown> => parse(await readFile(at(file), 'utf8'), { merge: true });

async function writeFormatted(path: string, text: string): Promise<void> {
  const file = at(path);
  await writeFile(file, await format(text, { ...(await resolveConfig(file)), filepath: file }));
}

async function writePlanSchema(): Promise<void> {
  const schema = planJsonSchema();
  const examples = (await readdir(at('plans'))).filter((file) => file.endsWith('.yaml')).sort();
  const plans = await Promise.all(examples.map((file) => readPlan(`plans/${file}`)));
  await writeFormatted('plans/plan.schema.json', JSON.stringify(schema));
  const page = await readFile(at('docs/plan.md'), 'utf8');
  await writeFormatted('docs/plan.md', withReference(page, planReference(schema, plans)));
  const verbs = loadedVerbs();
  await writeFormatted('README.md', withVerbs(await readFile(at('README.md'), 'utf8'), dailyVerbs(verbs)));
  const operating = await readFile(at('docs/operating.md'), 'utf8');
  await writeFormatted('docs/operating.md', withVerbs(operating, verbsByGroup(verbs)));
  await writeFormatted('client/program/verbs.json', JSON.stringify(declarations()));
}

void writePlanSchema();

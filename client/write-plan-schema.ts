/**
 * Writes `plans/plan.schema.json`, with which editors complete and check plan files, the reference in `docs/plan.md`, the verb tables in
 * `README.md` and `docs/operating.md`, `client/program/verbs.json`, which help shows, and the schemas of the answers in `schemas/` with
 * their table in `docs/json.md`. Run by `npm run schema`.
 */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { parse } from 'yaml';
import { planJsonSchema } from '../rules/plan/json-schema';
import { planReference, withReference } from './plan-reference';
import { answerSchemas, withAnswers } from './answers/answer-schemas';
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
  await writeAnswers();
}

async function writeAnswers(): Promise<void> {
  const schemas = answerSchemas();
  // One that is no longer declared goes.
  await rm(at('schemas'), { recursive: true, force: true });
  await mkdir(at('schemas'));
  for (const [kind, schema] of schemas) await writeFormatted(`schemas/${kind}.schema.json`, JSON.stringify(schema));
  await writeFormatted('docs/json.md', withAnswers(await readFile(at('docs/json.md'), 'utf8'), schemas));
}

void writePlanSchema();

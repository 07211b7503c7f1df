import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { program } from '../../../client/program/program';

const readme = readFileSync(join(__dirname, '../../../README.md'), 'utf8');
const verbs = program('rollout', () => undefined).commands.map((command) => command.name());

it.each(verbs)('the README tells of the verb %s', (verb) => {
  expect(readme).toMatch(new RegExp(`\`(npx rollout )?${verb}\\b|npx rollout ${verb}\\b`));
});

it('the README tells of no verb that there is not', () => {
  const told = Array.from(readme.matchAll(/npx rollout ([a-z-]+)/g), ([, verb = '']) => verb);
  expect(verbs.length).toBeGreaterThan(20);
  expect(told.filter((verb) => !verbs.includes(verb))).toEqual([]);
});

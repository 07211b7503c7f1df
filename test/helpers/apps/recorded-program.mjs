// Stands for the program in tests of the action: prints and answers what ANSWERS says of its verb, and keeps what it was asked.
import { appendFileSync } from 'node:fs';

const words = process.argv.slice(2);
const { ANSWERS = '{}', ASKED = '/dev/null' } = process.env;
appendFileSync(
  ASKED,
  `${JSON.stringify({ words, actor: process.env.ROLLOUT_ACTOR, token: process.env.GITHUB_TOKEN })}\n`,
);
const { code = 0, out = '', json = {} } = JSON.parse(ANSWERS)[words[0]] ?? {};
console.log(words.includes('--json') ? JSON.stringify(json) : out);
process.exitCode = code;

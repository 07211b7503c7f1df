// Reads [{ "path", "text" }] from standard input, lints each text as if it were the file at that path, and prints
// [[{ "rule", "message" }]]. A process of its own, because Jest cannot load an ESLint configuration that is a module.
import { text } from 'node:stream/consumers';
import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

// The planted files do not exist, so rules that ask the type checker are left out.
const overrideConfig = [
  { files: ['**/*.ts'], ...tseslint.configs.disableTypeChecked },
  { files: ['**/*.ts'], rules: { '@typescript-eslint/no-unused-vars': 'off' } },
];
const eslint = new ESLint({ overrideConfig });

const answers = [];
for (const planted of JSON.parse(await text(process.stdin))) {
  const [result] = await eslint.lintText(planted.text, { filePath: planted.path });
  answers.push(result.messages.map(({ ruleId, message }) => ({ rule: ruleId, message })));
}
process.stdout.write(JSON.stringify(answers));

/** Of `npm run test:iam`: what each part may do, on how many resources, and which code asks for it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from 'aws-cdk-lib';
import { partsIn, reasonsOf } from './rights';

const folder = mkdtempSync(join(tmpdir(), 'rollout-rights-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

for (const part of partsIn(() => new App({ outdir: mkdtempSync(join(folder, 'out-')) }))) {
  process.stdout.write(`\n${part.name}\n`);
  for (const { Action, Resource, Condition } of part.statements) {
    process.stdout.write(`  on ${Resource.join('\n     ')}\n`);
    if (Condition !== undefined) process.stdout.write(`  if ${JSON.stringify(Condition)}\n`);
    for (const action of Action)
      process.stdout.write(`    ${action.padEnd(46)} ${reasonsOf(part, action).join(', ')}\n`);
  }
}

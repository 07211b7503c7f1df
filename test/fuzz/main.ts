/**
 * Feeds odd inputs to everything that reads what comes from outside: `npm run fuzz -- [--inputs 100000] [--seed 1] [--only TARGET] [--json]`.
 * Ends with 1 after a crash or a wrong result.
 */
import { parseArgs } from 'node:util';
import { fuzz, type Fuzzed } from './run';
import { TARGETS } from './targets';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '100000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
    only: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const [inputs, seed] = [Number(values.inputs), Number(values.seed)];
const targets = TARGETS.filter(({ name }) => values.only === undefined || name === values.only);
if (!Number.isSafeInteger(seed) || !(inputs > 0) || targets.length === 0) {
  const names = TARGETS.map(({ name }) => name).join(', ');
  console.error(`Write --inputs and --seed as numbers, and --only as one of: ${names}.`);
  process.exitCode = 2;
} else {
  const fuzzed = fuzz(targets, inputs, seed);
  console.log(values.json ? JSON.stringify(fuzzed) : inWords(fuzzed));
  process.exitCode = fuzzed.crashes + fuzzed.wrong === 0 ? 0 : 1;
}

function inWords({ targets: fed, inputs: count, crashes, wrong, seed: used, found }: Fuzzed): string {
  const rows = fed.map(
    (one) =>
      `${one.target.padEnd(34)} ${String(one.inputs).padStart(7)} inputs ${one.seconds.toFixed(1).padStart(6)} s  ${one.found === 0 ? 'fine' : `${one.found} FOUND`}`,
  );
  const each = found.map(({ target, nth, input, error }) => `\n${target}, input ${nth}:\n${input}\n${error}`);
  return [...rows, `${count} inputs, ${crashes} crashes, ${wrong} wrong results, seed ${used}`, ...each].join('\n');
}

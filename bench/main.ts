/** Measures. `npm run bench -- NAME [--quick] [--json] [--rounds 5] [--rollouts 1000] [--budget-ms 10000]`. */
import { parseArgs } from 'node:util';
import type { BenchOptions } from './bench';
import { BENCHES } from './benches';
import { inWords } from './in-words';
import { describeMachine } from './machine';

const USAGE = [
  'npm run bench -- NAME [--quick] [--json] [--rounds 5] [--rollouts 1000] [--budget-ms 10000]',
  ...Object.entries(BENCHES).map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`),
].join('\n');

interface Asked {
  readonly name: string;
  readonly json: boolean;
  readonly options: BenchOptions;
}

async function main(): Promise<void> {
  const asked = read(process.argv.slice(2));
  if (typeof asked === 'string') {
    console.error(`${asked}\n${USAGE}`);
    process.exitCode = 2;
    return;
  }
  // Some libraries do more in development.
  process.env['NODE_ENV'] = 'production';
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const { name, json, options } = asked;
  const { run, table } = BENCHES[name]!.load();
  const machine = describeMachine();
  const result = await run(options);
  console.log(json ? JSON.stringify({ bench: name, machine, ...result }) : inWords(table(result), machine));
}

/** What was asked for, or what is wrong with it. */
function read(words: readonly string[]): Asked | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        rounds: { type: 'string' },
        rollouts: { type: 'string' },
        'budget-ms': { type: 'string' },
      },
    });
    const [name = '', ...more] = positionals;
    if (more.length > 0 || !Object.hasOwn(BENCHES, name)) return `There is no bench "${positionals.join(' ')}".`;
    const rounds = wholeNumber('--rounds', values.rounds);
    const rollouts = wholeNumber('--rollouts', values.rollouts);
    const budgetMs = wholeNumber('--budget-ms', values['budget-ms']);
    return { name, json: values.json, options: { quick: values.quick, rounds, rollouts, budgetMs } };
  } catch (error) {
    return (error as Error).message;
  }
}

function wholeNumber(option: string, word: string | undefined): number | undefined {
  if (word === undefined || /^[1-9]\d*$/.test(word)) return word === undefined ? undefined : Number(word);
  throw new Error(`${option} takes a whole number above 0, not "${word}".`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

/** Measures. `npm run bench -- flags [--json] [--budget-ms 10000]`. */
import { parseArgs } from 'node:util';
import { benchFlags, type FlagsResult } from './flags';

const USAGE = 'npm run bench -- flags [--json] [--budget-ms 10000]';

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, 'budget-ms': { type: 'string', default: '10000' } },
  });
  const budgetMs = Number(values['budget-ms']);
  if (positionals.join(' ') !== 'flags' || !(budgetMs > 0)) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  // Some libraries do more in development.
  process.env['NODE_ENV'] = 'production';
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const result = await benchFlags(budgetMs);
  console.log(values.json ? JSON.stringify(result) : inWords(result));
}

function inWords({ rows, outageReadP99Us }: FlagsResult): string {
  const count = new Intl.NumberFormat('en');
  return [
    ...rows.map(({ name, evaluationsPerSecond, bytesPerEvaluation }) =>
      [
        name.padEnd(24),
        count.format(evaluationsPerSecond).padStart(14),
        'evaluations/s',
        String(bytesPerEvaluation).padStart(8),
        'bytes each',
      ].join(' '),
    ),
    `A read while SSM is down: p99 ${outageReadP99Us} µs`,
  ].join('\n');
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});

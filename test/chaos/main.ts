/**
 * Kills, freezes and misleads everything a rollout depends on, and checks the invariants from outside:
 * `npm run chaos -- [--minutes 5] [--seed 1] [--rollouts 8] [--break NAME] [--json]`. Ends with 1 after a violation.
 */
import { parseArgs } from 'node:util';
import { BREAKERS } from './breakers';
import { stopParts } from './part';
import { chaos, type ChaosResult } from './run';

const USAGE = [
  'npm run chaos -- [--minutes 5] [--seed 1] [--rollouts 8] [--break NAME] [--json]',
  'To check the check, --break breaks an invariant outside the product; then violations are what it must find:',
  ...Object.entries(BREAKERS).map(([name, { about }]) => `  ${name.padEnd(8)} ${about}`),
].join('\n');

async function main(): Promise<void> {
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '5' },
      seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
      rollouts: { type: 'string', default: '8' },
      break: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const [minutes, seed, rollouts] = [Number(values.minutes), Number(values.seed), Number(values.rollouts)];
  const isKnown = values.break === undefined || Object.hasOwn(BREAKERS, values.break);
  if (!(minutes > 0) || !Number.isSafeInteger(seed) || !Number.isSafeInteger(rollouts) || rollouts < 1 || !isKnown) {
    console.error(USAGE);
    process.exitCode = 2;
    return;
  }
  const say = (line: string): void => console.error(line);
  const result = await chaos({ minutes, seed, rollouts, broken: values.break, say });
  console.log(values.json ? JSON.stringify(result) : inWords(result));
  process.exitCode = result.violations.length === 0 ? 0 : 1;
}

function inWords({ seed, faults, kinds, rollouts, apiAnswers, violations, logs }: ChaosResult): string {
  const of = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
  return [
    ...kinds.map((one) => `${one.kind.padEnd(28)} ${String(one.count).padStart(6)}  ${of(one.of)}`),
    ...violations.map(({ invariant, rollout, what }) => `VIOLATION ${invariant}: ${rollout}: ${what}`),
    ...(logs === undefined ? [] : [`logs of every process: ${logs}`]),
    `${faults} faults of ${kinds.length} kinds, ${rollouts.started} rollouts (${of(rollouts.ended)}), ${apiAnswers} answers of the API, ${violations.length} violations, seed ${seed}`,
  ].join('\n');
}

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)
  process.once(signal, () => {
    console.error(`${signal}: stopping every process …`);
    void stopParts().finally(() => process.exit(code));
  });

main()
  .catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  })
  // A retry of a client may still wait.
  .finally(() => process.exit());

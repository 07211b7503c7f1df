import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createActivities } from '../../../activities';
import { createAwsFor } from '../../../activities/aws';
import type { RolloutState } from '../../../rules/rollout/state/state';
import * as workflows from '../../../workflows';
import * as messages from '../../../workflows/messages';

const WORKFLOWS = join(__dirname, '../../../workflows');
const PAGE = readFileSync(join(__dirname, '../../../docs/wire-contract.md'), 'utf8');

/** The names of a row of the page's table. */
function onThePage(what: string): readonly string[] {
  const row = PAGE.split('\n').find((line) => line.startsWith(`| ${what} `));
  return [...(row ?? '').matchAll(/`([^`]+)`/g)].map(([, name = '']) => name);
}

const exported: readonly unknown[] = Object.values(messages);
const named = (type: string): readonly string[] =>
  exported.flatMap((value) => {
    const { type: is, name } = Object(value) as { readonly type?: unknown; readonly name?: unknown };
    return is === type ? [String(name)] : [];
  });

const ids = Object.entries(messages).flatMap(([name, value]) =>
  /WorkflowId$/.test(name) && typeof value === 'function' && value.length === 2
    ? [(value as (service: string, environment: string) => string)('{service}', '{env}')]
    : [],
);

/** The compiler refuses it as soon as the state has another key. */
const STATE: Readonly<Record<keyof RolloutState, true>> = {
  adoption: true,
  audit: true,
  clock: true,
  delivery: true,
  flag: true,
  gates: true,
  held: true,
  identity: true,
  log: true,
  outcome: true,
  paused: true,
  schema: true,
  startedAtMs: true,
  startedBy: true,
  step: true,
  stop: true,
  watch: true,
  wentOnAt: true,
  zero: true,
};

const patches = readdirSync(WORKFLOWS, { recursive: true, encoding: 'utf8' }).flatMap((file) =>
  file.endsWith('.ts')
    ? [...readFileSync(join(WORKFLOWS, file), 'utf8').matchAll(/\bpatched\('([^']+)'\)/g)].map(([, id = '']) => id)
    : [],
);

it.each<[string, readonly string[]]>([
  ['Task queues', [messages.TASK_QUEUE, messages.ZERO_QUEUE]],
  ['Workflow types', Object.keys(workflows)],
  ['Workflow ids', ids],
  ['Signals', named('signal')],
  ['Updates', named('update')],
  ['Queries', named('query')],
  ['Activities', Object.keys(createActivities(createAwsFor()))],
  ['Search attributes', messages.LISTED.map(({ name }) => name)],
  ['State of a rollout', Object.keys(STATE)],
  ['Patches', patches],
])('%s are those of the page', (what, names) => {
  expect(onThePage(what)).toEqual([...new Set(names)].sort());
});

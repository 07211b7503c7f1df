import { parse } from 'yaml';
import type { Path } from '../../../../rules/plan/problems/problems';
import { problemAt, type Edit, problemsAfter } from '../broken-plan';

const prod = ['environments', 2] as const;
const all = (text: string): Edit => ({ at: ['checks'], to: parse(text) as unknown });
const own = (text: string): Edit => ({ at: [...prod, 'checks'], to: parse(text) as unknown });
const HEALTH = "health: { http: { url: 'https://x-{env}.example.org/health' } }";

const http = (text: string): readonly Edit[] => [all(`a: { http: { url: http://x, ${text} } }`)];
const metric = (bounds: string) =>
  all(`a: { metric: { metrics: { m: { namespace: N, metric: '{env}', statistic: Sum } }, period: 5m, ${bounds} } }`);

type Row = readonly [what: string, edits: readonly Edit[], at: Path, problem: RegExp, remedy: RegExp];
const rows: readonly Row[] = [
  ['nothing asked', [all('a: {}')], ['checks', 'a'], /asks nothing/, /write one of http, command/],
  [
    'two questions',
    [all('a: { lambda: { function: f-{env} }, alarms-quiet: true }'.replace('f-{env}', "'f-{env}'"))],
    ['checks', 'a', 'alarms-quiet'],
    /second question beside lambda/,
    /another check/,
  ],
  ['an unknown question', [all('a: { htpp: {} }')], ['checks', 'a', 'htpp'], /unknown key/, /write http$/],
  [
    'a word that is none',
    [all('a: alarm-quiet')],
    ['checks', 'a'],
    /must be one of alarms-quiet/,
    /write alarms-quiet/,
  ],
  ['a name in capitals', [all('Health: alarms-quiet')], ['checks', 'Health'], /lower-case/, /health/],
  [
    'the name of a ready check',
    [all('alarms-quiet: { alarms-quiet: true }')],
    ['checks', 'alarms-quiet'],
    /name of a ready check/,
    /another name/,
  ],
  [
    'a relative address',
    [all('a: { http: { url: /health } }')],
    ['checks', 'a', 'http', 'url'],
    /http or https/,
    /https:/,
  ],
  ['a body of a GET', http('body: x'), ['checks', 'a', 'http', 'body'], /no meaning with GET/, /POST/],
  [
    'JSON of a HEAD',
    http('method: HEAD, expect: { json: { a: 1 } }'),
    ['checks', 'a', 'http', 'expect', 'json'],
    /no meaning with HEAD/,
    /GET/,
  ],
  [
    'a status that is none',
    http('expect: { status: 20 }'),
    ['checks', 'a', 'http', 'expect', 'status'],
    /100 to 599/,
    /200/,
  ],
  [
    'a path that is none',
    http('expect: { json: { a..b: 1 } }'),
    ['checks', 'a', 'http', 'expect', 'json', 'a..b'],
    /must be a path/,
    /status: up/,
  ],
  [
    'an empty expectation',
    http('expect: { json: { a: {} } }'),
    ['checks', 'a', 'http', 'expect', 'json', 'a'],
    /expects nothing/,
    /exists/,
  ],
  [
    'a value that must not be there',
    http('expect: { json: { a: { exists: false, equals: 1 } } }'),
    ['checks', 'a', 'http', 'expect', 'json', 'a', 'exists'],
    /never be right/,
    /other keys/,
  ],
  [
    'a command as one text',
    [all('a: { command: { run: python3 x.py } }')],
    ['checks', 'a', 'command', 'run'],
    /must be a list/,
    /\[python3/,
  ],
  [
    'a command of nothing',
    [all('a: { command: { run: [] } }')],
    ['checks', 'a', 'command', 'run'],
    /must name a program/,
    /\[python3/,
  ],
  ['a metric without bounds', [metric('unit: x')], ['checks', 'a', 'metric'], /no bound/, /atLeast or atMost/],
  [
    'bounds that exclude all',
    [metric('atLeast: 3, atMost: 2')],
    ['checks', 'a', 'metric', 'atMost'],
    /less than atLeast/,
    /3 or more/,
  ],
  [
    'less than a period',
    [metric('atMost: 2, last: 1m')],
    ['checks', 'a', 'metric', 'last'],
    /shorter than the period/,
    /one period/,
  ],
  [
    'a metric shared by all',
    [all('a: { metric: { metrics: { m: { namespace: N, metric: M, statistic: Sum } }, period: 5m, atMost: 1 } }')],
    ['checks', 'a', 'metric', 'metrics', 'm'],
    /\{env\}/,
    /dimension/,
  ],
  [
    'a state machine shared by all',
    [all('a: { execution: { stateMachine: m } }')],
    ['checks', 'a', 'execution', 'stateMachine'],
    /\{env\}/,
    /name of the state machine/,
  ],
  [
    'a function that is none',
    [own('a: { lambda: { function: "f g" } }')],
    [...prod, 'checks', 'a', 'lambda', 'function'],
    /Lambda function/,
    /name of the function/,
  ],
  [
    'a rollout of nowhere',
    [all('a: { rollout-completed: stagng }')],
    ['checks', 'a', 'rollout-completed'],
    /not an environment/,
    /staging/,
  ],
  [
    'its own rollout',
    [own('a: { rollout-completed: prod }')],
    [...prod, 'checks', 'a', 'rollout-completed'],
    /environment itself/,
    /dev, staging/,
  ],
  [
    'a time that is none',
    [all('a: { alarms-quiet: true, within: 1y }')],
    ['checks', 'a', 'within'],
    /number and a unit/,
    /30s/,
  ],
  [
    'a proof by an unknown check',
    [all(HEALTH), { at: [...prod, 'checklist', 0, 'proof'], to: { check: 'helth' } }],
    [...prod, 'checklist', 0, 'proof', 'check'],
    /no check of this plan/,
    /write health/,
  ],
  [
    'a proof by an unknown word',
    [all(HEALTH), { at: [...prod, 'checklist', 0, 'proof'], to: 'helth' }],
    [...prod, 'checklist', 0, 'proof'],
    /must be one of alarms-quiet.*health/,
    /write health/,
  ],
  [
    'a proof by both',
    [all(HEALTH), { at: [...prod, 'checklist', 0, 'proof'], to: { check: 'health', environment: 'staging' } }],
    [...prod, 'checklist', 0, 'proof', 'environment'],
    /no meaning with check/,
    /remove/,
  ],
  [
    'a proof by neither',
    [{ at: [...prod, 'checklist', 0, 'proof'], to: { environment: 'staging' } }],
    [...prod, 'checklist', 0, 'proof', 'by'],
    /missing/,
    /rollout-completed/,
  ],
  [
    'an unknown check to verify',
    [all(HEALTH), { at: [...prod, 'verification', 'checks'], to: ['health', 'helth'] }],
    [...prod, 'verification', 'checks', 1],
    /no check of this plan/,
    /write health/,
  ],
  [
    'a check to verify where none is',
    [{ at: [...prod, 'verification', 'checks'], to: ['health'] }],
    [...prod, 'verification', 'checks', 0],
    /no check of this plan/,
    /under checks first/,
  ],
  [
    'a check to verify twice',
    [all(HEALTH), { at: [...prod, 'verification', 'checks'], to: ['health', 'health'] }],
    [...prod, 'verification', 'checks', 1],
    /already used/,
    /remove/,
  ],
  [
    'an unknown part',
    [{ at: [...prod, 'verification', 'require'], to: ['healt'] }],
    [...prod, 'verification', 'require', 0],
    /must be one of health/,
    /write health/,
  ],
];

describe('checkPlan, checks', () => {
  it.each(rows)('refuses %s and says what to write', (_what, ...[edits, at, problem, remedy]) => {
    expect(problemsAfter(...edits)).toEqual([problemAt(at, problem, remedy)]);
  });
});

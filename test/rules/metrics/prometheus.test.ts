import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import {
  BREACH_TO_ZERO,
  COUNTERS,
  GAUGES,
  measuredBy,
  PHASE_SECONDS,
  QUEUE_GAUGES,
  WINDOW_BLOCKED_SECONDS,
} from '../../../rules/metrics/metrics';
import { hold, recordVerdict, stop } from '../../../rules/rollout/pause-hold';
import { begin, type RolloutState } from '../../../rules/rollout/state/state';
import { recordZero, recordZeroProblem } from '../../../rules/rollout/zero';
import { changed } from '../../helpers/samples/changed-state';

const FOLDER = join(__dirname, '../../../docs/prometheus');
const read = (file: string): string => readFileSync(join(FOLDER, file), 'utf8');
const NOW = Date.UTC(2026, 10, 24, 12);
const state: RolloutState = changed(begin('ada', undefined, NOW), { flag: { percentage: 25, known: true } });
const breach = { kind: 'breach', why: 'x', sinceMs: NOW } as const;

/** As the exporter writes them. */
const EXPORTED = new Set([
  ...Object.keys(COUNTERS).map((name) => `${name}_total`),
  ...Object.keys(GAUGES),
  ...Object.keys(QUEUE_GAUGES),
  `${PHASE_SECONDS}_total`,
  `${WINDOW_BLOCKED_SECONDS}_total`,
  ...['bucket', 'sum', 'count'].map((part) => `${BREACH_TO_ZERO}_seconds_${part}`),
]);

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}
interface Dashboard {
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}
const alerts = (
  parse(read('alerts.yml')) as { readonly groups: readonly { readonly rules: readonly Alert[] }[] }
).groups.flatMap(({ rules }) => rules);
const dashboard = JSON.parse(read('dashboard.json')) as Dashboard;
const namesIn = (expr: string): readonly string[] => expr.match(/\brollout_\w+/g) ?? [];

it('alerts and dashboard ask only for metrics that a worker serves, and the dashboard for each of them', () => {
  const asked = [...alerts, ...dashboard.panels.flatMap(({ targets }) => targets)].flatMap(({ expr }) => namesIn(expr));
  expect(asked.filter((name) => !EXPORTED.has(name))).toEqual([]);
  const drawn = new Set(dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => namesIn(expr))));
  const hidden = [...EXPORTED].filter((name) => !/_(sum|count)$|running/.test(name) && !drawn.has(name));
  expect(hidden).toEqual([]);
});

it('each alert says how bad it is, what happened and what to do', () => {
  expect(alerts.map(({ alert }) => alert)).toEqual([
    'RolloutWorkerGone',
    'RolloutUnchecked',
    'RolloutBlind',
    'RolloutZeroNotConfirmed',
    'RolloutOutsideChange',
    'RolloutAlarmQueueLate',
    'RolloutPaused',
  ]);
  for (const { labels, annotations } of alerts) {
    expect(labels.severity).toMatch(/^(critical|warning)$/);
    expect(annotations.description.length).toBeGreaterThan(20);
  }
});

it('a breach, a failed and a confirmed zero, a hold and a check are measured once each', () => {
  const names = (before: RolloutState, after: RolloutState) =>
    measuredBy(before, after, NOW + 700).map((one) => ('counter' in one ? one.counter : one));
  const stopped = stop(state, breach);
  const failed = recordZeroProblem(stopped, 'SSM is down', NOW + 500);
  expect(names(stopped, failed)).toEqual(['rollout_zero_failures']);
  expect(names(failed, recordZeroProblem(failed, 'SSM is down', NOW + 600))).toEqual(['rollout_zero_failures']);
  expect(names(failed, recordZero(failed, 3, NOW + 700))).toEqual([{ breachToZeroMs: 700 }]);
  const aborted = stop(state, { ...breach, kind: 'abort' });
  expect(names(aborted, recordZero(aborted, 3, NOW + 700))).toEqual([]);
  const held = hold(state, { why: 'x', sinceMs: NOW, because: 'unconfirmed' });
  expect(names(state, held)).toEqual(['rollout_holds', 'rollout_unconfirmed_raises']);
  const guard = { name: 'errors', outcome: 'healthy', why: 'x' } as const;
  const verdict = { outcome: 'healthy', why: 'x', atMs: NOW, ringing: [], noticed: [], guards: [guard] } as const;
  const seen = recordVerdict(state, verdict);
  expect(names(state, seen)).toEqual(['rollout_checks', 'rollout_guard_findings']);
  expect(names(seen, { ...seen, paused: { why: 'x', sinceMs: NOW } })).toEqual([]);
});

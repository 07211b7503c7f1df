import type { TrafficOrder } from '../../../activities/act/flag/flags';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import type { RolloutResult } from '../../../workflows/messages';
import type { Did, Order, Task, Told } from './history';

interface Line {
  readonly atMs: number;
  readonly what: string;
}

const LENGTH = 300;

/** A failed story for people: its plan, then what happened outside and what the rollout received and did. */
export function inWords(plan: EnvironmentPlan, outside: readonly Line[], tasks: readonly Task[]): string {
  const { steps, windows, freezes, approvals, checklist, limits, freezeParameter } = plan;
  const parts = { steps, windows, freezes, approvals, checklist, limits, freezeParameter };
  const planned = Object.entries(parts).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}`);
  const inside = tasks.flatMap(({ atMs, told, did }) => [
    ...told.map((one) => ({ atMs, what: `  ${toldWords(one)}` })),
    ...did.map((one) => ({ atMs, what: `  ${didWords(one)}` })),
  ]);
  const lines = [...outside.map(({ atMs, what }) => ({ atMs, what: `* ${what}` })), ...inside]
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, what }) => `  ${new Date(atMs).toISOString()} ${what.slice(0, LENGTH)}`);
  return [...planned, ...lines].join('\n');
}

function toldWords(told: Told): string {
  if (told.what === 'signal') return `hears ${told.name} ${said(told.argument)}`;
  if (told.what === 'update') return `is asked to ${told.name} ${said(told.argument)}: ${said(told.answer)}`;
  const { order, ended, result, givenUp } = told;
  return `${orderWords(order)} ${ended}${givenUp ? ', given up before' : ''}: ${said(result)}`;
}

function didWords(did: Did): string {
  if (did.what === 'end') {
    const { outcome, why } = did.result as RolloutResult;
    return `ends ${outcome}: ${why}`;
  }
  return `${did.what === 'order' ? 'orders' : 'gives up'} ${orderWords(did.order)}`;
}

function orderWords({ activity, input }: Order): string {
  if (activity !== 'setTraffic') return activity;
  const { percentage, generation, reason } = input as TrafficOrder;
  return `${percentage} % (generation ${generation}, ${reason})`;
}

const said = (value: unknown): string => (value === undefined ? '' : JSON.stringify(value));

import Table from 'cli-table3';
import { DateTime } from 'luxon';
import pc from 'picocolors';
import type { EnvironmentPlan } from '../rules/environment-plan';
import { calendar } from '../rules/schedule';
import { describeWindow } from '../rules/window';
import { instant, percent, span } from '../rules/words';
import type { ExitCode } from './failure';
import { Failure } from './failure';
import type { PlanOptions } from './options';
import { say } from './output';
import { readPlan } from './plan-file';
import { localZone } from './render';

/**
 * `rollout plan <env>`: the calendar of a rollout that would start at `--from`, with windows and soaks applied. Needs no
 * server. The times in JSON are ISO 8601 in the zone of the environment's first window, else of this machine.
 */
export function plan(environment: string, options: PlanOptions): Promise<ExitCode> {
  const { plan: planned, file } = readPlan(environment, options);
  const zone = planned.windows[0]?.zone ?? localZone();
  const startMs = startOf(options.from, zone);
  const { steps, finishMs } = calendar(planned, startMs);
  if (!Number.isFinite(finishMs)) throw new Failure(3, `The windows of ${environment} in ${file} never open.`);
  const iso = (ms: number): string => DateTime.fromMillis(ms, { zone }).toISO({ suppressMilliseconds: true }) ?? '';
  say(options, {
    text: textOf(planned, steps, finishMs, zone),
    json: {
      environment,
      steps: steps.map(({ percentage, notBeforeMs }) => ({ percentage, notBefore: iso(notBeforeMs) })),
      finish: iso(finishMs),
    },
  });
  return Promise.resolve(0);
}

function startOf(from: string | undefined, zone: string): number {
  if (from === undefined) return Date.now();
  const start = DateTime.fromISO(from, { zone });
  if (start.isValid) return start.toMillis();
  throw new Failure(2, `--from is ${from}: not a time; write an ISO 8601 one, as 2026-11-03T09:00:00-05:00`);
}

function textOf(
  { service, environment, windows, steps: planned }: EnvironmentPlan,
  steps: ReturnType<typeof calendar>['steps'],
  finishMs: number,
  zone: string,
): string {
  const table = new Table({
    head: ['Step', '%', 'Not before', 'Held for at least'].map((title) => pc.bold(title)),
    style: { head: [], border: [], compact: true },
    colAligns: ['right', 'right', 'left', 'left'],
  });
  steps.forEach(({ percentage, notBeforeMs }, index) =>
    table.push([index + 1, percent(percentage), instant(notBeforeMs, zone), span(planned[index]?.soakMs ?? 0)]),
  );
  const open = windows.length === 0 ? 'at any time' : windows.map(describeWindow).join(', ');
  const end = `Ends ${instant(finishMs, zone)} at the earliest. Raised ${open}; pauses and holds move it later.`;
  return `${service} ${environment}\n${table.toString()}\n${end}`;
}

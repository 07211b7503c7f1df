import { CancellationScope, condition, isCancellation } from '@temporalio/workflow';
import type { Verdict } from '../../rules/guards/verdict';
import { strictly } from '../../rules/guards/guard-policy';
import { verdictKey } from '../../rules/guards/verdict-of';
import { limitsOf } from '../../rules/verification/limits';
import { inTheWay, type Part, stateOf, withPart } from '../../rules/verification/verification';
import { formatDuration } from '../../rules/format';
import { observe } from '../proxies';
import { activitiesWithin, type Steps } from './steps';

/** How often the dashboard is read meanwhile, for display. */
const DASHBOARD_LOOKS = 6;

/**
 * > Monitor Dashboard for 30 minutes after deployment
 *
 * Counted from the start of the verification, as alarms are: an alarm that fired while its jobs ran counts. A verification
 * that has already failed does not wait half an hour: then both are checked at once.
 */
export async function watchParts(steps: Steps): Promise<void> {
  const { plan, seen } = steps;
  const { monitorMs } = plan.verification;
  const { startedAtMs } = seen();
  const untilMs = inTheWay(seen()).length > 0 ? Date.now() : Math.max(Date.now(), startedAtMs + monitorMs);
  const leftMs = untilMs - Date.now();
  let alarmsDone = false;
  const alarms = steps
    .take('alarms', leftMs, () => alarmsUntil(steps, untilMs))
    .finally(() => {
      alarmsDone = true;
    });
  const dashboard = steps.take('dashboard', leftMs, () => dashboardUntil(steps, untilMs, () => alarmsDone));
  await Promise.all([alarms, dashboard]);
}

/** Fails as soon as an alarm fires. The last check, at the end of the time, must be healthy: no data is not health. */
async function alarmsUntil({ plan, seen, show }: Steps, untilMs: number): Promise<Partial<Part>> {
  const { startedAtMs } = seen();
  const { aws, watch, verification } = plan;
  const order = {
    ...{ aws, alarms: strictly(watch.alarms), guards: [], percentage: 0, intervalMs: watch.intervalMs },
    ...{ sinceMs: startedAtMs, holdsSinceMs: startedAtMs },
  };
  let known: string | undefined;
  while (Date.now() < untilMs) {
    const asked = known === undefined ? order : { ...order, known };
    const verdict = await within(untilMs - Date.now(), () => observe.watchAlarms(asked));
    if (verdict?.outcome === 'breach') return alarmed(verdict);
    if (verdict === undefined) break;
    known = verdictKey(verdict);
    show(withPart(seen(), 'alarms', { why: verdict.why }));
  }
  const last = await within(limitsOf(verification).answersMs, () => observe.watchAlarms(order));
  if (last === undefined) return { state: 'failed', why: 'the alarms could not be read at the end' };
  const watched = `watched for ${formatDuration(Date.now() - startedAtMs)}: ${last.why}`;
  if (last.outcome === 'breach') return alarmed(last);
  return { state: last.outcome === 'healthy' ? 'passed' : 'failed', why: watched };
}

const alarmed = ({ why }: Verdict): Partial<Part> => ({ state: 'failed', why });

/** Data from the time of the verification: its own job produces some. */
async function dashboardUntil(steps: Steps, untilMs: number, over: () => boolean): Promise<Partial<Part>> {
  const { plan, seen, show } = steps;
  const { watch, aws, verification } = plan;
  const order = { aws, dashboard: watch.dashboard ?? '', sinceMs: seen().startedAtMs };
  const { checkDashboard } = activitiesWithin(limitsOf(verification).answersMs);
  const everyMs = Math.max(1_000, verification.monitorMs / DASHBOARD_LOOKS);
  for (;;) {
    const { ok, why } = await checkDashboard(order);
    const alarmed = over() && stateOf(seen(), 'alarms') === 'failed';
    if (Date.now() >= untilMs || alarmed) return { state: ok ? 'passed' : 'failed', why };
    show(withPart(seen(), 'dashboard', { why }));
    await condition(() => over() && stateOf(seen(), 'alarms') === 'failed', Math.min(everyMs, untilMs - Date.now()));
  }
}

/** The value, or undefined when the time is over. */
async function within<T>(ms: number, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await CancellationScope.withTimeout(ms, work);
  } catch (error) {
    if (isCancellation(error) && !CancellationScope.current().consideredCancelled) return undefined;
    throw error;
  }
}

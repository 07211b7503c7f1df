import type { ReportPlace } from '../../../rules/delivery/delivery';
import { asksFor, type Report } from '../../../rules/delivery/reports';
import { sideWords } from '../../../rules/jobs/side';
import type { FlagTarget } from '../../../rules/plan/environment-plan';
import { judgeHealth } from '../../../rules/verification/health';
import { messageOf } from '../../failures';
import { webFetch } from '../../web';
import { within } from '../../within';

export interface ReportsOrder {
  readonly place: ReportPlace;
  readonly environment: string;
  readonly percentage: number;
  readonly flag: Pick<FlagTarget, 'sides'>;
  /** The instances that AWS lists. */
  readonly instances: readonly string[];
}

const REQUEST_WITHIN_MS = 5_000;
const AT_ONCE = 4;

/**
 * Reads the API's health until each instance has answered, a bounded number of times: a load balancer chooses the instance.
 * Stops at the first answer without an instance name, because more would tell no more.
 */
export async function askInstances(order: ReportsOrder, abortSignal: AbortSignal): Promise<readonly Report[]> {
  const { instances } = order;
  const reports: Report[] = [];
  const heard = new Set<string>();
  while (reports.length < asksFor(instances.length) && instances.some((id) => !heard.has(id))) {
    const answers = await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, instances.length) }, () => ask(order, abortSignal)),
    );
    reports.push(...answers);
    for (const { instance } of answers) if (instance !== undefined) heard.add(instance);
    if (answers.some(({ instance }) => instance === undefined)) break;
  }
  return reports;
}

async function ask({ place, flag, ...expected }: ReportsOrder, abortSignal: AbortSignal): Promise<Report> {
  try {
    const signal = within(REQUEST_WITHIN_MS, abortSignal);
    // A kept connection would always reach the same instance.
    const headers = { accept: 'application/json', connection: 'close' };
    const answer = await webFetch(place.address, { signal, headers });
    const text = await answer.text();
    if (answer.status !== 200) return { ok: false, why: `${place.address} answered ${answer.status}` };
    const body = JSON.parse(text) as unknown;
    const { ok, why } = judgeHealth(body, { ...expected, sides: sideWords(flag) });
    const instance = (body as Readonly<Record<string, unknown>> | null)?.[place.instanceField];
    return { ok, why, ...(typeof instance === 'string' ? { instance } : {}) };
  } catch (error) {
    abortSignal.throwIfAborted();
    return { ok: false, why: `${place.address} does not answer as it should: ${messageOf(error)}` };
  }
}

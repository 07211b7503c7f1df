import { Context } from '@temporalio/activity';
import { parseFlags } from '../../../flags/contract';
import type { DeliveryProgress } from '../../../rules/delivery/progress';
import { type Delivered, deliveredKey, type Delivery, isWeights, placeWords } from '../../../rules/delivery/delivery';
import { judgeReports } from '../../../rules/delivery/reports';
import { settingsFor } from '../../../rules/delivery/weights';
import { percent } from '../../../rules/format';
import type { AwsFor } from '../../aws';
import { failure, toFailure } from '../../failures';
import { withHeartbeat } from '../../heartbeat';
import { type FlagPlace, readParameter } from '../../observe/flag/flags';
import { askInstances } from '../../observe/delivery/instance-reports';
import type { Place } from './hands-on';
import { followVariables } from './set-variables';
import { followWeights } from './set-weights';
import { poll } from '../../poll';

export interface DeliveryOrder extends FlagPlace {
  readonly environment: string;
  readonly delivery: Delivery;
  readonly percentage: number;
  /** From the earlier checks of this raise. */
  readonly progress?: DeliveryProgress;
  /** `deliveredKey` of the known state: only a different state is reported. Default: report the first state. */
  readonly known?: string;
}

const POLL_MS = 5_000;
/** How long a read of the flag document counts. */
const FENCE_MS = 3_000;

/**
 * Delivers the percentage of the flag document to a service that does not read it. Sets environment variables where the
 * service runs, and reads its instances until all of them report that they use it; or sets weights, until AWS reports them; or
 * ends when there is news. Idempotent. The document is the fence: above 0 nothing is set that differs from it at that moment.
 * 0 % is always set.
 */
export function createDelivery(
  awsFor: AwsFor,
  { pollMs = POLL_MS }: { readonly pollMs?: number } = {},
): { deliverFlag(order: DeliveryOrder): Promise<Delivered> } {
  return {
    async deliverFlag(order) {
      const context = Context.current();
      let { progress = {} } = order;
      const delivered = (): Promise<Delivered> =>
        poll(() => lookAfter(awsFor, { ...order, progress }, context.cancellationSignal), {
          until: (found) => found.complete || found.others !== undefined || deliveredKey(found) !== order.known,
          meanwhile: (found) => ({ progress = {} } = found),
          everyMs: pollMs,
        });
      try {
        return await withHeartbeat(delivered);
      } catch (error) {
        context.cancellationSignal.throwIfAborted();
        throw toFailure(error, `delivering ${percent(order.percentage)} to ${placeWords(order.delivery.to)}`);
      }
    },
  };
}

async function lookAfter(awsFor: AwsFor, order: DeliveryOrder, abortSignal: AbortSignal): Promise<Delivered> {
  const { aws, flag, delivery, environment, percentage, progress = {} } = order;
  const wanted = settingsFor(delivery, percentage);
  const fence = (signal: AbortSignal): Promise<void> => mustStand(awsFor, order, signal);
  // An old, superseded call must not count either, even if its variables are set.
  await fence(abortSignal);
  const { to } = delivery;
  const next = { aws, delivery, wanted, percentage, fence, progress };
  const place = isWeights(to)
    ? await followWeights(next, to, abortSignal)
    : await followVariables(next, to, abortSignal);
  const { instances, others } = place;
  const { report } = delivery;
  const judged =
    report === undefined
      ? byAwsItself(place)
      : judgeReports({
          ...place,
          reports: await askInstances({ place: report, flag, environment, percentage, instances }, abortSignal),
          percentage,
        });
  if (others === undefined) return { ...judged, progress: place.progress };
  return { ...judged, complete: false, progress: place.progress, others };
}

/** Weights are in force as soon as AWS reports them; no instance has to follow. */
function byAwsItself({ settled, waitsFor }: Place): Delivered {
  if (settled === true) return { reporting: 1, of: 1, complete: true, why: 'AWS reports the weights' };
  return { reporting: 0, of: 1, complete: false, why: settled, waitsFor };
}

/** Fails with `Overtaken` when the document holds another percentage, and when reading it took too long. */
async function mustStand(
  awsFor: AwsFor,
  { aws, flag, percentage }: DeliveryOrder,
  abortSignal: AbortSignal,
): Promise<void> {
  if (percentage === 0) return;
  const askedAtMs = Date.now();
  const text = await readParameter(awsFor, aws, flag.parameter, abortSignal);
  const parsed = parseFlags(text ?? '', flag.format);
  if (!parsed.ok) throw failure('Overtaken', `not delivered: ${flag.parameter} can no longer be read: ${parsed.why}`);
  const present = parsed.document.percentage;
  if (present !== percentage)
    throw failure(
      'Overtaken',
      `not delivered: the flag document is at ${percent(present)} and not ${percent(percentage)}`,
    );
  if (Date.now() - askedAtMs > FENCE_MS)
    throw failure('Unavailable', `${percent(percentage)} was not set: reading the flag document took too long`);
}

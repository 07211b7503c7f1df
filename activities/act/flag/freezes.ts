import { Context } from '@temporalio/activity';
import { fitting, shortened } from '../../../flags/parameter-text';
import type { Freeze } from '../../../rules/plan/environment-plan';
import { parseFreezes, standing, withFreeze } from '../../../rules/time/freeze-document';
import { formatTime } from '../../../rules/format';
import type { AwsFor } from '../../aws';
import { failure, toFailure } from '../../failures';
import { readParameter } from '../../observe/flag/flags';
import type { FreezePlace } from '../../observe/flag/freezes';
import { readFreezes } from '../../observe/flag/freezes';
import { putDocument } from './put-document';

export interface FreezeOrder extends FreezePlace {
  /** Absent to remove every freeze. */
  readonly freeze?: Freeze;
}

/**
 * Reads, changes, writes and reads back the freezes of one environment, and drops expired ones. The caller ensures one
 * writer at a time: SSM has no compare-and-set. Only an unfreeze, which needs nothing from it, replaces an unreadable
 * document. Returns the present freezes. Idempotent.
 */
export function createFreezeActions(awsFor: AwsFor): { writeFreezes(order: FreezeOrder): Promise<Freeze[]> } {
  return { writeFreezes: (order) => writeFreezes(awsFor, order, Context.current().cancellationSignal) };
}

async function writeFreezes(awsFor: AwsFor, order: FreezeOrder, abortSignal: AbortSignal): Promise<Freeze[]> {
  const { aws, parameter, freeze } = order;
  const before = await readParameter(awsFor, aws, parameter, abortSignal);
  if (freeze === undefined && before === undefined) return [];
  const nowMs = Date.now();
  // Refuses an expired freeze: reporting success without a freeze would allow raises at a time when the operator expects
  // none.
  if (freeze !== undefined && freeze.toMs <= nowMs)
    throw failure(
      'InvalidRequest',
      `the freeze would be past already: it ends at ${formatTime(freeze.toMs, 'UTC')}, and by the clock of the worker it is ${formatTime(nowMs, 'UTC')}; give a later end, or set that clock`,
    );
  const stood = freeze === undefined ? [] : await readFreezes(awsFor, order, abortSignal);
  const wanted = freeze === undefined ? [] : standing(withFreeze(stood, freeze), nowMs);
  const forms = formsOf(wanted);
  const text = fitting(forms)?.text;
  if (text === undefined)
    throw failure(
      'InvalidRequest',
      `parameter ${parameter} has no room for another freeze: \`rollout unfreeze --reason TEXT\`, then one longer freeze`,
    );
  const wrote = text === before ? text : await put(awsFor, order, forms, abortSignal);
  const after = text === before ? text : await readParameter(awsFor, aws, parameter, abortSignal);
  const read = after === undefined ? undefined : parseFreezes(after);
  if (after === wrote && read?.ok === true) return [...read.freezes];
  throw failure('Unconfirmed', `freezes were written to ${parameter}, but read back as ${after ?? 'nothing'}`);
}

/** Every freeze shares the little space of one parameter: reasons and names are shortened for it, never a time. */
const formsOf = (freezes: readonly Freeze[]): readonly unknown[] => [
  ...shortened((shorten) => ({
    freezes: freezes.map(({ reason, by, ...times }) => ({
      ...times,
      reason: shorten(reason),
      by: by === undefined ? by : shorten(by),
    })),
  })),
];

async function put(
  awsFor: AwsFor,
  { aws, parameter: name }: FreezePlace,
  forms: readonly unknown[],
  abortSignal: AbortSignal,
): Promise<string> {
  try {
    return await putDocument(awsFor(aws).ssm, { name, forms }, abortSignal);
  } catch (error) {
    throw toFailure(error, `writing the freezes to ${name}`);
  }
}

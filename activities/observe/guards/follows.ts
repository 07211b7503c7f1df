import type { FollowsGuard } from '../../../rules/guards/guard';
import type { FollowsAnswer, FollowsReading } from '../../../rules/guards/readings';
import { isObject, jsonIn } from '../../../flags/json';
import { sideWords } from '../../../rules/jobs/side';
import { judgeHealth } from '../../../rules/verification/health';
import { failure, messageOf } from '../../failures';
import { createFlagObservations } from '../flag/flags';
import { webFetch } from '../../web';
import type { Observation } from './observation';
import { cutInTheMiddle } from '../../../rules/format';
import { within } from '../../within';

const REQUEST_WITHIN_MS = 5_000;
/** A load balancer behind a single address chooses the instance that answers. */
const ASKS_OF_ONE_ADDRESS = 4;

/**
 * The flag document, and the one that each instance reports to follow.
 * @throws when the document cannot be read: then there is nothing to compare with.
 */
export async function readFollows(guard: FollowsGuard, look: Observation): Promise<FollowsReading> {
  const { flag, environment, addresses, name } = guard;
  const found = await createFlagObservations(() => look.clients).readFlag({ aws: look.aws, flag });
  if (!found.found) throw failure('Unreadable', `the flag that the API must follow is not known: ${found.why}`);
  const { percentage, generation } = found;
  const [only = ''] = addresses;
  const asked = addresses.length === 1 ? Array.from({ length: ASKS_OF_ONE_ADDRESS }, () => only) : addresses;
  const judge = (body: unknown) =>
    judgeHealth(body, { environment, sides: sideWords(flag), percentage, generation, parameter: flag.parameter });
  const told = await Promise.all(asked.map((address) => ask(address, judge, look.abortSignal)));
  const since = told.some(({ says }) => says === 'otherwise') ? (look.otherwiseSinceMs ?? look.nowMs) : undefined;
  return { name, kind: 'follows', percentage, told: eachOnce(told), otherwiseSinceMs: since };
}

/** Answers of the same instance are merged; the worst counts. */
function eachOnce(told: readonly FollowsAnswer[]): readonly FollowsAnswer[] {
  const order: readonly FollowsAnswer['says'][] = ['follows', 'nothing', 'otherwise'];
  const worst = new Map<string, FollowsAnswer>();
  for (const answer of told) {
    const before = worst.get(answer.where);
    if (before === undefined || order.indexOf(answer.says) > order.indexOf(before.says))
      worst.set(answer.where, answer);
  }
  return [...worst.values()];
}

async function ask(
  address: string,
  judge: (body: unknown) => { readonly ok: boolean; readonly why: string },
  abortSignal: AbortSignal,
): Promise<FollowsAnswer> {
  try {
    const signal = within(REQUEST_WITHIN_MS, abortSignal);
    // A kept connection would always reach the same instance.
    const answer = await webFetch(address, { signal, headers: { accept: 'application/json', connection: 'close' } });
    const text = await answer.text();
    if (answer.status !== 200) return { where: address, says: 'nothing', why: `it answers ${answer.status}` };
    const body = jsonIn(text);
    if (!isObject(body)) return { where: address, says: 'nothing', why: `no health: ${cutInTheMiddle(text, 120)}` };
    const { ok, why } = judge(body);
    const { instance } = body;
    return { where: typeof instance === 'string' ? instance : address, says: ok ? 'follows' : 'otherwise', why };
  } catch (error) {
    abortSignal.throwIfAborted();
    return { where: address, says: 'nothing', why: `it does not answer: ${messageOf(error)}` };
  }
}

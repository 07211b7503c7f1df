import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { within } from '../../../activities/within';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const turns = (count: number): Promise<void> =>
  count === 0 ? Promise.resolve() : new Promise<void>((done) => setImmediate(done)).then(() => turns(count - 1));

/** Nothing but a listener of the result holds the parts, as in a request. */
function listened(parts: () => AbortSignal): Promise<unknown> {
  return new Promise((done) => {
    const signal = parts();
    signal.addEventListener('abort', () => done((signal.reason as Error).name));
  });
}

describe('a limited signal', () => {
  it('ends the work after its time, also when memory was collected meanwhile', async () => {
    const ended = listened(() => within(50, new AbortController().signal));
    await turns(3);
    collectGarbage();
    expect(await ended).toBe('TimeoutError');
  });

  it('keeps the shorter of two limits, one within the other', async () => {
    const outer = within(600_000);
    const ended = listened(() => within(300_000, within(50, outer)));
    await turns(3);
    collectGarbage();
    expect([await ended, outer.aborted]).toEqual(['TimeoutError', false]);
  });

  it('ends with the others, with their reason', () => {
    const stop = new AbortController();
    const signal = within(600_000, stop.signal);
    const why = new Error('cancelled');
    stop.abort(why);
    expect([signal.aborted, signal.reason]).toEqual([true, why]);
  });

  it('has ended when one of the others had', () => {
    expect(within(600_000, AbortSignal.abort('before')).reason).toBe('before');
  });
});

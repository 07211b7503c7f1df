import { formatFlags, parseFlags } from '../../../../flags/contract';
import { HOUR_MS, soon } from '../../../helpers/samples/plans';
import { FencedRollout } from './fenced-rollout';
import { MemorySsm } from './memory-ssm';

const NAME = soon.flag.parameter;
const initial = { schema: 1, generation: 0, writer: 'cloudformation', reason: '', salt: soon.flag.salt } as const;

let ssm: MemorySsm;
let rollout: FencedRollout;
beforeEach(async () => {
  ssm = new MemorySsm();
  ssm.put({ name: NAME, text: formatFlags({ ...initial, percentage: 0 }), by: 'cloudformation' });
  rollout = new FencedRollout(soon, ssm, 'run-1');
  await rollout.settle();
});

/** In the console, which need not think of the generation nor of the writer. */
function byHand(percentage: number): void {
  const parsed = parseFlags(ssm.text(NAME) ?? '');
  if (!parsed.ok) throw new Error(parsed.why);
  ssm.put({ name: NAME, text: formatFlags({ ...parsed.document, percentage }), by: 'ada' });
}
/** The raise to 100 % times out; an operator writes; the raise arrives over it; and only then it is retried. */
async function overtaken(percentage: number): Promise<void> {
  ssm.faults.push({ goes: 'late', lateMs: 1_500 });
  rollout.between = () => {
    rollout.between = () => undefined;
    byHand(percentage);
    ssm.readsFail = 1;
  };
  ssm.go(ssm.nowMs + HOUR_MS + 1);
  await rollout.settle();
}

describe('a raise that arrives late over an outside change', () => {
  it.each([0, 20])('is no raise: %d % by hand ends the rollout at 0', async (percentage) => {
    await overtaken(percentage);
    expect(rollout.state.stop).toMatchObject({
      kind: 'abort',
      by: 'ada',
      why: expect.stringContaining(`${percentage} %`),
    });
    expect(JSON.parse(ssm.text(NAME) ?? '')).toMatchObject({ percentage: 0 });
  });

  it('holds where the change did not lower it, and names its writer', async () => {
    await overtaken(60);
    expect(rollout.state.held).toMatchObject({ because: 'drift' });
    expect(rollout.state.log.entries.some(({ what }) => what.includes('60 %') && what.includes('ada'))).toBe(true);
  });

  it('is a raise when it only says twice what was ordered once', async () => {
    ssm.faults.push({ goes: 'late', lateMs: 3_500 }, { goes: 'late', lateMs: 500 });
    ssm.go(ssm.nowMs + HOUR_MS + 1);
    await rollout.settle();
    ssm.go(ssm.nowMs + 10_000);
    await rollout.settle();
    expect(rollout.state).toMatchObject({ flag: { percentage: 100 } });
    expect(rollout.state.held).toBeUndefined();
  });
});

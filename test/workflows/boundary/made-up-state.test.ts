import { setTimeout as sleep } from 'node:timers/promises';
import { begin } from '../../../rules/rollout/state/state';
import type { FakeAws } from '../../helpers/aws/fake-aws';
import { soon } from '../../helpers/samples/plans';
import { json, startRaw } from '../../helpers/temporal/raw-payloads';
import { Rig } from '../../helpers/temporal/rig';

let rig: Rig;
let aws: FakeAws;
// The time-skipping server skips no time between the runs of a cron schedule.
beforeAll(async () => (rig = await Rig.startReal()));
afterAll(() => rig.stop());
beforeEach(() => (aws = rig.aws()));

const BY_CRON = { type: 'rollout', cronSchedule: '@every 1s' };
const SOME_RUNS_MS = 5_000;

const failureOf = async (workflowId: string): Promise<string> => {
  const handle = rig.env.client.workflow.getHandle(workflowId);
  return handle.result().then(
    () => 'none',
    (error: Error) => (error.cause as Error | undefined)?.message ?? error.message,
  );
};

describe('a state that a person made up', () => {
  const input = { plan: soon, startedBy: 'mallory' };
  const state = (): object => begin('mallory', 'made up', Date.now());

  it('is no argument of a start', () =>
    rig.run(aws, async () => {
      await startRaw(rig.env, 'made-up', 'rollout', [json(input), json(state())]);
      expect(await failureOf('made-up')).toContain('2 arguments instead of one');
    }));

  // Temporal says of each later run that it continues the one before, and gives it the arguments of the first.
  it('is none of a later run of a cron schedule either', () =>
    rig.run(aws, async () => {
      await startRaw(rig.env, 'made-up-cron', BY_CRON, [json(input), json(state())]);
      await sleep(SOME_RUNS_MS);
      expect(aws.writes).toEqual([]);
      await rig.env.client.workflow.getHandle('made-up-cron').terminate('seen');
    }));

  it('a rollout by a cron schedule is refused, with the reason', () =>
    rig.run(aws, async () => {
      await startRaw(rig.env, 'by-cron', BY_CRON, [json(input)]);
      await sleep(SOME_RUNS_MS);
      expect(aws.writes).toEqual([]);
      await rig.env.client.workflow.getHandle('by-cron').terminate('seen');
    }));
});

describe('an adoption that a person made up', () => {
  const adopts = { percentage: 50, generation: 7, highestGeneration: 7 };

  it.each([
    ['a generation that is no whole number', { highestGeneration: 7.5 }, 'adopts.highestGeneration is 7.5'],
    ['a negative one', { generation: -1 }, 'adopts.generation is -1'],
    ['a version that is none', { version: 0.1 }, 'adopts.version is 0.1'],
    ['more than all', { percentage: 101 }, 'adopts.percentage is 101'],
    ['nothing to adopt', { percentage: 0 }, 'adopts.percentage is 0'],
  ])('is refused with %s', (name, change, why) =>
    rig.run(aws, async () => {
      const workflowId = `adopts-${name.replaceAll(' ', '-')}`;
      const asked = { plan: soon, startedBy: 'mallory', schema: 3, adopts: { ...adopts, ...change } };
      await startRaw(rig.env, workflowId, 'rollout', [json(asked)]);
      expect(await failureOf(workflowId)).toContain(why);
    }),
  );
});

import { temporal } from '@temporalio/proto';
import type { Temporal } from '../../../client/temporal/connect';
import { zeroOrAbort } from '../../../client/rollout/start';
import {
  abortSignal,
  environmentAttribute,
  IS_LISTED,
  pauseSignal,
  percentageAttribute,
  phaseAttribute,
  releaseWorkflowId,
  resumeSignal,
  rolloutWorkflowId,
  TASK_QUEUE,
} from '../../../workflows/messages';
import type { release, rollout } from '../../../workflows';
import { FakeStacks } from '../../helpers/aws/fake-stacks';
import { aPlan } from '../../helpers/samples/plans';
import { Rig, type RolloutHandle, statusOf } from '../../helpers/temporal/rig';
import { until } from '../../helpers/until';

/** A release whose rollout is gone says so, as it must. */
const isTold = ({ workflowType }: Readonly<Record<string, unknown>>): boolean => workflowType === 'release';

let bare: Rig;
let rig: Rig;
beforeAll(async () => ([bare, rig] = await Promise.all([Rig.startBare(isTold), Rig.startReal()])));
afterAll(() => Promise.all([bare.stop(), rig.stop()]));

const HOUR_MS = 3_600_000;
const plan = aPlan({ steps: [50, 100].map((percentage) => ({ percentage, soakMs: HOUR_MS })) });
const temporalOf = ({ env }: Rig): Temporal => ({
  ...{ client: env.client, connection: env.connection, address: env.address, namespace: 'default' },
});

/** Of its history, those whose name ends so. */
async function events(handle: RolloutHandle, name: string) {
  const { EventType } = temporal.api.enums.v1;
  const all = (await handle.fetchHistory()).events ?? [];
  return all.filter(({ eventType }) => EventType[eventType ?? 0]?.endsWith(name));
}

it('a namespace without our search attributes raises, and goes back to 0 by abort', () => {
  const aws = bare.aws();
  return bare.run(aws, async () => {
    const handle = await bare.rollout(plan);
    await until(() => aws.flag.percentage === 50, 'it is at 50 %');
    await handle.signal(abortSignal);
    await until(() => aws.flag.percentage === 0, 'it is at 0 %');
    expect(await handle.result()).toMatchObject({ outcome: 'aborted', percentages: [50, 0] });
  });
});

it('a namespace without our search attributes begins a rollback', () => {
  const aws = bare.aws();
  aws.editByHand(40);
  return bare.run(aws, async () => {
    await zeroOrAbort(temporalOf(bare), { plan, startedBy: 'ada', backToZero: true });
    const handle = bare.env.client.workflow.getHandle<typeof rollout>(rolloutWorkflowId('pavi', 'prod'));
    bare.remember(handle);
    await until(() => aws.flag.percentage === 0, 'it is at 0 %');
    expect(await handle.result()).toMatchObject({ outcome: 'aborted' });
  });
});

/** The rollout that a release starts, and the one that takes its place when it is terminated. */
it('a namespace without our search attributes releases, and its release goes back to 0', () => {
  const aws = bare.aws();
  const stacks = new FakeStacks(aws);
  stacks.put('PaviStepFunctionsStack-prod', 'UPDATE_COMPLETE', 'before');
  const service = 'released';
  return bare.runWith(stacks.activities(), async () => {
    const handle = await bare.env.client.workflow.start<typeof release>('release', {
      ...{ workflowId: releaseWorkflowId(service, 'prod'), taskQueue: TASK_QUEUE },
      args: [{ plan: { ...plan, service }, startedBy: 'ada' }],
      memo: IS_LISTED,
    });
    bare.remember(handle);
    await until(() => aws.flag.percentage === 50, 'it is at 50 %');
    const rolls = bare.env.client.workflow.getHandle(rolloutWorkflowId(service, 'prod'));
    await rolls.terminate('by the test');
    await until(() => aws.flag.percentage === 0, 'it is at 0 %');
    expect(await handle.result()).toMatchObject({ stage: 'rollout', rollout: { percentages: [0] } });
    bare.remember(bare.env.client.workflow.getHandle(rolloutWorkflowId(service, 'prod')));
    expect(stacks.done).toContain('deploy');
  });
});

it('what is listed of a rollout is what Temporal knows at that moment, also when that grows', () => {
  const aws = rig.aws();
  aws.missingAttributes = [phaseAttribute.name, percentageAttribute.name];
  return rig.run(aws, async () => {
    const handle: RolloutHandle = await rig.env.client.workflow.start('rollout', {
      ...{ workflowId: 'grows', taskQueue: TASK_QUEUE, args: [{ plan, startedBy: 'ada' }], memo: IS_LISTED },
    });
    rig.remember(handle);
    const attribute = async (key: typeof environmentAttribute | typeof percentageAttribute) =>
      (await handle.describe()).typedSearchAttributes.get(key);
    await until(async () => (await attribute(environmentAttribute)) === 'prod', 'its environment is listed');
    await until(() => aws.flag.percentage === 50, 'it is at 50 %');
    expect(await attribute(phaseAttribute)).toBeUndefined();
    aws.missingAttributes = [];
    await handle.signal(pauseSignal);
    await until(async () => (await attribute(phaseAttribute)) === 'paused', 'its phase is listed');
    expect(await attribute(percentageAttribute)).toBe(50);
    await handle.signal(abortSignal);
    expect(await handle.result()).toMatchObject({ outcome: 'aborted' });
    expect(await attribute(phaseAttribute)).toBe('ended');
    expect(await attribute(percentageAttribute)).toBe(0);
  });
});

it('search attributes that are removed while a rollout runs keep it neither from its next raise nor from 0', async () => {
  const own = await Rig.startReal();
  const aws = own.aws();
  aws.missingAttributes = [];
  const { operatorService } = own.env.connection;
  const attributes = [
    { key: environmentAttribute, value: 'prod' },
    { key: phaseAttribute, value: 'starting' },
  ];
  const start = (workflowId: string) =>
    own.env.client.workflow.start<typeof rollout>('rollout', {
      ...{ workflowId, taskQueue: TASK_QUEUE, args: [{ plan, startedBy: 'ada' }] },
      ...{ memo: IS_LISTED, typedSearchAttributes: attributes },
    });
  await own.run(aws, async () => {
    const handle = own.remember(await start('listed'));
    await until(() => aws.flag.percentage === 50, 'it is at 50 %');
    await until(async () => (await statusOf(handle)).phase === 'soaking', 'it soaks');
    expect((await handle.describe()).typedSearchAttributes.get(environmentAttribute)).toBe('prod');
    const names = [environmentAttribute.name, phaseAttribute.name];
    await operatorService.removeSearchAttributes({ namespace: 'default', searchAttributes: names });
    const refused = (): Promise<boolean> =>
      start('refused').then(
        () => false,
        () => true,
      );
    await until(refused, 'the server knows that they are gone');
    // The worker still believes that they are there: what it sends fails the task, for seconds.
    await handle.signal(pauseSignal);
    await until(async () => (await events(handle, 'TASK_FAILED')).length > 0, 'a task was refused');
    await until(async () => (await statusOf(handle)).phase === 'paused', 'it goes on');
    await handle.signal(resumeSignal);
    await until(async () => (await statusOf(handle)).phase === 'soaking', 'it soaks');
    await handle.signal(abortSignal);
    await until(() => aws.flag.percentage === 0, 'it is at 0 %');
    // And ends, though they are never there again.
    expect(await handle.result()).toMatchObject({ outcome: 'aborted', percentages: [50, 0] });
  });
  await own.stop();
});

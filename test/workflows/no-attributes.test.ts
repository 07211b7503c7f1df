import type { Temporal } from '../../client/temporal/connect';
import { zeroOrAbort } from '../../client/rollout/start';
import {
  abortSignal,
  environmentAttribute,
  phaseAttribute,
  rolloutWorkflowId,
  TASK_QUEUE,
} from '../../workflows/messages';
import type { rollout } from '../../workflows';
import { aPlan } from '../helpers/plans';
import { Rig, statusOf } from '../helpers/rig';
import { until } from '../helpers/until';

let bare: Rig;
let rig: Rig;
beforeAll(async () => ([bare, rig] = await Promise.all([Rig.startBare(), Rig.startReal()])));
afterAll(() => Promise.all([bare.stop(), rig.stop()]));

const HOUR_MS = 3_600_000;
const plan = aPlan({ steps: [50, 100].map((percentage) => ({ percentage, soakMs: HOUR_MS })) });
const temporalOf = ({ env }: Rig): Temporal => ({
  ...{ client: env.client, connection: env.connection, address: env.address, namespace: 'default' },
});

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

it('search attributes that are removed while a rollout runs do not keep it from 0', () => {
  const aws = rig.aws();
  const { operatorService } = rig.env.connection;
  const attributes = [
    { key: environmentAttribute, value: 'prod' },
    { key: phaseAttribute, value: 'starting' },
  ];
  const start = (workflowId: string) =>
    rig.env.client.workflow.start<typeof rollout>('rollout', {
      ...{ workflowId, taskQueue: TASK_QUEUE, args: [{ plan, startedBy: 'ada' }], typedSearchAttributes: attributes },
    });
  return rig.run(aws, async () => {
    const handle = await start('listed');
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
    await handle.signal(abortSignal);
    await until(() => aws.flag.percentage === 0, 'it is at 0 %');
  });
});

import { GetAliasCommand, type LambdaClient, UpdateAliasCommand } from '@aws-sdk/client-lambda';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createDelivery } from '../../../../activities/act/delivery/deliver-flag';
import { createAwsFor } from '../../../../activities/aws';
import { lambdaOf } from '../../../../activities/delivery-clients';
import { lookAtVariables } from '../../../../activities/observe/delivery/variables';
import { awsClient } from '../../../../sandbox/aws/client-config';
import { formatFlags } from '../../../../flags/contract';
import { type Delivered, deliveredKey, type Delivery } from '../../../../rules/delivery/delivery';
import { WEIGHT } from '../../../../rules/delivery/weights';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { ALIAS as to, makeFunction } from '../../../helpers/delivery/deliveries';
import { activityEnvironment } from '../../../helpers/activity-environment';

const aws = freshAccounts(1)();
const ssm = new SSMClient(awsClient(aws));
const flag = { parameter: '/shop/prod/flag', salt: 'shop-prod' };
const delivery: Delivery = { to, variables: WEIGHT, withinMs: 30_000 };
const { deliverFlag } = createDelivery(createAwsFor(), { pollMs: 50 });
const place = { FunctionName: to.function, Name: to.alias };

let lambda: LambdaClient;
beforeAll(async () => {
  await makeFunction(aws);
  lambda = await lambdaOf(aws);
});
beforeEach(() => set('1', {}));

const set = (FunctionVersion: string, AdditionalVersionWeights: Record<string, number>) =>
  lambda.send(new UpdateAliasCommand({ ...place, FunctionVersion, RoutingConfig: { AdditionalVersionWeights } }));
const alias = async () => {
  const { FunctionVersion, RoutingConfig } = await lambda.send(new GetAliasCommand(place));
  return [FunctionVersion, RoutingConfig?.AdditionalVersionWeights ?? {}];
};
const document = async (percentage: number): Promise<void> => {
  const made = { schema: 1, generation: 1, writer: 'test', reason: 'test', salt: flag.salt } as const;
  const Value = formatFlags({ ...made, percentage });
  await ssm.send(new PutParameterCommand({ Name: flag.parameter, Value, Type: 'String', Overwrite: true }));
};

/** As the workflow asks: again with what is known, until it is complete or changed from outside. */
async function deliver(percentage: number, from?: number): Promise<Delivered> {
  await document(percentage);
  const order = { aws, flag, environment: 'prod', delivery, percentage };
  let last: Delivered = await activityEnvironment().run(deliverFlag, { ...order, progress: { from } });
  while (!last.complete && last.others === undefined) {
    const known = { progress: last.progress, known: deliveredKey(last) };
    last = await activityEnvironment().run(deliverFlag, { ...order, ...known });
  }
  return last;
}
const seen = (percentage: number) => lookAtVariables(aws, { delivery, percentage }, new AbortController().signal);

it('gives the new version a share of hundredths of a percent', async () => {
  expect(await deliver(12.25)).toMatchObject({ reporting: 1, of: 1, complete: true, why: 'AWS reports the weights' });
  expect(await alias()).toEqual(['1', { '2': 0.1225 }]);
});

it('shows the version of another deployment to the watch', async () => {
  await set('1', { '3': 0.5 });
  expect(await seen(50)).toMatchObject({ why: 'weight is 0, version is 1 and 3' });
});

it('raises nothing over a version that another deployment has put behind the alias, and leaves it at 0 %', async () => {
  await set('3', { '2': 0.1 });
  const why = 'the alias is at version 3 and not 1';
  expect(await deliver(50)).toMatchObject({ complete: false, others: { why } });
  expect(await alias()).toEqual(['3', { '2': 0.1 }]);
  expect(await deliver(0)).toMatchObject({ complete: true });
  expect(await alias()).toEqual(['3', {}]);
});

it('takes the new version from behind the alias at 0 %', async () => {
  await set('2', {});
  expect(await seen(0)).toMatchObject({ percentage: 100 });
  expect(await deliver(0)).toMatchObject({ complete: true });
  expect(await alias()).toEqual(['1', {}]);
});

it('overwrites no change that came between its read and its write', async () => {
  await deliver(50);
  const send = lambda.send.bind(lambda) as (...asked: unknown[]) => Promise<unknown>;
  const spy = jest.spyOn(lambda, 'send').mockImplementation((async (...asked: unknown[]) => {
    spy.mockRestore();
    const read = await send(...asked);
    await set('1', { '2': 0.1 });
    return read;
  }) as never);
  expect(await deliver(75, 50)).toMatchObject({ complete: false, others: { why: 'weight is 10' } });
  expect(await alias()).toEqual(['1', { '2': 0.1 }]);
});

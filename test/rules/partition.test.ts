import { RegionInfo } from 'aws-cdk-lib/region-info';
import type { AwsClients } from '../../activities/aws';
import { readExecutions } from '../../activities/observe/executions';
import { stateMachineFlaw } from '../../activities/observe/guards/state-machine';
import { partitionOf } from '../../rules/partition';
import { awsAddress } from '../../rules/proxy';
import { ecrImage, taggedImages } from '../../rules/stacks/images';
import { executions } from './guards/cases';

/** One or more of every partition, by AWS's own list. */
const REGIONS = [
  ...['us-east-1', 'eu-central-2', 'ap-southeast-5', 'mx-central-1', 'il-central-1'],
  ...['cn-north-1', 'cn-northwest-1', 'us-gov-east-1', 'us-gov-west-1', 'us-iso-west-1', 'us-isob-east-1'],
  ...['eu-isoe-west-1', 'us-isof-south-1', 'eusc-de-east-1'],
];

function known(region: string): { readonly name: string | undefined; readonly domain: string | undefined } {
  const { partition: name, domainSuffix: domain } = RegionInfo.get(region);
  return { name, domain };
}

it.each(REGIONS)('knows the partition of %s as CDK does', (region) => {
  const { name, domain } = known(region);
  expect(partitionOf(region)).toEqual({ name, domain });
  expect(awsAddress('ssm', region, {})).toBe(`https://ssm.${region}.${domain}`);
});

it.each(REGIONS)('asks for the state machine by the ARN that it has in %s', async (region) => {
  const asked: (string | undefined)[] = [];
  const send = ({ input }: { readonly input: { readonly stateMachineArn?: string } }) => {
    asked.push(input.stateMachineArn);
    return Promise.resolve({});
  };
  const look = {
    clients: { sfn: { send } } as unknown as AwsClients,
    aws: { account: '111111111111', region },
    ...{ sinceMs: 0, nowMs: 1, abortSignal: new AbortController().signal },
  };
  await readExecutions(executions({ stateMachine: 'pipeline' }), look);
  await stateMachineFlaw('pipeline', look);
  const arn = `arn:${known(region).name}:states:${region}:111111111111:stateMachine:pipeline`;
  expect(asked).toEqual([arn, arn]);
});

it.each(REGIONS)('knows where the images of %s are', (region) => {
  const host = `111111111111.dkr.ecr.${region}.${known(region).domain}`;
  expect(ecrImage(`${host}/shop:main`)).toMatchObject({ region, repository: 'shop', tag: 'main' });
  const Image = {
    'Fn::Join': ['', ['111111111111.dkr.ecr.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }, '/shop:main']],
  };
  const ContainerDefinitions = [{ Name: 'shop', Image }];
  const template = { Resources: { Task: { Type: 'AWS::ECS::TaskDefinition', Properties: { ContainerDefinitions } } } };
  const found = taggedImages('S', JSON.stringify(template), { account: '111111111111', region, parameters: {} });
  expect(found).toEqual([{ stack: 'S', image: `${host}/shop:main` }]);
});

import type { ECSClient } from '@aws-sdk/client-ecs';
import type { ElasticBeanstalkClient } from '@aws-sdk/client-elastic-beanstalk';
import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { AwsTarget } from '../rules/plan/environment-plan';
import { type ClientConfig, failFastConfig } from './client-config';

/** Together with the 3 s for which a read of the flag counts (`act/deliver-flag.ts`) less than `LATE_WRITE_MS`. */
const REQUEST_TIMEOUT_MS = 5_000;

const config = (aws: AwsTarget): ClientConfig => {
  const base = failFastConfig(aws);
  return { ...base, requestHandler: { ...base.requestHandler, requestTimeout: REQUEST_TIMEOUT_MS } };
};

const beanstalks = new Map<string, Promise<ElasticBeanstalkClient>>();
const services = new Map<string, Promise<ECSClient>>();
const functions = new Map<string, Promise<LambdaClient>>();
const balancers = new Map<string, Promise<ElasticLoadBalancingV2Client>>();

/** Created, and its package loaded, only when a plan delivers there. */
export function beanstalkOf(aws: AwsTarget): Promise<ElasticBeanstalkClient> {
  return known(beanstalks, aws, async () => {
    const { ElasticBeanstalkClient } = await import('@aws-sdk/client-elastic-beanstalk');
    return new ElasticBeanstalkClient(config(aws));
  });
}

export function ecsOf(aws: AwsTarget): Promise<ECSClient> {
  return known(services, aws, async () => {
    const { ECSClient } = await import('@aws-sdk/client-ecs');
    return new ECSClient(config(aws));
  });
}

export function lambdaOf(aws: AwsTarget): Promise<LambdaClient> {
  return known(functions, aws, async () => {
    const { LambdaClient } = await import('@aws-sdk/client-lambda');
    return new LambdaClient(config(aws));
  });
}

export function loadBalancersOf(aws: AwsTarget): Promise<ElasticLoadBalancingV2Client> {
  return known(balancers, aws, async () => {
    const { ElasticLoadBalancingV2Client } = await import('@aws-sdk/client-elastic-load-balancing-v2');
    return new ElasticLoadBalancingV2Client(config(aws));
  });
}

function known<T>(clients: Map<string, Promise<T>>, aws: AwsTarget, make: () => Promise<T>): Promise<T> {
  const { account, region, profile } = aws;
  const key = JSON.stringify([account, region, profile]);
  const client = clients.get(key) ?? make();
  clients.set(key, client);
  return client;
}

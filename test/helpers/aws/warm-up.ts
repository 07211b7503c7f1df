import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DescribeEnvironmentsCommand, ElasticBeanstalkClient } from '@aws-sdk/client-elastic-beanstalk';

/**
 * Makes the emulator load what it loads at first use, while it answers nobody: with a service that it does not have, the models of all of AWS (3 s on an
 * idle machine), and with CloudFormation most of its services and an RSA key. Requests of other tests would exceed their 3 s meanwhile.
 */
export async function warmUp(endpoint: string): Promise<void> {
  const credentials = { accessKeyId: '900000000000', secretAccessKey: 'warm-up' };
  const config = { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 };
  await new ElasticBeanstalkClient(config).send(new DescribeEnvironmentsCommand({})).catch(() => undefined);
  await new CloudFormationClient(config).send(new DescribeStacksCommand({}));
}

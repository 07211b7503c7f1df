import { CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { PutCompositeAlarmCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { listAlarms } from '../../../activities/alarm-list';
import { createAwsFor } from '../../../activities/aws';
import { alarmsOf } from '../../../client/inspect/init-alarms';
import { freshAccounts } from '../../helpers/aws/accounts';
import { until } from '../../helpers/until';

const nextAccount = freshAccounts(3);
const metric = {
  Namespace: 'Shop',
  MetricName: 'Errors',
  Statistic: 'Sum',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanOrEqualToThreshold',
} as const;

describe('the alarms that rollout init finds', () => {
  it('begin with the prefix: every page of them, composite ones too, and the account is that of the credentials', async () => {
    const aws = nextAccount();
    const { cloudwatch } = createAwsFor()(aws);
    const names = Array.from({ length: 120 }, (_, i) => `shop-${i}-prod`);
    for (const AlarmName of [...names, 'cart-prod'])
      await cloudwatch.send(new PutMetricAlarmCommand({ AlarmName, ...metric }));
    const AlarmRule = 'ALARM("shop-0-prod")';
    await cloudwatch.send(new PutCompositeAlarmCommand({ AlarmName: 'shop-any-prod', AlarmRule }));
    const { account, alarms } = await listAlarms(aws, { prefix: 'shop-' });
    expect(account).toBe(aws.account);
    expect(alarms.toSorted()).toEqual([...names, 'shop-any-prod'].toSorted());
  });

  it('are those that a stack defines', async () => {
    const aws = nextAccount();
    const { cloudformation } = createAwsFor()(aws);
    const alarm = (AlarmName: string) => ({ Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmName, ...metric } });
    const queue = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'orders' } };
    const Resources = { A: alarm('shop-5xx-prod'), B: queue, C: alarm('shop-slow-prod') };
    await cloudformation.send(
      new CreateStackCommand({ StackName: 'Shop-prod', TemplateBody: JSON.stringify({ Resources }) }),
    );
    await until(async () => {
      const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName: 'Shop-prod' }));
      return Stacks?.[0]?.StackStatus === 'CREATE_COMPLETE';
    }, 'the stack exists');
    const { alarms } = await listAlarms(aws, { stack: 'Shop-prod' });
    expect(alarms.toSorted()).toEqual(['shop-5xx-prod', 'shop-slow-prod']);
  });

  it('are named when there are none, with what to do', async () => {
    const aws = nextAccount();
    await expect(alarmsOf(aws, { prefix: 'shop-' })).rejects.toMatchObject({
      exitCode: 1,
      message: `There is no alarm whose name begins with shop- in account ${aws.account}, region ${aws.region}. Name the alarms with --alarm NAME.`,
    });
    await expect(alarmsOf(aws, { stack: 'Shop-prod' })).rejects.toMatchObject({
      exitCode: 1,
      message: expect.stringMatching(/could not be read: .*Shop-prod.* Or name them with --alarm NAME\.$/s) as string,
    });
  });
});

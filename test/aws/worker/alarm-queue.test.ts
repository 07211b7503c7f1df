import { PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, SendMessageCommand } from '@aws-sdk/client-sqs';
import { receiveNews } from '../../../activities/observe/alarm-queue';
import { freshAccounts } from '../../helpers/aws/accounts';
import { awsFor, putAlarm } from '../../helpers/samples/looks';

const nextAccount = freshAccounts(2);
type Aws = ReturnType<typeof nextAccount>;

const measure = (aws: Aws, name: string, value: number) =>
  awsFor(aws).cloudwatch.send(
    new PutMetricDataCommand({
      Namespace: 'Test',
      MetricData: [{ MetricName: name, Value: value }],
    }),
  );

describe('receiveNews', () => {
  const listen = (aws: Aws, unreadable: string[] = []) =>
    receiveNews(awsFor, aws, 'changes', {
      abortSignal: AbortSignal.timeout(10_000),
      unreadable: (body) => unreadable.push(body),
    });

  it('brings a ringing alarm from CloudWatch through SNS and SQS, until it is done with', async () => {
    const aws = nextAccount();
    const { sqs } = awsFor(aws);
    const sns = new SNSClient({ region: aws.region, profile: aws.profile });
    const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name: 'changes' }));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'changes' }));
    const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes?.['QueueArn'] }));
    await putAlarm(aws, 'failed', { AlarmActions: [TopicArn], OKActions: [TopicArn] });
    await measure(aws, 'failed', 1);
    const { changes, sentAtMs } = await listen(aws);
    expect(changes).toMatchObject([{ alarm: 'failed', state: 'ALARM', why: expect.stringContaining('Threshold') }]);
    expect(Math.abs(Date.now() - changes[0]!.atMs)).toBeLessThan(60_000);
    expect(sentAtMs).toEqual([expect.any(Number)]);
    expect(Math.abs(Date.now() - sentAtMs[0]!)).toBeLessThan(60_000);
    await changes[0]!.done();
    const left = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    expect(left.Attributes?.['ApproximateNumberOfMessagesNotVisible']).toBe('0');
  });

  it('removes and reports what is no alarm change', async () => {
    const aws = nextAccount();
    const { sqs } = awsFor(aws);
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'changes' }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'hello' }));
    const unreadable: string[] = [];
    expect(await listen(aws, unreadable)).toMatchObject({ changes: [], ended: [] });
    expect(unreadable).toEqual(['hello']);
  });
});

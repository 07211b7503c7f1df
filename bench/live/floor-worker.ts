import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createAwsForZero } from '../../activities/aws';
import { TARGET } from './stage';

export const FLOOR_QUEUE = 'floor';
export const ZERO = '0';

async function main(): Promise<void> {
  const { ssm } = createAwsForZero()(TARGET);
  const putZero = async (Name: string): Promise<void> => {
    await ssm.send(new PutParameterCommand({ Name, Value: ZERO, Type: 'String', Overwrite: true }));
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name }));
    if (Parameter?.Value !== ZERO) throw new Error(`${Name} is not at 0`);
  };
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] }),
    taskQueue: FLOOR_QUEUE,
    workflowsPath: require.resolve('./floor-workflows'),
    activities: { putZero },
  });
  console.log('worker is ready');
  await worker.run();
}

if (require.main === module)
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });

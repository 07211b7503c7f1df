import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeAlarmsCommand, PutMetricAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { msUntilZero } from './clock';
import { ZERO } from './floor-worker';
import type { Stage } from './stage';

/**
 * What teams write without an orchestrator: a script that reads its alarm each `everyMs` and puts the percentage to 0. Measures
 * `count` of them beside each other, whose alarms fire at evenly spread moments of the interval.
 */
export async function measureLoops(stage: Stage, everyMs: number, count: number): Promise<readonly number[]> {
  const stopping = new AbortController();
  // Each loop has one pause at a time; Node would call more than ten listeners a leak.
  setMaxListeners(2 * count, stopping.signal);
  const names = Array.from({ length: count }, (_, index) => `loop-${everyMs}-${index}`);
  const running = await Promise.all(names.map((name) => startLoop(stage, name, everyMs, stopping.signal)));
  const took = await Promise.all(
    names.map(async (name, index) => {
      await sleep((everyMs * (index + 1)) / count);
      const fires = { AlarmName: name, StateValue: 'ALARM', StateReason: 'by the bench' } as const;
      return msUntilZero(stage.aws.ssm, `/${name}`, () => stage.aws.cloudwatch.send(new SetAlarmStateCommand(fires)));
    }),
  );
  stopping.abort();
  await Promise.all(running.map(({ ended }) => ended));
  return took;
}

async function startLoop({ aws }: Stage, name: string, everyMs: number, stopping: AbortSignal) {
  const { cloudwatch, ssm } = aws;
  const Name = `/${name}`;
  const put = (Value: string) => ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
  await put('10');
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      ...{ AlarmName: name, Namespace: 'Bench', MetricName: name, Statistic: 'Sum', Period: 60 },
      ...{ EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: 'GreaterThanOrEqualToThreshold' },
    }),
  );
  const loop = async (): Promise<void> => {
    while (!stopping.aborted) {
      const { MetricAlarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
      if (MetricAlarms[0]?.StateValue === 'ALARM') return void (await put(ZERO));
      await sleep(everyMs, undefined, { signal: stopping }).catch(() => undefined);
    }
  };
  return { ended: loop() };
}

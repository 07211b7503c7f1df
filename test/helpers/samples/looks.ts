import { PutMetricAlarmCommand, type PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { createAwsFor } from '../../../activities/aws';
import type { Observation } from '../../../activities/observe/guards/observation';
import type { AwsTarget } from '../../../rules/plan/environment-plan';

export const awsFor = createAwsFor();

/** A check of an account of the emulator, over the last minute unless it says otherwise. */
export function lookAt(aws: AwsTarget, changes: Partial<Observation> = {}): Observation {
  const nowMs = Date.now();
  const abortSignal = AbortSignal.timeout(20_000);
  return { clients: awsFor(aws), aws, sinceMs: nowMs - 60_000, nowMs, abortSignal, ...changes };
}

/** Makes an alarm of one period of a minute, on a metric of its own name. */
export const putAlarm = (aws: AwsTarget, name = 'failed', more: Partial<PutMetricAlarmCommandInput> = {}) =>
  awsFor(aws).cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: name,
      Namespace: 'Test',
      MetricName: name,
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
      ...more,
    }),
  );

/** Any client of the SDK, as far as these helpers need it. */
interface Client {
  readonly middlewareStack: {
    add(
      middleware: (next: Handler, context: { commandName?: string }) => Handler,
      options: { readonly step: 'initialize' },
    ): void;
  };
}
type Handler = (args: { input: object }) => Promise<{ response: unknown; output: object }>;

/** Names and inputs of the requests that a client sends from now on. */
export function requestsOf(client: unknown): { readonly command: string; readonly input: object }[] {
  const sent: { command: string; input: object }[] = [];
  (client as Client).middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        sent.push({ command: commandName, input: args.input });
        return next(args);
      },
    { step: 'initialize' },
  );
  return sent;
}

/** What AWS answers and the emulator cannot: a recorded answer in place of the request. */
export function answerInstead(client: unknown, command: string, answer: (input: object) => object): void {
  (client as Client).middlewareStack.add(
    (next, { commandName }) =>
      async (args) =>
        commandName === command ? { response: {}, output: { $metadata: {}, ...answer(args.input) } } : next(args),
    { step: 'initialize' },
  );
}

/** What AWS answers beside what the emulator does. */
export function answerAlso<Output extends object>(
  client: unknown,
  command: string,
  more: (output: Output) => object,
): void {
  (client as Client).middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const answer = await next(args);
        return commandName === command
          ? { ...answer, output: { ...answer.output, ...more(answer.output as Output) } }
          : answer;
      },
    { step: 'initialize' },
  );
}

import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { CheckAnswer, LambdaQuestion } from '../../../rules/checks/check';
import { judgeLambda } from '../../../rules/checks/judge';
import type { Asking } from './asking';

export async function askLambda(question: LambdaQuestion, { plan, awsFor, signal }: Asking): Promise<CheckAnswer> {
  const request = new InvokeCommand({
    FunctionName: question.function,
    InvocationType: 'RequestResponse',
    Payload: Buffer.from(JSON.stringify(question.payload)),
  });
  const answer = await awsFor(plan.aws).lambda.send(request, { abortSignal: signal });
  const { FunctionError: functionError, ExecutedVersion: version, Payload } = answer;
  return judgeLambda(question, { version, functionError, payload: Buffer.from(Payload ?? []).toString('utf8') });
}

import { GetParameterCommand } from '@aws-sdk/client-ssm';
import type { SecretPlace } from '../../../rules/notify/notice';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { AwsFor } from '../../aws';
import { failure, toFailure } from '../../failures';

/** Where a secret is stored, as text; never the secret. */
export const placeText = (place: SecretPlace): string =>
  'parameter' in place ? `parameter ${place.parameter}` : `variable ${place.variable}`;

/**
 * The address of a webhook, which is a secret: no error here contains it. Throws what is wrong: missing, no SecureString,
 * no https address. Plain http is allowed only to this machine.
 */
export async function readAddress(
  awsFor: AwsFor,
  aws: AwsTarget,
  place: SecretPlace,
  abortSignal: AbortSignal,
): Promise<URL> {
  const text =
    'parameter' in place ? await ofParameter(awsFor, aws, place.parameter, abortSignal) : ofVariable(place.variable);
  // An error of `new URL` would contain the text.
  const address = URL.canParse(text) ? new URL(text) : undefined;
  if (address === undefined || !isSafe(address))
    throw failure('Unreadable', `${placeText(place)} does not hold an https address`);
  return address;
}

const isSafe = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && (hostname === '127.0.0.1' || hostname === 'localhost'));

async function ofParameter(awsFor: AwsFor, aws: AwsTarget, Name: string, abortSignal: AbortSignal): Promise<string> {
  const ask = new GetParameterCommand({ Name, WithDecryption: true });
  const answer = await awsFor(aws)
    .ssm.send(ask, { abortSignal })
    .catch((error: unknown) => {
      throw toFailure(error, `reading parameter ${Name}`);
    });
  const { Type, Value = '' } = answer.Parameter ?? {};
  if (Type !== 'SecureString')
    throw failure(
      'Unreadable',
      `parameter ${Name} is a ${Type ?? 'parameter without a type'}: write it as a SecureString`,
    );
  return Value;
}

function ofVariable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw failure('ParameterMissing', `the worker has no variable ${name}`);
  return value;
}

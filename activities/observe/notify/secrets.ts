import { GetParameterCommand } from '@aws-sdk/client-ssm';
import type { SecretPlace } from '../../../rules/notify/notice';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { AwsFor } from '../../aws';
import { failure, toFailure } from '../../failures';

/** SSM reads secrets of Secrets Manager too: https://docs.aws.amazon.com/systems-manager/latest/userguide/integration-ps-secretsmanager.html. */
const OF_SECRETS_MANAGER = '/aws/reference/secretsmanager/';

/** Where a secret is stored, as text; never the secret. */
export function placeText(place: SecretPlace): string {
  if ('parameter' in place) return `parameter ${place.parameter}`;
  return 'secret' in place ? `secret ${place.secret}` : `variable ${place.variable}`;
}

/** A secret: no error here contains it. Throws what is wrong: missing, not encrypted, empty. */
export async function readSecret(
  awsFor: AwsFor,
  aws: AwsTarget,
  place: SecretPlace,
  abortSignal: AbortSignal,
): Promise<string> {
  if ('variable' in place) return ofVariable(place.variable);
  const name = 'parameter' in place ? place.parameter : `${OF_SECRETS_MANAGER}${place.secret}`;
  const text = (await ofParameter(awsFor, aws, name, abortSignal)).trim();
  if (text === '') throw failure('Unreadable', `${placeText(place)} is empty`);
  return text;
}

/**
 * A secret that is the address of a webhook. Throws when it is no https address. Plain http is allowed only to this machine.
 */
export async function readAddress(
  awsFor: AwsFor,
  aws: AwsTarget,
  place: SecretPlace,
  abortSignal: AbortSignal,
): Promise<URL> {
  return safeAddress(await readSecret(awsFor, aws, place, abortSignal), placeText(place));
}

/** An error of `new URL` would contain the text, which may be a secret. */
export function safeAddress(text: string, place: string): URL {
  const address = URL.canParse(text) ? new URL(text) : undefined;
  if (address === undefined || !isSafe(address)) throw failure('Unreadable', `${place} does not hold an https address`);
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
  const value = process.env[name]?.trim();
  if (value === undefined || value === '') throw failure('ParameterMissing', `the worker has no variable ${name}`);
  return value;
}

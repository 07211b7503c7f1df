import { randomInt, randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AwsTarget } from '../../../rules/plan/environment-plan';

/** Of one test file: the SDK, which all files of a Jest worker share, reads a profile file only once. */
const PROFILES = randomUUID();

/**
 * An AWS account that no other test knows. The emulator takes the account from an access key id of twelve digits. Bucket
 * names are global there, as in AWS: another account does not help against a bucket of the same name.
 */
export function freshAccount(): AwsTarget & { readonly profile: string } {
  const account = `9${String(randomInt(1, 99_999_999_999)).padStart(11, '0')}`;
  const profile = `test-${account}`;
  const directory = process.env['AWS_EMULATOR_DIRECTORY'];
  if (directory === undefined) throw new Error('the AWS emulator is not running: use the Jest project "aws"');
  const files = join(directory, 'profiles', PROFILES);
  appendFileSync(`${files}.config`, `[profile ${profile}]\nregion = us-east-1\n`);
  appendFileSync(
    `${files}.credentials`,
    `[${profile}]\naws_access_key_id = ${account}\naws_secret_access_key = test\n`,
  );
  process.env['AWS_CONFIG_FILE'] = `${files}.config`;
  process.env['AWS_SHARED_CREDENTIALS_FILE'] = `${files}.credentials`;
  return { account, region: 'us-east-1', profile };
}

/** Several at once: the SDK reads the profile files only once, so all accounts of a test file must be there before. */
export function freshAccounts(count: number): () => ReturnType<typeof freshAccount> {
  const accounts = Array.from({ length: count }, freshAccount);
  return () => {
    const next = accounts.pop();
    if (next === undefined) throw new Error(`more than ${count} accounts are asked for`);
    return next;
  };
}

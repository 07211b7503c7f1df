import { createHash, randomInt } from 'node:crypto';
import { getEventListeners } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { createAwsFor } from '../../../activities/aws';
import { toFailure } from '../../../activities/failures';
import { createFlagObservations } from '../../../activities/observe/flag/flags';
import { createSyntheses } from '../../../activities/observe/stacks/synthesis';
import { awsClient } from '../../../sandbox/aws/client-config';
import { activityEnvironment } from '../../helpers/activity-environment';
import { type Ask, everyClient } from '../../helpers/aws/every-client';
import { type KeyGuard, startKeyGuard } from '../../helpers/aws/key-guard';

const folder = mkdtempSync(join(tmpdir(), 'renewed-'));
const credentialsFile = join(folder, 'credentials');
const configFile = join(folder, 'config');
const upstream = process.env['AWS_ENDPOINT_URL'] ?? '';
let guard: KeyGuard;

beforeAll(async () => {
  guard = await startKeyGuard(upstream);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: guard.url,
    AWS_SHARED_CREDENTIALS_FILE: credentialsFile,
    AWS_CONFIG_FILE: configFile,
    AWS_EC2_METADATA_DISABLED: 'true',
    HOME: folder,
  });
  writeFileSync(configFile, '');
});
afterAll(() => guard.close());
beforeEach(() => {
  guard.seen.length = 0;
  guard.refused.clear();
  guard.alone = false;
});

/** The emulator takes an access key id of twelve digits for the account. */
const newKey = (): string => `8${String(randomInt(1, 99_999_999_999)).padStart(11, '0')}`;
const keysIn = (profile: string, id: string): string =>
  `[${profile}]\naws_access_key_id = ${id}\naws_secret_access_key = secret\naws_session_token = token-of-${id}\n`;
const write = (profile: string, id: string): void => writeFileSync(credentialsFile, keysIn(profile, id));
let profiles = 0;
const newTarget = () => ({ account: '888888888888', region: 'us-east-1', profile: `renewed-${(profiles += 1)}` });
type Target = ReturnType<typeof newTarget>;

const EXPIRED = { code: 'ExpiredTokenException', message: 'The security token included in the request is expired' };

/** The sandbox's own client too. */
const everyClientOf = async (aws: Target): Promise<Readonly<Record<string, Ask>>> => ({
  ...(await everyClient(aws)),
  sandbox: () => new SSMClient(awsClient(aws)).send(new GetParameterCommand({ Name: '/x' })),
});
const ended = (ask: Ask): Promise<string> =>
  ask().then(
    () => 'answered',
    (error: Error) => error.message,
  );

describe('keys of a profile that are renewed in the file', () => {
  beforeEach(() => (guard.alone = true));

  it('are used by every client at the first request that AWS refuses with the old ones', async () => {
    const aws = newTarget();
    const [first, second] = [newKey(), newKey()];
    write(aws.profile, first);
    const asks = await everyClientOf(aws);
    for (const ask of Object.values(asks)) await ended(ask);
    expect(new Set(guard.seen)).toEqual(new Set([first]));

    guard.refused.set(first, EXPIRED);
    write(aws.profile, second);
    for (const [name, ask] of Object.entries(asks)) {
      const said = await ended(ask);
      expect([name, guard.seen.at(-1), said]).toEqual([name, second, expect.not.stringContaining('expired')]);
    }
    // Seen by one, known to all.
    expect(guard.seen.filter((key) => key === first)).toHaveLength(Object.keys(asks).length + 1);
  });

  it.each([
    'ExpiredToken',
    'ExpiredTokenException',
    'RequestExpired',
    'InvalidToken',
    'InvalidClientTokenId',
    'UnrecognizedClientException',
    'InvalidAccessKeyId',
    'SignatureDoesNotMatch',
  ])('are tried once more after %s by each protocol, and without new ones not at all', async (code) => {
    const aws = newTarget();
    const [first, second] = [newKey(), newKey()];
    write(aws.profile, first);
    const { ssm, sns, s3, cloudwatch, batch } = await everyClientOf(aws);
    guard.refused.set(first, { code });
    for (const ask of [ssm, sns, s3, cloudwatch, batch]) {
      const error = await ask!().catch((thrown: unknown) => thrown);
      expect(toFailure(error, 'asking')).toMatchObject({ type: 'Unavailable', nonRetryable: false });
    }
    expect(guard.seen).toEqual([first, first, first, first, first]);
    write(aws.profile, second);
    for (const ask of [ssm, sns, s3, cloudwatch, batch]) await ended(ask!);
    expect(guard.seen.slice(5)).toEqual([first, second, second, second, second, second]);
  });

  it('do not help a request that a policy refuses', async () => {
    const aws = newTarget();
    const first = newKey();
    write(aws.profile, first);
    const { ssm, sts } = await everyClientOf(aws);
    await ended(sts!);
    guard.refused.set(first, { code: 'AccessDeniedException', message: 'not authorized to perform: ssm:GetParameter' });
    write(aws.profile, newKey());
    const error = await ssm!().catch((thrown: unknown) => thrown);
    expect(toFailure(error, 'asking')).toMatchObject({ type: 'AccessDenied', nonRetryable: true });
    expect(guard.seen).toEqual([first, first]);
  });
});

describe('keys that come from elsewhere', () => {
  it('of a role are asked for again with the renewed keys of its source', async () => {
    const aws = newTarget();
    const [first, second] = [newKey(), newKey()];
    const role = 'arn:aws:iam::888888888888:role/rollout';
    writeFileSync(configFile, `[profile ${aws.profile}]\nrole_arn = ${role}\nsource_profile = source\n`);
    write('source', first);
    const { sts } = await everyClientOf(aws);
    expect(await ended(sts!)).toBe('answered');
    const ofRole = guard.seen.at(-1)!;
    expect(guard.seen).toEqual([first, ofRole]);

    for (const key of [first, ofRole]) guard.refused.set(key, EXPIRED);
    expect(await ended(sts!)).toContain('expired');
    write('source', second);
    expect(await ended(sts!)).toBe('answered');
    expect(guard.seen.slice(-2)).toEqual([second, expect.not.stringContaining(ofRole)]);
  });

  it('of a web identity are asked for again with the token that is in the file then', async () => {
    const aws = newTarget();
    const token = join(folder, 'token');
    const role = 'arn:aws:iam::888888888888:role/rollout';
    writeFileSync(token, 'first-token');
    writeFileSync(configFile, `[profile ${aws.profile}]\nrole_arn = ${role}\nweb_identity_token_file = ${token}\n`);
    const { sts } = await everyClientOf(aws);
    expect(await ended(sts!)).toBe('answered');
    guard.refused.set(guard.seen.at(-1)!, EXPIRED);
    writeFileSync(token, 'second-token');
    expect(await ended(sts!)).toBe('answered');
    const tokens = guard.unsigned.map((body) => new URLSearchParams(body).get('WebIdentityToken'));
    expect(tokens.slice(-2)).toEqual(['first-token', 'second-token']);
  });

  it('of a process that fails for a while are no refusal, and count when it works again', async () => {
    const aws = newTarget();
    const answer = join(folder, 'process.json');
    writeFileSync(configFile, `[profile ${aws.profile}]\ncredential_process = cat ${answer}\n`);
    const { readFlag } = createFlagObservations(createAwsFor());
    const look = () => readFlag({ aws, flag: { parameter: '/x', salt: 's' } });
    await expect(look()).rejects.toMatchObject({
      type: 'Unavailable',
      nonRetryable: false,
      message: expect.stringMatching(/no credentials at the moment/),
    });
    const keys = { Version: 1, AccessKeyId: newKey(), SecretAccessKey: 's', SessionToken: 't' };
    writeFileSync(answer, JSON.stringify(keys));
    expect(await look()).toMatchObject({ found: false });
  });

  it('of a login are asked for again with the token that the login has written', async () => {
    const aws = newTarget();
    const portal = 'https://example.awsapps.com/start';
    const cache = join(folder, '.aws/sso/cache');
    mkdirSync(cache, { recursive: true });
    const logIn = (accessToken: string, endsInMs: number): void =>
      writeFileSync(
        join(cache, `${createHash('sha1').update(portal).digest('hex')}.json`),
        JSON.stringify({ accessToken, expiresAt: new Date(Date.now() + endsInMs).toISOString() }),
      );
    const login = `sso_start_url = ${portal}\nsso_region = us-east-1\nsso_account_id = 888888888888\nsso_role_name = r\n`;
    writeFileSync(configFile, `[profile ${aws.profile}]\n${login}`);
    logIn('old', -1_000);
    const { readFlag } = createFlagObservations(createAwsFor());
    const look = () => readFlag({ aws, flag: { parameter: '/x', salt: 's' } });
    const message = expect.stringMatching(/session associated with this profile has expired.*log in again/);
    await expect(look()).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false, message });
    logIn('new', 3_600_000);
    // From here on the portal decides, which the emulator does not have.
    await expect(look()).rejects.toMatchObject({ message: expect.not.stringContaining('has expired') });
  });
});

describe('a deployment whose keys have ended', () => {
  const infrastructure = {
    app: `node ${resolve(__dirname, '../../helpers/apps/account-app.cjs')}`,
    directory: folder,
    stacks: ['Account'],
  };
  it('is not refused, makes nothing for no account, and goes on with renewed ones', async () => {
    const aws = newTarget();
    const [first, second] = [newKey(), newKey()];
    write(aws.profile, first);
    guard.refused.set(first, { ...EXPIRED, code: 'ExpiredToken' });
    const { synthesize } = createSyntheses(createAwsFor());
    const look = () => activityEnvironment().run(synthesize, { infrastructure, aws, nextEnvironments: [] });
    await expect(look()).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false });
    expect(() => readFileSync(join(folder, 'accounts.txt'))).toThrow(/ENOENT/);
    write(aws.profile, second);
    expect(await look()).toMatchObject({ template: expect.stringMatching(/^[0-9a-f]{12}$/) });
    expect(readFileSync(join(folder, 'accounts.txt'), 'utf8')).toBe(second);
  });
});

describe('many requests by one client', () => {
  it('leave no listener behind on a signal that lives as long as the worker', async () => {
    const aws = newTarget();
    write(aws.profile, newKey());
    const awsFor = createAwsFor();
    const { signal } = new AbortController();
    guard.alone = true;
    for (let round = 0; round < 500; round += 1) {
      const { ssm, ecr } = awsFor(aws);
      const asked = ssm.send(new GetParameterCommand({ Name: '/x' }), { abortSignal: signal });
      await expect(asked).rejects.toMatchObject({ name: 'NotAsked' });
      expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(2);
      expect(ecr('us-west-2')).toBe(awsFor({ ...aws }).ecr('us-west-2'));
    }
  });
});

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CreateAccessKeyCommand, CreateRoleCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { signProof, whoAmI } from '../../../../activities/caller-proof';
import { type CallerAnswer, createCallerVerification } from '../../../../activities/observe/identity/verify-caller';
import { principalOf } from '../../../../rules/identity/principal';
import { type Proof, type Purpose, purposeHash, readProof } from '../../../../rules/identity/proof';
import { startMoto } from '../../../helpers/aws/start-moto';

/** MiniStack takes any signature; moto recalculates each one, when it is set so. */
let moto: Awaited<ReturnType<typeof startMoto>>;
/** Counts what reaches it, and sends everybody to moto. */
let redirecting: Server;
const REGION = 'us-east-1';
const PURPOSE: Purpose = { workflowId: 'rollout-pavi-prod', run: 'run-1', verb: 'resume', command: { by: 'ada' } };
const NONCE = '0123456789abcdef';
const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
});
const before = { ...process.env };

interface Keys {
  readonly AccessKeyId?: string | undefined;
  readonly SecretAccessKey?: string | undefined;
  readonly SessionToken?: string | undefined;
}
let user: Keys;
let session: Keys;

const use = ({ AccessKeyId = '', SecretAccessKey = '', SessionToken }: Keys): void => {
  for (const name of Object.keys(process.env)) if (name.startsWith('AWS_')) delete process.env[name];
  Object.assign(process.env, { AWS_ENDPOINT_URL: moto.endpoint, AWS_ACCESS_KEY_ID: AccessKeyId });
  process.env['AWS_SECRET_ACCESS_KEY'] = SecretAccessKey;
  if (SessionToken !== undefined) process.env['AWS_SESSION_TOKEN'] = SessionToken;
};

beforeAll(async () => {
  moto = await startMoto();
  const config = {
    region: REGION,
    endpoint: moto.endpoint,
    credentials: { accessKeyId: 'first', secretAccessKey: 'first' },
  };
  const iam = new IAMClient(config);
  await iam.send(new CreateUserCommand({ UserName: 'ada' }));
  user = (await iam.send(new CreateAccessKeyCommand({ UserName: 'ada' }))).AccessKey!;
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName: 'Release', AssumeRolePolicyDocument: TRUST }));
  const sts = new STSClient(config);
  const assumed = await sts.send(new AssumeRoleCommand({ RoleArn: Role!.Arn, RoleSessionName: 'github' }));
  session = assumed.Credentials!;
  await fetch(`${moto.endpoint}/moto-api/reset-auth`, { method: 'POST', body: '0' });
  redirecting = createServer((_request, response) => {
    response.writeHead(307, { location: `${moto.endpoint}/` }).end();
  });
  await new Promise<void>((resolve) => redirecting.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  process.env = before;
  await moto.stop();
  await new Promise((resolve) => redirecting.close(resolve));
});

const { verifyCaller } = createCallerVerification();
const sign = (purpose = PURPOSE, region = REGION): Promise<Proof> => signProof({ region }, purpose, NONCE);
const verify = (proof: Proof, purpose = PURPOSE, region = REGION): Promise<CallerAnswer> =>
  verifyCaller({ region, proof, purpose: purposeHash(purpose, proof.nonce) });
const whyNot = async (proof: Proof, purpose = PURPOSE): Promise<string> => {
  const answer = await verify(proof, purpose);
  return 'why' in answer ? answer.why : `accepted as ${answer.arn}`;
};

describe('who signed', () => {
  it('is what AWS says of a user, and of a role that a pipeline has assumed', async () => {
    use(user);
    const proof = await sign();
    expect(readProof(proof, Date.now())).toHaveProperty('proof', proof);
    const answer = await verify(proof);
    expect(answer).toEqual({ arn: 'arn:aws:iam::123456789012:user/ada' });
    expect(await whoAmI({ region: REGION })).toBe('arn:aws:iam::123456789012:user/ada');
    use(session);
    // The process keeps its credentials by region.
    const answered = await verify(await sign(PURPOSE, 'eu-central-1'), PURPOSE, 'eu-central-1');
    expect(answered).toEqual({ arn: 'arn:aws:sts::123456789012:assumed-role/Release/github' });
    expect('arn' in answered && principalOf(answered.arn)?.canonical).toBe('arn:aws:iam::123456789012:role/Release');
  });

  it('needs no credentials of the worker', async () => {
    use(user);
    const proof = await sign();
    use({});
    delete process.env['AWS_ACCESS_KEY_ID'];
    expect(await verify(proof)).toHaveProperty('arn');
  });

  it.each<[string, Purpose]>([
    ['another rollout', { ...PURPOSE, workflowId: 'rollout-pavi-dev' }],
    ['an earlier rollout of the environment', { ...PURPOSE, run: 'run-0' }],
    ['another verb', { ...PURPOSE, verb: 'promote' }],
    ['another argument', { ...PURPOSE, command: { by: 'ada', flag: 'restore' } }],
  ])('does not count for %s', async (_what, other) => {
    use(user);
    expect(await whyNot(await sign(), other)).toMatch(/refused it \(.*signature/i);
  });

  it.each<[string, (proof: Proof) => Proof]>([
    [
      'another date',
      (proof) => ({ ...proof, date: proof.date.replace(/..Z$/, (end) => (end === '00Z' ? '01Z' : '00Z')) }),
    ],
    [
      'another key',
      (proof) => ({ ...proof, authorization: proof.authorization.replace(/=\w+\//, '=AKIAIOSFODNN7EXAMPLE/') }),
    ],
    [
      'another signature',
      (proof) => ({ ...proof, authorization: proof.authorization.replace(/.{64}$/, 'a'.repeat(64)) }),
    ],
    ['another nonce', (proof) => ({ ...proof, nonce: 'fedcba9876543210' })],
    ['a token of somebody else', (proof) => ({ ...proof, token: 'x' })],
  ])('does not count with %s', async (_what, tamper) => {
    use(user);
    const proof = await sign();
    expect(await whyNot(tamper(proof))).toMatch(/AWS refused it/);
  });

  it('is asked only where the worker asks AWS', async () => {
    use(user);
    const proof = await sign();
    expect(await whyNot({ ...proof, host: 'sts.example.org' })).toMatch(
      /signed for sts.example.org, and this worker asks/,
    );
  });

  it('follows no redirect', async () => {
    use(user);
    const { port } = redirecting.address() as AddressInfo;
    process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${port}`;
    expect(await whyNot(await sign())).toMatch(/redirect \(307\), which is not followed/);
  });

  it('is not known without an answer, which is a failure and no yes', async () => {
    use(user);
    const free = createServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    process.env['AWS_ENDPOINT_URL'] = `http://127.0.0.1:${port}`;
    await expect(verify(await sign())).rejects.toThrow(/ECONNREFUSED/);
  });

  it('cannot be signed without credentials, and then nothing is sent', async () => {
    use({});
    delete process.env['AWS_ACCESS_KEY_ID'];
    Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: 'true', AWS_CONFIG_FILE: '/dev/null' });
    process.env['AWS_SHARED_CREDENTIALS_FILE'] = '/dev/null';
    await expect(signProof({ region: 'eu-west-1' }, PURPOSE, NONCE)).rejects.toThrow(/signing who you are/);
  });
});

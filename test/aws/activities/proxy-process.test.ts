import { execFile } from 'node:child_process';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { formatFlags, parseFlags } from '../../../flags';
import { freshAccounts } from '../../helpers/aws/accounts';
import { changedPlan, type Ran, runWith, withoutPush } from '../../helpers/processes/cli';
import { ForwardProxy, INSIDE_PEM, withTls } from '../../helpers/processes/forward-proxy';
import { freePort } from '../../../sandbox/process/free-port';
import { TemporalProcess } from '../../helpers/temporal/temporal-process';
import { PAVI_KEYS } from '../../../pavi/flag';

jest.setTimeout(400_000);

const nextAccount = freshAccounts(6);
const PASSWORD = 's3cr#t/of:the@proxy';
const flag = { parameter: '/pavi/prod/step-functions-rollout', salt: 'pavi-prod' };
const upstream = process.env['AWS_ENDPOINT_URL'] ?? '';

let proxy: ForwardProxy;
beforeAll(async () => (proxy = await ForwardProxy.start()));
beforeEach(() => {
  proxy.wants = `me:${PASSWORD}`;
  proxy.seen.length = 0;
});
afterAll(() => proxy.stop());
const address = (): string => `http://me:${encodeURIComponent(PASSWORD)}@127.0.0.1:${proxy.port}`;
const everything = ({ stdout, stderr }: Ran): string => stdout + stderr;

type Account = ReturnType<typeof nextAccount>;
const planIn = (aws: Account): string =>
  changedPlan('proxied.yaml', (text) =>
    withoutPush(text).replace(
      "{ account: '333333333333', region: us-east-1, profile: sandbox-prod }",
      `{ account: '${aws.account}', region: us-east-1, profile: ${aws.profile} }`,
    ),
  );

describe('break-glass', () => {
  const set = (aws: Account, variables: NodeJS.ProcessEnv): Promise<Ran> =>
    runWith({ ...process.env, TEMPORAL_ADDRESS: '127.0.0.1:1', ...variables }, 'rollout', [
      ...[
        'flags',
        'set',
        'prod',
        '--plan',
        planIn(aws),
        '--percentage',
        '0',
        '--break-glass',
        '--reason',
        'test',
        '--json',
      ],
    ]);

  it('writes 0 by TLS through a proxy that wants credentials', async () => {
    const aws = nextAccount();
    const ssm = new SSMClient(aws);
    const written = {
      schema: 1,
      generation: 3,
      writer: 'rollout-pavi-prod/run-1',
      reason: 'r',
      salt: flag.salt,
    } as const;
    const Value = formatFlags({ ...written, percentage: 25 }, PAVI_KEYS);
    await ssm.send(new PutParameterCommand({ Name: flag.parameter, Value, Type: 'String' }));
    const tls = await withTls(upstream);
    const ran = await set(aws, {
      AWS_ENDPOINT_URL: `https://aws.inside.test:${tls.port}`,
      HTTPS_PROXY: address(),
      NODE_EXTRA_CA_CERTS: INSIDE_PEM,
    });
    tls.stop();
    expect([ran.code, ran.stderr]).toEqual([0, expect.not.stringContaining('trying again')]);
    expect(everything(ran)).not.toMatch(/s3cr/);
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: flag.parameter }));
    const document = parseFlags(Parameter?.Value ?? '', PAVI_KEYS);
    expect(document.ok && document.document.percentage).toBe(0);
    expect(new Set(proxy.seen)).toEqual(new Set([`CONNECT aws.inside.test:${tls.port}`]));
  });

  it('says at once which variable names no proxy, and what to write', async () => {
    const ran = await set(nextAccount(), {
      AWS_ENDPOINT_URL: 'https://aws.inside.test',
      HTTPS_PROXY: `socks5://me:s3cret@127.0.0.1:1`,
    });
    expect(ran.code).toBe(2);
    expect(everything(ran)).toMatch(/HTTPS_PROXY names a socks5 proxy.*write http:\/\/host:port/);
    expect(everything(ran)).not.toMatch(/s3cret|\n +at /);
  });
});

describe('Temporal', () => {
  let temporal: TemporalProcess;
  beforeAll(async () => (temporal = await TemporalProcess.start()));
  afterAll(() => temporal?.stop());
  const inside = (): string => `temporal.inside.test:${temporal.address.split(':')[1]}`;
  const verb = (variables: NodeJS.ProcessEnv, ...words: readonly string[]): Promise<Ran> =>
    runWith({ ...process.env, TEMPORAL_ADDRESS: inside(), ...variables }, 'rollout', words);

  it('is reached through it by worker and verbs, and the doctor says so', async () => {
    const plan = planIn(nextAccount());
    const before = { ...process.env };
    Object.assign(process.env, { HTTPS_PROXY: address(), NO_PROXY: '.nowhere.test' });
    try {
      await temporal.work(plan, inside());
    } finally {
      for (const name of ['HTTPS_PROXY', 'NO_PROXY']) delete process.env[name];
      Object.assign(process.env, before);
    }
    expect(new Set(proxy.seen)).toEqual(new Set([`CONNECT ${inside()}`]));
    const examined = await verb({ HTTPS_PROXY: address() }, 'doctor', 'prod', '--plan', plan, '--json');
    const { findings } = JSON.parse(examined.stdout) as { findings: readonly { subject: string; what: string }[] };
    expect(findings.find(({ subject }) => subject === 'proxy of the worker')?.what).toMatch(
      /^AWS: direct \(.*; Temporal temporal\.inside\.test:\d+: through the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\)/,
    );
    expect(temporal.log('worker') + everything(examined)).not.toMatch(/s3cr/);
  });

  it('is named with the proxy that refuses every connection', async () => {
    const asked = ['list', '--plan', planIn(nextAccount())];
    const dead = `http://me:${encodeURIComponent(PASSWORD)}@127.0.0.1:${await freePort()}`;
    const wrong = address().replace('me:', 'you:');
    for (const [HTTPS_PROXY, why] of [
      [dead, /the proxy does not answer: connection refused/],
      [wrong, /the proxy answers 407/],
    ] as const) {
      const ran = await verb({ HTTPS_PROXY }, ...asked);
      expect([ran.code, everything(ran)]).toEqual([1, expect.stringMatching(why)]);
      expect(everything(ran)).toMatch(/through the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\)\)/);
      expect(everything(ran)).not.toMatch(/s3cr|\n +at /);
    }
    const worker = await new Promise<Ran>((done) => {
      const env = {
        ...process.env,
        TEMPORAL_ADDRESS: inside(),
        HTTPS_PROXY: 'http://me:s3cret@',
        NODE_ENV: 'production',
      };
      execFile(process.execPath, ['--require', './register.cjs', 'worker/main.ts'], { env }, (error, stdout, stderr) =>
        done({ code: Number(error?.code), stdout, stderr }),
      );
    });
    expect(worker).toEqual({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^The worker does not start: HTTPS_PROXY is not/),
    });
    expect(worker.stderr).not.toMatch(/s3cret|\n +at /);
  });
});

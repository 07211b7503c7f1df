import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { GetParameterCommand } from '@aws-sdk/client-ssm';
import { createNotifications } from '../../../activities/act/notify/notify';
import { createStackActivities } from '../../../activities/act/stacks/stack';
import { createAwsFor } from '../../../activities/aws';
import { createBreakGlass, countUnreadable } from '../../../activities/break-glass';
import { Credentials, credentialsOf } from '../../../activities/credentials';
import { cameFromAws, toFailure } from '../../../activities/failures';
import { createFlagObservations } from '../../../activities/observe/flag/flags';
import { ProxyAgent } from '../../../activities/proxy-agent';
import { webFetch } from '../../../activities/web';
import type { DeploymentResult } from '../../../rules/stacks/results';
import { bootstrapAccount } from '../../../sandbox/bootstrap';
import { freshAccounts } from '../../helpers/aws/accounts';
import { activityEnvironment } from '../../helpers/activity-environment';
import { everyClient } from '../../helpers/aws/every-client';
import { ForwardProxy, INSIDE_PEM } from '../../helpers/processes/forward-proxy';
import { freePort } from '../../../sandbox/process/free-port';
import { SECRET, Webhook } from '../../helpers/processes/webhook';

const upstream = process.env['AWS_ENDPOINT_URL'] ?? '';
const awsPort = new URL(upstream).port;
/** Only the proxy knows this name. */
const inside = (name: string, port: number | string): string => `http://${name}.inside.test:${port}`;
const nextAccount = freshAccounts(12);
const { signal } = new AbortController();
const PASSWORD = 's3cr#t/of:the@proxy';

let proxy: ForwardProxy;
beforeAll(async () => (proxy = await ForwardProxy.start()));
afterAll(() => proxy.stop());
beforeEach(() => {
  proxy.seen.length = 0;
  Object.assign(proxy, { wants: undefined, silent: false, refuses: undefined });
  Object.assign(process.env, { HTTP_PROXY: proxy.address, HTTPS_PROXY: proxy.address });
  process.env['AWS_ENDPOINT_URL'] = inside('aws', awsPort);
});
afterEach(() => {
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'AWS_ENDPOINT_URL_S3']) delete process.env[name];
  process.env['AWS_ENDPOINT_URL'] = upstream;
});

const failed = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => new Error('it did not fail'),
    (error: Error) => error,
  );

describe('AWS', () => {
  it('is asked through the proxy by every client', async () => {
    const aws = nextAccount();
    const asks = { ...(await everyClient(aws)), unreadable: () => countUnreadable(aws, 'none') };
    for (const [name, ask] of Object.entries(asks)) {
      proxy.seen.length = 0;
      const error = await failed(ask());
      expect([name, String(error), proxy.seen.length]).toEqual([name, expect.not.stringMatching(/ENOTFOUND|EAI/), 1]);
    }
  });

  it('is asked for keys through the proxy, by STS and by both clients of SSO', async () => {
    const { account } = nextAccount();
    const folder = mkdtempSync(join(tmpdir(), 'proxied-'));
    const before = { ...process.env };
    const portal = 'https://portal.example.org';
    const sso = `sso_start_url = ${portal}\nsso_region = us-east-1\nsso_account_id = ${account}\nsso_role_name = r\n`;
    const session = `[sso-session s]\nsso_start_url = ${portal}\nsso_region = us-east-1\n`;
    const config = [
      `[profile role]\nrole_arn = arn:aws:iam::${account}:role/r\nsource_profile = source\n`,
      `[profile sso]\n${sso}`,
      `[profile renewed]\nsso_session = s\nsso_account_id = ${account}\nsso_role_name = r\n${session}`,
    ];
    writeFileSync(join(folder, 'config'), config.join(''));
    writeFileSync(join(folder, 'keys'), `[source]\naws_access_key_id = ${account}\naws_secret_access_key = s\n`);
    const cache = join(folder, '.aws/sso/cache');
    mkdirSync(cache, { recursive: true });
    const token = (of: string, expiresAt: string): void =>
      writeFileSync(
        join(cache, `${createHash('sha1').update(of).digest('hex')}.json`),
        JSON.stringify({
          ...{ accessToken: 't', expiresAt, refreshToken: 'r', clientId: 'c', clientSecret: 's' },
          registrationExpiresAt: '2999-01-01T00:00:00Z',
        }),
      );
    token(portal, '2999-01-01T00:00:00Z');
    token('s', '2020-01-01T00:00:00Z');
    Object.assign(process.env, {
      HOME: folder,
      AWS_CONFIG_FILE: join(folder, 'config'),
      AWS_SHARED_CREDENTIALS_FILE: join(folder, 'keys'),
      AWS_ENDPOINT_URL_STS: inside('sts', awsPort),
      AWS_ENDPOINT_URL_SSO: inside('sso', awsPort),
      AWS_ENDPOINT_URL_SSO_OIDC: inside('oidc', awsPort),
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    try {
      for (const profile of ['role', 'sso', 'renewed'])
        await failed(credentialsOf({ profile, region: 'us-east-1' }).fresh());
      const hosts = proxy.seen.map((seen) => new URL(seen.split(' ')[1] ?? '').hostname.split('.')[0]);
      expect(new Set(hosts)).toEqual(new Set(['sts', 'sso', 'oidc']));
    } finally {
      for (const name of Object.keys(process.env)) delete process.env[name];
      Object.assign(process.env, before);
    }
  });

  it('is not asked through it where NO_PROXY says so, nor on this machine', async () => {
    process.env['NO_PROXY'] = '.inside.test';
    const aws = nextAccount();
    await expect(createAwsFor()(aws).ssm.send(new GetParameterCommand({ Name: '/x' }))).rejects.toThrow(
      /ENOTFOUND|EAI/,
    );
    process.env['AWS_ENDPOINT_URL'] = upstream;
    delete process.env['NO_PROXY'];
    await expect(createAwsFor()(aws).ssm.send(new GetParameterCommand({ Name: '/x' }))).rejects.toMatchObject({
      name: 'ParameterNotFound',
    });
    expect(proxy.seen).toEqual([]);
  });

  it('deploys by CDK through it', async () => {
    const aws = nextAccount();
    // The sandbox's own hand, which asks no proxy.
    process.env['AWS_ENDPOINT_URL'] = upstream;
    await bootstrapAccount(aws);
    process.env['AWS_ENDPOINT_URL'] = inside('aws', awsPort);
    // Its buckets would have names of their own, which the emulator does not know.
    process.env['AWS_ENDPOINT_URL_S3'] = upstream;
    const { deployStacks } = createStackActivities(createAwsFor(), { pollMs: 200 });
    const app = 'node --require ./register.cjs test/helpers/apps/sample-app.ts first';
    const infrastructure = { app, directory: resolve(__dirname, '../../..'), stacks: ['SampleStack'] };
    const { stacks }: DeploymentResult = await activityEnvironment().run(deployStacks, {
      infrastructure,
      aws,
      token: 'token-1',
    });
    expect(stacks).toEqual([expect.objectContaining({ outcome: 'created' })]);
    expect(proxy.seen.length).toBeGreaterThan(5);
  });
});

describe('a proxy that fails', () => {
  const flag = { parameter: '/x', salt: 's' };
  const dead = async (): Promise<string> => `127.0.0.1:${await freePort()}`;

  it.each<readonly [string, () => Promise<string>, RegExp]>([
    ['does not listen', dead, /does not answer: connect ECONNREFUSED/],
    [
      'wants other credentials',
      async () => ((proxy.wants = 'me:else'), proxy.address.slice(7)),
      /407; it does not take the credentials/,
    ],
  ])('and %s is named without its credentials, and is no refusal of AWS', async (_name, place, says) => {
    const at = await place();
    process.env['HTTP_PROXY'] = `http://me:${encodeURIComponent(PASSWORD)}@${at}`;
    const aws = nextAccount();
    const error = await failed(createAwsFor()(aws).ssm.send(new GetParameterCommand({ Name: '/x' })));
    const failure = toFailure(error, 'reading');
    expect(failure).toMatchObject({ type: 'Unavailable', nonRetryable: false });
    expect(failure.message).toMatch(says);
    expect(cameFromAws(error)).toBe(true);
    const web = await failed(webFetch(inside('api', awsPort), { signal }));
    const written = await failed(createBreakGlass(aws, flag).writeZero({ writer: 'x', reason: 'y' }));
    const looked = await createFlagObservations(createAwsFor()).readFlag({ aws, flag }).catch(String);
    for (const said of [failure.message, web.message, written.message, JSON.stringify(looked)]) {
      expect(said).toContain(`http://${at} (HTTP_PROXY)`);
      expect(said).not.toMatch(/s3cr|me:/);
    }
  });

  it('on the way to a source of keys is no lack of credentials', async () => {
    process.env['HTTPS_PROXY'] = `http://${await dead()}`;
    const ask = new Promise<never>((_done, fail) =>
      get('https://sts.inside.test', { agent: new ProxyAgent() }).on('error', fail),
    );
    const credentials = new Credentials(() => ask);
    const failure = toFailure(await failed(credentials.fresh()), 'asking');
    expect(failure.type).toBe('Unavailable');
    expect(failure.message).toMatch(/NO_PROXY/);
    expect(failure.message).not.toMatch(/log in again/);
  });

  it.each([
    [403, /refuses the way to aws\.inside\.test:443: it answered 403$/],
    [407, /it answered 407; it wants credentials: write http:\/\/user:password@host:port in HTTPS_PROXY$/],
    [502, /it answered 502$/],
  ])('answers a tunnel with %s: that is not taken for the answer of AWS', async (status, says) => {
    proxy.refuses = status;
    const error = await failed(webFetch('https://aws.inside.test', { signal }));
    expect([error.name, error.message]).toEqual(['ProxyError', expect.stringMatching(says)]);
    process.env['AWS_ENDPOINT_URL'] = 'https://aws.inside.test';
    const asked = createAwsFor()(nextAccount()).ssm.send(new GetParameterCommand({ Name: '/x' }));
    expect(toFailure(await failed(asked), 'reading')).toMatchObject({
      type: 'Unavailable',
      message: expect.stringMatching(/ProxyError/),
    });
  });

  it('never answers a tunnel: it is named, within the time of a request', async () => {
    proxy.silent = true;
    process.env['AWS_ENDPOINT_URL'] = 'https://aws.inside.test';
    const asked = createAwsFor()(nextAccount()).ssm.send(new GetParameterCommand({ Name: '/x' }));
    await expect(asked).rejects.toThrow(/the proxy http.*does not answer: no answer within 2 s/);
    await expect(webFetch('https://aws.inside.test', { signal })).rejects.toThrow(
      /does not answer: no answer within 2 s/,
    );
  });
});

describe('addresses', () => {
  let webhook: Webhook;
  beforeAll(async () => (webhook = await Webhook.start()));
  afterAll(() => webhook.stop());
  const path = (): string => `:${new URL(webhook.address).port}${new URL(webhook.address).pathname}`;
  const hook = (): string => `http://hooks.inside.test${path()}`;
  const withPassword = (): string => `http://me:${encodeURIComponent(PASSWORD)}@127.0.0.1:${proxy.port}`;

  it('of plain HTTP are asked by the whole address, with credentials', async () => {
    proxy.wants = `me:${PASSWORD}`;
    process.env['HTTP_PROXY'] = withPassword();
    const answer = await webFetch(hook(), { method: 'POST', body: '{"text":"x"}', signal });
    expect([answer.status, await answer.text()]).toEqual([200, 'ok']);
    expect(webhook.posts.at(-1)?.body).toEqual({ text: 'x' });
    expect(proxy.seen).toEqual([`POST ${hook()}`]);
  });

  it('of webhooks stay secret when the proxy fails', async () => {
    const notice = { kind: 'held', key: 'held', title: 'title', text: 'text' } as const;
    process.env['PROXIED_WEBHOOK'] = `https://hooks.inside.test${path()}`;
    process.env['HTTPS_PROXY'] = withPassword();
    proxy.wants = 'me:else';
    const channel = { name: 'support', webhook: { variable: 'PROXIED_WEBHOOK' } };
    const { notify } = createNotifications(createAwsFor());
    const { message } = await failed(activityEnvironment().run(notify, { aws: nextAccount(), channel, notice }));
    expect(message).toMatch(/the proxy http:\/\/127\.0\.0\.1:\d+ \(HTTPS_PROXY\) refuses: it answered 407/);
    expect(message).not.toMatch(new RegExp(`${SECRET}|hooks|s3cr`));
    expect(proxy.seen).toEqual([`CONNECT hooks.inside.test:${new URL(webhook.address).port}`]);
  });

  it('follows an address that points elsewhere, and there decides again', async () => {
    const asked = await webFetch(hook(), { method: 'POST', body: '{}', signal });
    expect([asked.status, await asked.text()]).toEqual([200, 'ok']);
    webhook.status = 302;
    const manual = await webFetch(hook(), { method: 'POST', body: '{}', signal, redirect: 'manual' });
    expect([manual.status, manual.headers.get('retry-after')]).toEqual([302, '7']);
    await manual.body?.cancel();
    proxy.refuses = 502;
    proxy.seen.length = 0;
    expect((await webFetch(hook(), { signal })).status).toBe(502);
    proxy.refuses = undefined;
    // The helper's answer points to https://elsewhere.example.org.
    await failed(webFetch(hook(), { method: 'POST', body: '{}', signal }));
    expect(proxy.seen.at(-1)).toBe('CONNECT elsewhere.example.org:443');
    webhook.status = 200;
  });

  it('by TLS are asked through a tunnel, whose connection is used again', async () => {
    const pem = readFileSync(INSIDE_PEM);
    const server = createServer({ key: pem, cert: pem }, (_asked, answer) => answer.end('inside'));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as AddressInfo;
    const agent = new ProxyAgent();
    const said = (): Promise<string> =>
      new Promise((done, fail) => {
        get(`https://api.inside.test:${port}`, { agent, ca: pem }, (answer) => {
          let text = '';
          answer
            .setEncoding('utf8')
            .on('data', (part: string) => (text += part))
            .on('end', () => done(text));
        }).on('error', fail);
      });
    expect([await said(), await said()]).toEqual(['inside', 'inside']);
    expect(proxy.seen).toEqual([`CONNECT api.inside.test:${port}`]);
    agent.destroy();
    server.closeAllConnections();
    server.close();
  });

  it('gives up when it is cancelled', async () => {
    proxy.silent = true;
    const stop = new AbortController();
    const asked = failed(webFetch(hook(), { signal: stop.signal }));
    stop.abort(new Error('told to'));
    expect((await asked).message).toBe('told to');
  });
});

import fc from 'fast-check';
import { proxyFinding } from '../../rules/doctor/proxy-finding';
import { namesProxy, proxyProblems, routeTo, routeWords, type Variables } from '../../rules/proxy';
import { clientConnection, routeToTemporal, workerConnection } from '../../rules/temporal-route';

const AWS = 'https://ssm.us-east-1.amazonaws.com';
const P = 'http://proxy.example.org:3128';

describe('the way to an address', () => {
  it.each<readonly [string, string, Variables]>([
    [AWS, 'through the proxy http://a:1 (https_proxy)', { https_proxy: 'http://a:1', HTTPS_PROXY: 'http://b:2' }],
    [AWS, 'through the proxy http://b:2 (HTTPS_PROXY)', { https_proxy: '', HTTPS_PROXY: 'http://b:2' }],
    [AWS, 'direct (HTTPS_PROXY is not set)', { HTTP_PROXY: P }],
    ['http://api.example.org/', 'direct (HTTP_PROXY is not set)', { HTTPS_PROXY: P }],
    ['http://api.example.org/', `through the proxy ${P} (HTTP_PROXY)`, { HTTP_PROXY: P }],
    [AWS, `through the proxy ${P} (HTTPS_PROXY)`, { HTTPS_PROXY: 'proxy.example.org:3128' }],
    [AWS, `through the proxy ${P} (HTTPS_PROXY)`, { HTTPS_PROXY: ' HTTP://PROXY.example.org:3128/ ' }],
    [AWS, `through the proxy ${P} (HTTPS_PROXY)`, { HTTPS_PROXY: 'http://me:s%40cret@proxy.example.org:3128' }],
    [AWS, 'through the proxy https://proxy.example.org (HTTPS_PROXY)', { HTTPS_PROXY: 'https://proxy.example.org' }],
    [AWS, 'through the proxy http://[fd00::1]:3128 (HTTPS_PROXY)', { HTTPS_PROXY: 'http://[fd00::1]:3128' }],
    [AWS, 'direct (HTTPS_PROXY is not set)', { ALL_PROXY: P, npm_config_https_proxy: P }],
    ['ftp://x', 'direct (it is not an http: or https: address)', { HTTPS_PROXY: P, HTTP_PROXY: P }],
  ])('%s: %s', (address, words, variables) => expect(routeWords(routeTo(address, variables))).toBe(words));

  it.each([
    ...[
      'http://localhost:8080',
      'http://LOCALHOST./',
      'http://api.localhost',
      'http://127.0.0.1',
      'http://127.8.9.10:1',
    ],
    ...[
      'http://127.1',
      'http://0x7f.1',
      'http://[::1]:80',
      'http://[::ffff:127.0.0.1]',
      'http://0.0.0.0',
      'https://[::]',
    ],
    // EC2, ECS, EKS
    ...['http://169.254.169.254/latest', 'http://169.254.170.2/v2', 'http://169.254.170.23/v1', 'http://[fe80::1]'],
    ...['http://[fd00:ec2::254]/latest', 'http://[fd00:ec2::23]/v1'],
  ])('%s never goes through a proxy', (address) =>
    expect(routeTo(address, { HTTP_PROXY: P, HTTPS_PROXY: P })).toEqual({ by: 'direct', why: 'it is this machine' }),
  );

  it.each<readonly [string, readonly string[], readonly string[]]>([
    ['*', [AWS, 'https://10.0.0.1', 'https://x'], []],
    ['amazonaws.com', [AWS, 'https://amazonaws.com'], ['https://myamazonaws.com', 'https://amazonaws.com.evil.org']],
    ['.amazonaws.com', [AWS, 'https://amazonaws.com'], ['https://myamazonaws.com']],
    ['*.amazonaws.com', [AWS], ['https://myamazonaws.com']],
    ['AmazonAWS.com.', [AWS], []],
    ['ssm.*.amazonaws.com', [AWS, 'https://ssm.eu-west-1.amazonaws.com'], ['https://sts.us-east-1.amazonaws.com']],
    ['api.example.org:8443', ['https://api.example.org:8443'], ['https://api.example.org']],
    ['api.example.org:443', ['https://api.example.org'], ['https://api.example.org:8443']],
    ['https://api.example.org/', ['https://api.example.org'], [AWS]],
    ['bücher.example', ['https://bücher.example', 'https://xn--bcher-kva.example'], [AWS]],
    [
      '10.0.0.0/8',
      ['https://10.255.0.1', 'https://[::ffff:10.1.2.3]'],
      ['https://11.0.0.1', 'https://ten.example.org'],
    ],
    ['10.1.2.3', ['https://10.1.2.3:99'], ['https://10.1.2.30', 'https://1.10.1.2']],
    ['10.1.2.3:99', ['https://10.1.2.3:99'], ['https://10.1.2.3']],
    ['10.1.*', ['https://10.1.2.3'], ['https://10.2.2.3']],
    ['fd12::/16', ['https://[fd12:1::1]'], ['https://[fd13::1]', 'https://10.0.0.1']],
    ['fd12::1', ['https://[fd12::1]', 'https://[FD12:0::1]:99'], ['https://[fd12::2]']],
    ['[fd12::1]:443', ['https://[fd12::1]'], ['https://[fd12::1]:99']],
    ['a.org b.org,,c.org ,\td.org', ['https://a.org', 'https://b.org', 'https://c.org', 'https://d.org'], [AWS]],
    // Nonsense leaves nothing out.
    ['10.0.0.0/99, 300.1.1.1, [, ://, .', [], [AWS, 'https://10.0.0.1']],
  ])('NO_PROXY=%s', (NO_PROXY, direct, proxied) => {
    for (const address of direct)
      expect([address, routeTo(address, { HTTPS_PROXY: P, NO_PROXY }).by]).toEqual([address, 'direct']);
    for (const address of proxied)
      expect([address, routeTo(address, { HTTPS_PROXY: P, NO_PROXY }).by]).toEqual([address, 'proxy']);
  });

  it('reads no_proxy in lower case first', () =>
    expect(routeTo(AWS, { HTTPS_PROXY: P, no_proxy: 'a.org', NO_PROXY: '*' }).by).toBe('proxy'));

  it.each([
    ...['http://', 'http://:3128', 'http://proxy:99999', 'http://pro xy:1', '"http://proxy:3128"', 'http:/proxy:3128'],
    ...['http://user:pa#ss@proxy:3128', 'http://user:1/ss@proxy:3128', 'http://user:1?s@proxy:3128'],
    ...['http://user:100%@proxy:3128', 'socks5://user:ss@proxy:1080', 'ftp://proxy', 'http://proxy/pac.js', '://'],
  ])('a variable with %s is one problem, that does not show its text', (HTTPS_PROXY) => {
    const route = routeTo(AWS, { HTTPS_PROXY });
    const problem = expect.stringMatching(
      /^HTTPS_PROXY (is not the address of a|names a .* proxy).*write http:\/\/host:port/,
    );
    expect(route).toEqual({ by: 'nothing', problem });
    expect(routeWords(route)).not.toMatch(/pa#ss|1\/ss|1\?s|100%|user:ss|pac\.js/);
    expect(proxyProblems({ HTTPS_PROXY, HTTP_PROXY: P })).toHaveLength(1);
    // What needs no proxy does not suffer from it.
    expect(routeTo('http://localhost:1', { HTTP_PROXY: HTTPS_PROXY }).by).toBe('direct');
    expect(routeTo(AWS, { HTTPS_PROXY, NO_PROXY: '.amazonaws.com' }).by).toBe('direct');
  });

  it('never throws, and never shows a credential', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.webUrl(), fc.string());
    const secret = fc.stringMatching(/^[A-Za-z0-9#/?@:%!$&'()*+,;= ]{1,12}$/).map((some) => `Z9q${some}Z9q`);
    const property = fc.property(text, text, secret, fc.boolean(), (address, noProxy, password, encoded) => {
      const told = `${encoded ? encodeURIComponent(password) : password}`;
      const variables = {
        HTTPS_PROXY: `http://me:${told}@proxy.example.org:3128`,
        HTTP_PROXY: noProxy,
        NO_PROXY: noProxy,
      };
      for (const one of [AWS, address, `http://${address}`]) {
        const route = routeTo(one, variables);
        expect(routeWords(one === AWS ? route : routeTo(AWS, variables))).not.toContain('Z9q');
      }
      const route = routeTo(AWS, { HTTPS_PROXY: variables.HTTPS_PROXY });
      if (!encoded) return;
      expect(route).toMatchObject({ by: 'proxy', proxy: { credentials: { username: 'me', password } } });
    });
    fc.assert(property, { numRuns: 2_000 });
  });
});

describe('without a variable', () => {
  it('nothing is decided', () => {
    expect(namesProxy({ NO_PROXY: '*', https_proxy: ' ', HTTP_PROXY: '' })).toBe(false);
    expect(namesProxy({ http_proxy: P })).toBe(true);
  });
});

describe('the way to Temporal', () => {
  const variables = { HTTPS_PROXY: 'http://me:s%40c:t@proxy.example.org', http_proxy: 'http://other:1' };

  it('is a tunnel through the proxy of HTTPS_PROXY, on both sides', () => {
    const route = routeToTemporal('temporal.example.org', variables);
    expect(workerConnection('temporal.example.org', route)).toEqual({
      address: 'temporal.example.org',
      proxy: {
        type: 'http-connect',
        targetHost: 'proxy.example.org:80',
        basicAuth: { username: 'me', password: 's@c:t' },
      },
    });
    expect(clientConnection('temporal.example.org', route)).toEqual({
      address: 'proxy.example.org:80',
      channelArgs: {
        'grpc.enable_http_proxy': 0,
        'grpc.http_connect_target': 'dns:temporal.example.org:7233',
        'grpc.http_connect_creds': 'me:s@c:t',
        'grpc.default_authority': 'temporal.example.org:7233',
      },
    });
  });

  it.each([['127.0.0.1:7233'], ['localhost:7233'], ['[::1]:7233'], ['temporal.inside:7233']])(
    '%s is direct',
    (address) => {
      const route = routeToTemporal(address, { ...variables, NO_PROXY: '.inside' });
      expect(workerConnection(address, route)).toEqual({ address });
      expect(clientConnection(address, route)).toEqual({ address, channelArgs: { 'grpc.enable_http_proxy': 0 } });
    },
  );

  it('does not go through a proxy that is asked by TLS, and says what to write', () =>
    expect(routeToTemporal('t.example.org:7233', { HTTPS_PROXY: 'https://me:x@p' })).toEqual({
      by: 'nothing',
      problem:
        'HTTPS_PROXY names https://p, but connections to Temporal support only http: proxies: write http://host:port there, or add t.example.org to NO_PROXY',
    }));
});

describe('what the doctor says of it', () => {
  const asked = { aws: AWS, api: ['https://api.inside'], temporal: '127.0.0.1:7233' };

  it('names each way in one line', () => {
    expect(proxyFinding(asked, {})).toMatchObject({ level: 'ok', what: expect.stringContaining('none') });
    expect(proxyFinding(asked, { HTTPS_PROXY: P, NO_PROXY: '.inside' })).toEqual({
      subject: 'proxy of the worker',
      level: 'ok',
      what: `AWS: through the proxy ${P} (HTTPS_PROXY); API api.inside: direct (NO_PROXY has .inside); Temporal 127.0.0.1:7233: direct (it is this machine)`,
    });
    expect(proxyFinding(asked, { HTTPS_PROXY: 'socks5://p' })).toMatchObject({ level: 'problem' });
  });
});

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import versions from '../../../sandbox/versions.json';

const ROOT = join(__dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

interface Build {
  readonly context: string;
  readonly dockerfile?: string;
  readonly target?: string;
}
interface Service {
  readonly image: string;
  readonly build?: Build;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly configs?: readonly { readonly source: string }[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly restart?: string;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly configs: Readonly<Record<string, { readonly content?: string; readonly file?: string }>>;
}

const text = read('docker-compose.yml');
const compose = parse(text, { merge: true }) as Compose;
const services = Object.entries(compose.services);
const dockerfile = read('Dockerfile');
const stages = [...dockerfile.matchAll(/^FROM (\S+) AS (\S+)$/gm)].map(([, from = '', name = '']) => ({ from, name }));
const tagOf = (image: string): string => image.split('@')[0]!.split(':')[1] ?? '';
const builtTags = services.flatMap(([, { image, build }]) => (build ? [image] : []));

describe('docker-compose.yml', () => {
  it('has the parts of the sandbox', () => {
    const images = services.map(([, { image }]) => image.split(':')[0]);
    for (const part of ['postgres', 'temporalio/server', 'temporalio/ui', 'ministackorg/ministack'])
      expect(images).toContain(part);
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining(['worker', 'api-staging', 'temporal-namespace']),
    );
  });

  it.each(services)('pins the image of %s', (_name, { image }) => {
    expect(tagOf(image)).toMatch(/^\d+\.\d+(\.\d+)?(-[\w.]+)?$/);
  });

  it('runs the versions of the sandbox', () => {
    const tags = Object.fromEntries(services.map(([, { image }]) => [image.split(':')[0], tagOf(image)]));
    expect(tags).toMatchObject({
      'temporalio/server': versions.temporalServer,
      'temporalio/admin-tools': versions.temporalServer,
      'temporalio/ui': versions.temporalUi,
      'ministackorg/ministack': versions.ministack,
    });
  });

  it('names its own images by the version of package.json', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(builtTags.map(tagOf)).toEqual(builtTags.map(() => version));
  });

  it.each(services)('publishes ports of %s on the loopback only', (_name, { ports = [] }) => {
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
  });

  it('publishes no port twice', () => {
    const published = services.flatMap(([, { ports = [] }]) => ports.map((port) => port.split(':')[1]));
    expect(new Set(published).size).toBe(published.length);
  });

  it.each(services)('refers only to what exists in %s', (_name, service) => {
    for (const volume of service.volumes ?? []) {
      const source = volume.split(':')[0]!;
      if (source.startsWith('.')) expect(existsSync(join(ROOT, source))).toBe(true);
      else expect(Object.keys(compose.volumes)).toContain(source);
    }
    for (const { source } of service.configs ?? []) expect(Object.keys(compose.configs)).toContain(source);
    const { build, command = [] } = service;
    if (build === undefined) return;
    expect(existsSync(join(ROOT, build.context, build.dockerfile ?? 'Dockerfile'))).toBe(true);
    if (build.target !== undefined) expect(stages.map(({ name }) => name)).toContain(build.target);
    for (const word of command.filter((argument) => /\.(ts|[cm]?js|ya?ml|sh)$/.test(argument)))
      expect([word, existsSync(join(ROOT, word))]).toEqual([word, true]);
  });

  it.each(Object.entries(compose.configs))('gives the config %s its text or an existing file', (_name, config) => {
    expect(config.content !== undefined || existsSync(join(ROOT, config.file ?? ''))).toBe(true);
  });

  it.each(services)('waits in %s only for services that can answer', (_name, { depends_on = {} }) => {
    for (const [other, { condition }] of Object.entries(depends_on)) {
      const target = compose.services[other];
      expect([other, target !== undefined]).toEqual([other, true]);
      if (condition === 'service_healthy') expect([other, target?.healthcheck !== undefined]).toEqual([other, true]);
      if (condition === 'service_completed_successfully') expect(target?.restart).toMatch(/^on-failure/);
    }
  });

  it.each(services)('says when to restart %s', (_name, { restart }) => {
    expect(restart).toMatch(/^(unless-stopped|on-failure:\d+)$/);
  });

  it('holds no secret: what must be secret comes from the environment and is refused when missing', () => {
    const variables = [...text.matchAll(/(?<!\$)\$\{(\w+)([^}]*)\}/g)].map(([, name = '', rest = '']) => ({
      name,
      rest,
    }));
    const documented = [...read('.env.example').matchAll(/^(\w+)=/gm)].map(([, name]) => name);
    expect(documented.length).toBeGreaterThan(0);
    expect([...new Set(variables.map(({ name }) => name))].sort()).toEqual([...documented].sort());
    for (const { rest } of variables) expect(rest).toMatch(/^:\?/);
    for (const [, { environment = {} }] of services)
      for (const [name, value] of Object.entries(environment))
        if (/PASSWORD|PWD|SECRET|TOKEN/.test(name)) expect(value).toMatch(/^\$\{/);
    expect(read('.gitignore').split('\n')).toContain('.env');
    expect(read('.dockerignore').split('\n')).toContain('.env');
  });

  it('gives each environment the account and the profile of the plan', () => {
    const plan = parse(read('plans/sandbox.yaml')) as {
      readonly environments: readonly {
        readonly name: string;
        readonly aws: { readonly account: string; readonly profile: string };
      }[];
    };
    const credentials = compose.configs['aws-credentials']?.content ?? '';
    for (const { name, aws } of plan.environments) {
      expect(credentials).toContain(`[${aws.profile}]\naws_access_key_id = ${aws.account}\n`);
      const api = services.find(([, { environment }]) => environment?.['PAVI_ENVIRONMENT'] === name)?.[1];
      if (api) expect(api.environment).toMatchObject({ AWS_ACCOUNT_ID: aws.account, AWS_PROFILE: aws.profile });
    }
  });

  it('registers the search attributes the workflows use', () => {
    const registered = compose.services['temporal-namespace']?.command?.join(' ') ?? '';
    const used = [
      ...read('workflows/messages.ts').matchAll(/defineSearchAttributeKey\('(\w+)', SearchAttributeType\.(\w+)\)/g),
    ];
    expect(used.length).toBeGreaterThan(0);
    for (const [, name, type = ''] of used)
      expect(registered.toLowerCase()).toContain(`--name ${name} --type ${type}`.toLowerCase());
  });
});

describe('Dockerfile', () => {
  const own = new Set(stages.map(({ name }) => name));

  it('pins its base to a Node that package.json and the sandbox accept', () => {
    const bases = stages.map(({ from }) => from).filter((from) => !own.has(from));
    for (const base of bases) expect(base).toMatch(/^node:24\.\d+\.\d+-bookworm-slim$/);
    expect(bases).not.toEqual([]);
    expect(Number(versions.node.split('.')[0])).toBeLessThan(24);
  });

  it('copies only what exists', () => {
    for (const [, from, words = ''] of dockerfile.matchAll(/^COPY (--from=\S+ )?(.+)$/gm))
      if (from === undefined)
        for (const path of words.split(' ').slice(0, -1))
          expect([path, existsSync(join(ROOT, path))]).toEqual([path, true]);
  });

  it.each(services.flatMap(([, { build }]) => (build?.target === undefined ? [] : [build.target])))(
    'runs the target %s as an ordinary user and starts a file that exists',
    (target) => {
      const stage = dockerfile.split(/^(?=FROM )/m).find((part) => part.includes(` AS ${target}\n`)) ?? '';
      expect(stage).toMatch(/^USER node$/m);
      const command = JSON.parse(/^CMD (.+)$/m.exec(stage)?.[1] ?? '[]') as string[];
      const script = command.find((word) => word.endsWith('.ts')) ?? '';
      expect([script, existsSync(join(ROOT, script))]).toEqual([script, true]);
      expect(stage.search(/^USER/m)).toBeLessThan(stage.search(/^CMD/m));
    },
  );
});

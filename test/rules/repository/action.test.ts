import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

const ROOT = resolve(__dirname, '../../..');
const ACTION = join(ROOT, 'action');
const RECORDED = `node ${join(ROOT, 'test/helpers/apps/recorded-program.mjs')}`;
const REAL = `node ${join(ROOT, 'client/bin/rollout.cjs')}`;

interface Ran {
  readonly code: number | null;
  readonly log: string;
  readonly summary: string;
  readonly outputs: string;
  readonly asked: readonly { readonly words: readonly string[]; readonly actor?: string; readonly token?: string }[];
}

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true })));

/** The step of the action as GitHub runs it: by bash, with its files and variables. */
async function stepRun(variables: Readonly<Record<string, string>>, event: object = {}): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), 'action-'));
  folders.push(folder);
  const file = (name: string, text = ''): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const [summary, outputs, asked] = [file('summary'), file('outputs'), file('asked')];
  const { run } = actionFile.runs.steps[0]!;
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', run], {
    cwd: ROOT,
    env: {
      ...{ PATH: process.env['PATH'], HOME: folder, GITHUB_ACTION_PATH: ACTION, GITHUB_TOKEN: 'gh-token' },
      ...{
        GITHUB_STEP_SUMMARY: summary,
        GITHUB_OUTPUT: outputs,
        GITHUB_EVENT_PATH: file('event', JSON.stringify(event)),
      },
      ...{ GITHUB_REPOSITORY: 'shop/api', GITHUB_SHA: '0123456789abcdef', GITHUB_ACTOR: 'ada', GITHUB_RUN_ID: '7' },
      ...{ GITHUB_SERVER_URL: 'https://github.example', ASKED: asked, ROLLOUT_PROGRAM: RECORDED },
      ...{ ROLLOUT_ENVIRONMENT: 'prod', ROLLOUT_DIFF: 'false', ROLLOUT_COMMENT: 'false' },
      ...variables,
    },
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (log += text));
  const code = await new Promise<number | null>((done) => child.once('close', done));
  const lines = readFileSync(asked, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  const text = (name: string): string => readFileSync(name, 'utf8');
  return { code, log, summary: text(summary), outputs: text(outputs), asked: lines.map((line) => JSON.parse(line)) };
}

interface ActionFile {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: {
    readonly using: string;
    readonly steps: readonly { readonly run: string; readonly shell: string; readonly env: Record<string, string> }[];
  };
}
const actionFile = parse(readFileSync(join(ACTION, 'action.yml'), 'utf8')) as ActionFile;

describe('action.yml', () => {
  it('is a composite action whose every input reaches its one step, as a variable and never in the script', () => {
    const { inputs, runs } = actionFile;
    expect([runs.using, runs.steps.length, runs.steps[0]?.shell]).toEqual(['composite', 1, 'bash']);
    const used = [...JSON.stringify(runs.steps[0]).matchAll(/inputs\.([\w-]+)/g)].map(([, name]) => name);
    expect([...new Set(used)].sort()).toEqual(Object.keys(inputs).sort());
    expect(runs.steps[0]?.run).not.toContain('${{');
    const scripts = ['main.mjs', 'program.mjs'].map((file) => readFileSync(join(ACTION, file), 'utf8')).join('\n');
    for (const name of Object.keys(runs.steps[0]?.env ?? {}))
      if (name !== 'GITHUB_TOKEN') expect(scripts).toContain(name);
  });

  it('has the example workflow name inputs that it knows, and rights that each job needs', () => {
    const example = parse(readFileSync(join(ACTION, 'example.yml'), 'utf8')) as {
      readonly permissions: object;
      readonly jobs: Readonly<
        Record<
          string,
          {
            readonly permissions?: object;
            readonly steps: readonly { readonly uses?: string; readonly with?: object }[];
          }
        >
      >;
    };
    expect(example.permissions).toEqual({ contents: 'read' });
    expect(example.jobs['plan']?.permissions).toEqual({ contents: 'read', 'pull-requests': 'write' });
    const steps = Object.values(example.jobs).flatMap((job) => job.steps);
    const own = steps.filter(({ uses }) => uses?.endsWith('/action') === true);
    expect(own).toHaveLength(2);
    for (const step of own)
      expect(Object.keys(actionFile.inputs)).toEqual(expect.arrayContaining(Object.keys(step.with ?? {})));
  });
});

it('the example gives no key to a job that runs the code of a pull request', () => {
  const { jobs } = parse(readFileSync(join(ACTION, 'example.yml'), 'utf8')) as {
    readonly jobs: Readonly<Record<string, { readonly if: string; readonly steps: object }>>;
  };
  const early = Object.values(jobs).filter((job) => job.if !== "github.event_name == 'push'");
  expect(early).toHaveLength(1);
  for (const job of early) expect(JSON.stringify(job)).not.toMatch(/secrets\.|API_KEY/);
});

describe('plan', () => {
  let api: Server;
  let requests: { readonly method: string; readonly url: string; readonly body: string; readonly key: string }[];
  let comments: { id: number; body: string; user: { type: string } }[];
  let status: number;
  let url: string;

  beforeEach(async () => {
    [requests, comments, status] = [[], [], 200];
    const answered = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      let body = '';
      for await (const bytes of request.setEncoding('utf8')) body += String(bytes);
      const { method = '', url: path = '', headers } = request;
      requests.push({ method, url: path, body, key: headers.authorization ?? '' });
      const page = Number(new URL(path, 'http://x').searchParams.get('page') ?? 1);
      const answer = method === 'GET' ? comments.slice((page - 1) * 100, page * 100) : {};
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    };
    api = createServer((request, response) => void answered(request, response));
    await new Promise<void>((done) => void api.listen(0, '127.0.0.1', done));
    url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  });
  afterEach(() => new Promise((done) => void api.close(done)));

  const onPullRequest = (more: Readonly<Record<string, string>> = {}): Promise<Ran> =>
    stepRun({ ROLLOUT_COMMENT: 'true', GITHUB_API_URL: url, ...more }, { pull_request: { number: 12 } });

  it('by the real program shows the calendar of the plan as a comment and in the summary', async () => {
    const ran = await onPullRequest({ ROLLOUT_PROGRAM: REAL, ROLLOUT_PLAN_FILE: 'plans/pavi.yaml' });
    expect(ran).toMatchObject({ code: 0 });
    expect(requests.map(({ method, url: path, key }) => [method, path, key])).toEqual([
      ['GET', '/repos/shop/api/issues/12/comments?per_page=100&page=1', 'Bearer gh-token'],
      ['POST', '/repos/shop/api/issues/12/comments', 'Bearer gh-token'],
    ]);
    const { body } = JSON.parse(requests[1]?.body ?? '') as { readonly body: string };
    expect(body).toMatch(/^<!-- rollout prod -->\n### Rollout of prod/);
    for (const text of [body, ran.summary]) expect(text).toMatch(/10 %.*Held for at least|Held for at least[^]*10 %/);
  });

  it('changes the comment that is there, also on a later page, and not one of a person who quotes it', async () => {
    const other = (id: number) => ({ id, body: 'looks good', user: { type: 'User' } });
    comments = Array.from({ length: 120 }, (_, id) => other(id));
    comments[3] = { id: 3, body: '<!-- rollout prod -->\nquoted', user: { type: 'User' } };
    comments[110] = { id: 110, body: '<!-- rollout prod -->\nof before', user: { type: 'Bot' } };
    expect(await onPullRequest()).toMatchObject({ code: 0 });
    expect(requests.at(-1)).toMatchObject({ method: 'PATCH', url: '/repos/shop/api/issues/comments/110' });
  });

  it('goes on without a comment when the token may not write, and says so', async () => {
    status = 403;
    const ran = await onPullRequest();
    expect(ran).toMatchObject({
      code: 0,
      log: expect.stringContaining('::warning::The pull request has no comment: GitHub answered 403'),
    });
    expect(ran.summary).toContain('### Rollout of prod');
  });

  it('has the changes of a deployment, in a fence that their text cannot leave', async () => {
    const ran = await onPullRequest({
      ROLLOUT_DIFF: 'true',
      ANSWERS: JSON.stringify({ plan: { out: 'calendar' }, deploy: { out: 'stack X\n````\n# not a heading' } }),
    });
    expect(ran.asked.map(({ words }) => words)).toEqual([
      ['plan', 'prod'],
      ['deploy', 'prod', '--diff'],
    ]);
    expect(ran.summary).toContain('`````text\nstack X\n````\n# not a heading\n`````');
  });

  it('comments nothing on a push, and asks GitHub nothing', async () => {
    expect(await stepRun({ ROLLOUT_COMMENT: 'true', GITHUB_API_URL: url })).toMatchObject({ code: 0 });
    expect(requests).toEqual([]);
  });
});

describe('deploy, start, wait', () => {
  const course = [0, 10, 25].map((percentage, index) => ({ atMs: Date.UTC(2026, 10, 30, index), percentage }));
  const report = {
    out: '**shop prod: soaking**',
    json: { service: 'shop', environment: 'prod', course, percentage: 25, asOfMs: Date.UTC(2026, 10, 30, 3) },
  };

  it('run in their order, in the name of the person and without the token, and the summary has the picture', async () => {
    const ran = await stepRun({
      ROLLOUT_DO: 'deploy, start, wait',
      ROLLOUT_UNTIL: 'at:25',
      ANSWERS: JSON.stringify({ report }),
    });
    const reason = 'commit 0123456789ab, https://github.example/shop/api/actions/runs/7';
    expect(ran.asked.map(({ words }) => words)).toEqual([
      ['deploy', 'prod', '--reason', reason],
      ['start', 'prod', '--reason', reason],
      ['status', 'prod', '--until', 'at:25', '--timeout', '30m'],
      ['report', 'prod'],
      ['report', 'prod', '--json'],
    ]);
    expect(ran.asked.every(({ actor, token }) => actor === 'ada' && token === undefined)).toBe(true);
    expect(ran.summary).toContain('xychart-beta');
    expect(ran.summary).toContain('bar [0, 10, 25, 25]');
    expect(ran.summary).toContain('**shop prod: soaking**');
    expect(ran.outputs).toMatch(/^percentage<<(\S+)\n25\n\1$/m);
    expect(ran.code).toBe(0);
  });

  it.each([
    [{ deploy: { code: 1 } }, 'deploy failed: exit code 1', ['deploy'], 1],
    [{ start: { code: 3 } }, 'start failed: refused by a rule', ['deploy', 'start'], 3],
    [{ status: { code: 4 } }, 'wait failed: the time was up', ['deploy', 'start', 'status'], 4],
  ])('%j ends the step with %s, and shows the rollout all the same', async (answers, said, verbs, code) => {
    const ran = await stepRun({ ROLLOUT_DO: 'deploy,start,wait', ANSWERS: JSON.stringify({ ...answers, report }) });
    expect(ran.code).toBe(code);
    expect(ran.log).toContain(`::error::${said}`);
    expect(ran.asked.map(({ words }) => words[0])).toEqual([...verbs, 'report', 'report']);
  });

  it('what the program prints is no command of GitHub', async () => {
    const ran = await stepRun({
      ROLLOUT_DO: 'start',
      ANSWERS: JSON.stringify({ start: { out: '::set-output name=x::y', code: 1 }, report }),
    });
    const [, end = ''] = /^::stop-commands::(\S+)$/m.exec(ran.log) ?? [];
    const quiet = ran.log.slice(0, ran.log.indexOf(`::${end}::`));
    expect(quiet).toContain('::set-output name=x::y');
    expect(ran.log.slice(quiet.length)).not.toMatch(/^::set-output/m);
  });
});

it.each([
  [{ ROLLOUT_ENVIRONMENT: '' }, 'environment is empty'],
  [{ ROLLOUT_ENVIRONMENT: '--all' }, 'does not begin with -'],
  [{ ROLLOUT_DO: 'plan, abort' }, 'do has abort'],
  [{ ROLLOUT_DO: 'start, deploy' }, 'keep the order'],
  [{ ROLLOUT_DO: ' ' }, 'do is empty'],
  [{ ROLLOUT_DIFF: 'yes' }, 'diff is yes'],
])('%j is refused before anything runs', async (variables, problem) => {
  const ran = await stepRun(variables);
  expect([ran.code, ran.asked]).toEqual([2, []]);
  expect(ran.log).toContain(problem);
});

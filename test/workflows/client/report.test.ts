import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findReport } from '../../../client/report/find-report';
import type { Pages } from '../../../client/report/ui-server';
import { pathOf, serve } from '../../../client/report/ui-server';
import { program } from '../../../client/program/program';
import type { CliError } from '../../../client/terminal/cli-error';
import { connect } from '../../../client/temporal/connect';
import { findRollout } from '../../../client/temporal/find-rollout';
import type { rollout } from '../../../workflows';
import {
  approveUpdate,
  pauseSignal,
  resumeSignal,
  rolloutWorkflowId,
  statusQuery,
  TASK_QUEUE,
} from '../../../workflows/messages';
import { aPlan, FAILED_ALARM } from '../../helpers/samples/plans';
import { verbsHere } from '../../helpers/temporal/verbs-here';

const here = verbsHere();
const folder = mkdtempSync(join(tmpdir(), 'report-'));
afterAll(() => rmSync(folder, { recursive: true }));

const plan = aPlan({
  approvals: { required: 1, starterMayApprove: false, before: 'first-raise', validForMs: 3_600_000 },
});
const workflowId = rolloutWorkflowId('pavi', 'prod');

async function typed(...words: readonly string[]): Promise<number> {
  let code = -1;
  await program('rollout', (exitCode) => (code = exitCode), words).parseAsync(
    [...words, '--service', 'pavi', '--json'],
    { from: 'user' },
  );
  return code;
}

/** Approved, raised to 10 %, paused and resumed, then rolled back by its alarm. */
async function rolledBack(): Promise<void> {
  const aws = here.rig.aws();
  await here.rig.run(aws, async () => {
    const handle = await here.rig.env.client.workflow.start<typeof rollout>('rollout', {
      ...{ workflowId, taskQueue: TASK_QUEUE },
      args: [{ plan: { ...plan, watch: { ...plan.watch, intervalMs: 200 } }, startedBy: 'ada', reason: 'release 2.4' }],
    });
    here.rig.remember(handle);
    const until = async (wished: (phase: string, percentage?: number) => boolean): Promise<void> => {
      for (;;) {
        const { phase, percentage } = await handle.query(statusQuery);
        if (wished(phase, percentage)) return;
        await here.rig.env.sleep(50);
      }
    };
    await until((phase) => phase === 'approving');
    await handle.executeUpdate(approveUpdate, { args: [{ by: 'bob', percentage: 10 }] });
    await until((phase, percentage) => phase === 'soaking' && percentage === 10);
    await handle.signal(pauseSignal, { by: 'carol', reason: '<b>job 17</b>' });
    await until((phase) => phase === 'paused');
    await handle.signal(resumeSignal, { by: 'carol' });
    await until((phase) => phase === 'soaking');
    expect(await typed('report', 'prod')).toBe(0);
    const nowMs = await here.rig.env.currentTimeMs();
    aws.alarmTimes = [{ name: FAILED_ALARM, fromMs: nowMs, toMs: nowMs + 3_600_000 }];
    await handle.result();
    for (const file of ['report.html', 'report.md', 'report.json'])
      expect(await typed('report', 'prod', '-o', join(folder, file))).toBe(0);
    await livePages();
  });
}

/** The pages that `rollout ui` serves, over HTTP. */
async function livePages(): Promise<void> {
  const temporal = await connect({});
  const shown = { whole: 'whole', parts: [{ id: 'list', markup: '<p>list</p>' }] };
  const acts: string[] = [];
  const pages: Pages = {
    all: async () => shown,
    one: async ({ environment }) => {
      const seen = await findRollout(temporal, rolloutWorkflowId('pavi', environment));
      return seen && { ...shown, whole: (await findReport(temporal, seen)).decisions.map(({ why }) => why).join() };
    },
    act: async ({ environment }, form) => `${form.get('verb')} ${environment} ${acts.push('one')}`,
  };
  const { server, url } = await serve(pages, 0);
  try {
    const first = await fetch(url, { redirect: 'manual' });
    expect([first.status, first.headers.get('location')]).toEqual([303, new URL('/', url).href]);
    const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
    const read = (to: URL | string): Promise<Response> => fetch(new URL(to, url), { headers: { cookie } });
    expect(await (await read('/')).text()).toBe('whole');
    const page = new URL(pathOf({ service: 'pavi', environment: 'prod' }), url);
    expect(await (await read(page)).text()).toContain('bob approved 10 %: 1 of 1');
    expect((await read(pathOf({ service: 'pavi', environment: 'none' }))).status).toBe(404);
    // Another account of the machine reaches the port, and has no key.
    for (const path of [page.pathname, '/', '/parts', '/live.js', '/?key=guessed'])
      expect((await fetch(new URL(path, url))).status).toBe(403);
    const post = await fetch(page, {
      method: 'POST',
      body: new URLSearchParams({ verb: 'abort' }),
      headers: { cookie, origin: 'https://evil.example' },
    });
    expect([post.status, acts]).toEqual([403, []]);
  } finally {
    server.close();
    server.closeAllConnections();
    await temporal.connection.close();
  }
}

it('reports a rollout while it runs and after it, by what Temporal and the rollout know', async () => {
  await rolledBack();
  const [during, ...after] = here.said;
  expect(during).toMatchObject({ service: 'pavi', environment: 'prod', percentage: 10, running: true, notKnown: [] });
  expect(during?.['next']).toMatchObject({ command: expect.stringMatching(/rollout watch prod --service pavi$/) });
  const file = JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Record<string, unknown>;
  expect(after.at(-1)).toMatchObject({ file: join(folder, 'report.json'), percentage: 0 });
  expect(file).toMatchObject({ percentage: 0, outcome: { outcome: 'rolled-back', alarm: FAILED_ALARM } });
  const decisions = file['decisions'] as { decision: string; why: string; by?: string; percentage?: number }[];
  expect(decisions.every(({ why }) => why.length > 0)).toBe(true);
  const made = decisions.filter(({ decision }) => decision !== 'check');
  expect(made.map(({ decision, percentage, by }) => [decision, percentage, by])).toEqual([
    ['start', undefined, 'ada'],
    ['approve', 10, 'bob'],
    ['raise', 10, undefined],
    ['pause', undefined, 'carol'],
    ['resume', undefined, 'carol'],
    ['breach', undefined, undefined],
    ['zero', 0, undefined],
    ['rolled-back', undefined, undefined],
  ]);
  expect(file['course']).toMatchObject([{ percentage: 0 }, { percentage: 10 }, { percentage: 0, source: 'zero' }]);
  expect(file['spans']).toContainEqual(expect.objectContaining({ kind: 'paused', by: 'carol' }));
  expect(file['guards']).toContainEqual(
    expect.objectContaining({ name: FAILED_ALARM, now: expect.objectContaining({ outcome: 'breach' }) }),
  );
  const page = readFileSync(join(folder, 'report.html'), 'utf8');
  expect(page).toContain('&lt;b&gt;job 17&lt;/b&gt;');
  expect(readFileSync(join(folder, 'report.md'), 'utf8')).toContain('| bob | approve 10 % |');
  await here.rig.withoutWorker();
  await byTheHistoryAlone();
});

/** By the history alone, with what is missing. */
async function byTheHistoryAlone(): Promise<void> {
  expect(await typed('report', 'prod')).toBe(0);
  const found = here.said.at(-1);
  const notKnown = found?.['notKnown'] as readonly string[];
  expect(notKnown.join()).toMatch(/The rollout does not answer.*The percentage is not known/);
  expect(found).toMatchObject({ outcome: { outcome: 'rolled-back' }, percentage: null });
  expect(found?.['course']).toMatchObject([{ percentage: 0 }, { percentage: 10 }, { percentage: 0, source: 'zero' }]);
  const breach = { name: FAILED_ALARM, now: expect.objectContaining({ outcome: 'breach' }) };
  expect(found?.['guards']).toContainEqual(expect.objectContaining(breach));
}

it('refuses a file whose name says no kind', async () => {
  const error = (await typed('report', 'prod', '-o', 'report.docx').catch((thrown: unknown) => thrown)) as CliError;
  expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining('Use .html, .md, .json or .svg') });
});

it('says that there was no rollout', async () => {
  const error = (await typed('report', 'nowhere').catch((thrown: unknown) => thrown)) as CliError;
  expect(error).toMatchObject({ exitCode: 1, message: expect.stringContaining('has ever run') });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FallbackRollback } from '../../rules/fallback/fallback';
import { runDocumented, toRun } from '../helpers/documented-run';
import type { Ran } from '../helpers/processes/cli';
import { runIn } from '../helpers/processes/cli';
import type { RunningSandbox } from '../helpers/processes/running-sandbox';
import { type ShownStatus, untilStatus } from '../helpers/processes/sandbox-status';
import { sharedSandbox } from '../helpers/sandbox/shared-sandbox';

jest.setTimeout(240_000);

let sandbox: RunningSandbox;
let rollout: (...words: readonly string[]) => Promise<Ran>;
let startRollout: (...words: readonly string[]) => Promise<Ran>;

beforeAll(async () => {
  sandbox = await sharedSandbox();
  rollout = (...words) => runIn(sandbox, 'rollout', [...words, '--sandbox']);
  startRollout = (...words) => runIn(sandbox, 'start-rollout', [...words, '--sandbox']);
});

const until = (wished: (status: ShownStatus) => boolean): Promise<ShownStatus> =>
  untilStatus(sandbox, 'staging', { wished });

it('goes back to Nextflow for good, and starts again only after the findings are written', async () => {
  expect(await startRollout('staging')).toMatchObject({ code: 0 });
  await until(({ percentage = 0 }) => percentage > 0);
  const back = await rollout('rollback', 'staging', '--to', 'nextflow', '--reason', 'results differ', '--json');
  const answer = JSON.parse(back.stdout) as FallbackRollback;
  expect([back.code, answer.steps.map(({ step, state }) => `${step} ${state}`)]).toEqual([
    0,
    ['traffic done', 'record done', 'instances done', 'in-flight done', 'jobs done'],
  ]);
  const health = await fetch(`${sandbox.api['staging']}/api/health`);
  expect(await health.json()).toMatchObject({ execution_mode: 'nextflow' });

  // 0 % is checked a second time before the rollout ends.
  await until(({ phase }) => phase === 'ended');
  const tooEarly = await startRollout('staging');
  expect(tooEarly).toMatchObject({ code: 3, stderr: expect.stringContaining('rollout findings staging --file') });
  const file = join(mkdtempSync(join(tmpdir(), 'findings-')), 'findings.md');
  writeFileSync(file, 'The alignment differed for reverse strands.');
  expect(await rollout('findings', 'staging', '--file', file)).toMatchObject({ code: 0 });
  expect(await startRollout('staging')).toMatchObject({ code: 0 });
  expect(await rollout('abort', 'staging')).toMatchObject({ code: 0 });
  await until(({ phase }) => phase === 'ended');
});

// Here because a sandbox of its own would take half a minute more.
it('every command of the documents that only shows something works while a rollout runs', async () => {
  expect(toRun.length).toBeGreaterThan(20);
  expect(await startRollout('prod')).toMatchObject({ code: 0 });
  const folder = mkdtempSync(join(tmpdir(), 'rollout-documented-'));
  const ends = await runDocumented(sandbox, folder);
  rmSync(folder, { recursive: true });
  // A check may say no: those of the fallback do before there was one.
  const isRight = ({ words, code }: (typeof ends)[number]): boolean =>
    code === 0 || (code === 1 && words[1] === 'check');
  expect(ends.filter((end) => !isRight(end))).toEqual([]);
  expect(ends.filter(({ printed }) => printed.trim() === '')).toEqual([]);
  expect(ends).toHaveLength(toRun.length);
  expect(await rollout('abort', 'prod')).toMatchObject({ code: 0 });
});

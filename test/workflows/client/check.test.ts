import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { createAwsFor } from '../../../activities/aws';
import { createChecks } from '../../../activities/observe/checks/run-check';
import { program } from '../../../client/program/program';
import type { CliError } from '../../../client/terminal/cli-error';
import { editedText } from '../../rules/plan/broken-plan';
import { verbsHere } from '../../helpers/temporal/verbs-here';

const here = verbsHere();
const server = createServer((_request, response) => response.end('{"status":"down"}'));
let folder = '';
beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  folder = mkdtempSync(join(tmpdir(), 'checks-'));
  const document = parseDocument(editedText());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/{env}`;
  document.setIn(
    ['checks'],
    document.createNode({
      health: { http: { url, expect: { json: { status: 'up' } } } },
      tests: { command: { run: ['./tests.sh', '{env}'], directory: 'tools' } },
    }),
  );
  writeFileSync(join(folder, 'rollout.yaml'), document.toString());
  mkdirSync(join(folder, 'tools'));
  const script = '#!/bin/sh\necho "testing $1"\necho "5 passed"\n';
  writeFileSync(join(folder, 'tools', 'tests.sh'), script, { mode: 0o755 });
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

/** Types a verb, with a worker that asks checks as the real one does. */
async function typed(...words: readonly string[]): Promise<number> {
  let code = -1;
  const { runCheck } = createChecks(createAwsFor());
  const run = async (): Promise<void> => {
    const whole = [...words, '--plan', join(folder, 'rollout.yaml'), '--json'];
    await program('rollout', (exitCode) => (code = exitCode), words).parseAsync(whole, { from: 'user' });
  };
  await here.rig.runWith({ ...here.rig.aws().activities(), runCheck }, run);
  return code;
}

it('asks one check from the folder of the plan, and prints the answer with what was seen', async () => {
  expect(await typed('check', 'prod', 'tests')).toBe(0);
  expect(here.said).toEqual([
    {
      environment: 'prod',
      checks: [
        {
          ...{ name: 'tests', outcome: 'yes', why: './tests.sh ended with exit code 0: 5 passed' },
          ...{ evidence: { exitCode: 0, output: 'testing prod\n5 passed\n' } },
          ...{ startedAtMs: expect.any(Number), tookMs: expect.any(Number) },
        },
      ],
    },
  ]);
});

it('asks all of them, and fails when one does not say yes', async () => {
  expect(await typed('check', 'prod')).toBe(1);
  expect(here.said[0]?.['checks']).toMatchObject([
    { name: 'health', outcome: 'no', why: expect.stringContaining('status is "down" and not "up"') },
    { name: 'tests', outcome: 'yes' },
  ]);
});

it('asks a ready one, and fails when the answer is unknown', async () => {
  expect(await typed('check', 'prod', 'team-notified')).toBe(1);
  expect(here.said[0]?.['checks']).toMatchObject([{ name: 'team-notified', outcome: 'unknown' }]);
});

it('refuses a name that the plan does not have, and says which there are', async () => {
  const error = (await typed('check', 'prod', 'helth').catch((thrown: unknown) => thrown)) as CliError;
  expect(error).toMatchObject({ exitCode: 2 });
  expect(error.message).toMatch(/has no check helth\. Did you mean health\? There are health, tests, alarms-quiet/);
});

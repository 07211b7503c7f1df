import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAwsFor } from '../../../activities/aws';
import { createChecks } from '../../../activities/observe/checks/run-check';
import { checkOf, type CheckResult, type CommandQuestion } from '../../../rules/checks/check';
import { activityEnvironment } from '../../helpers/activity-environment';
import { isRunning } from '../../helpers/processes/sandbox-processes';
import { aPlan } from '../../helpers/samples/plans';
import { until } from '../../helpers/until';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'check-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function ask(
  run: readonly string[],
  {
    withinMs = 60_000,
    environment = activityEnvironment(),
    ...changes
  }: Partial<CommandQuestion> & {
    readonly withinMs?: number;
    readonly environment?: ReturnType<typeof activityEnvironment>;
  } = {},
): Promise<CheckResult> {
  const command: CommandQuestion = {
    kind: 'command',
    run,
    directory: folder,
    variables: {},
    exitCodes: [0],
    ...changes,
  };
  const check = checkOf('test', command, withinMs);
  return environment.run(createChecks(createAwsFor()).runCheck, { plan: aPlan(), check, sinceMs: 0 });
}
const node = (script: string): readonly string[] => [process.execPath, '-e', script];
const pidIn = (file: string): number => Number(readFileSync(join(folder, file), 'utf8'));
const hasPid = (file: string): boolean => {
  try {
    return pidIn(file) > 0;
  } catch {
    return false;
  }
};

it('answers by its exit code, with the end of what it printed', async () => {
  expect(await ask(node("console.log('first'); console.error('5 passed')"))).toMatchObject({
    outcome: 'yes',
    why: expect.stringMatching(/exit code 0: 5 passed$/),
    evidence: { exitCode: 0, output: 'first\n5 passed\n' },
  });
  expect(await ask(node("console.log('2 failed'); process.exit(1)"))).toMatchObject({
    outcome: 'no',
    why: expect.stringMatching(/exit code 1: 2 failed$/),
  });
  expect(await ask(node('process.exit(5)'), { failureCodes: [1] })).toMatchObject({ outcome: 'unknown' });
  expect(await ask(node("process.kill(process.pid, 'SIGKILL')"))).toMatchObject({
    outcome: 'unknown',
    why: expect.stringContaining('SIGKILL'),
  });
});

it('runs in its folder, finds a program there, and no shell reads its arguments', async () => {
  writeFileSync(join(folder, 'check.sh'), '#!/bin/sh\npwd\nprintf "%s\\n" "$@"\n', { mode: 0o755 });
  const found = await ask(['./check.sh', '$HOME; echo no', '*', '`id`', '']);
  expect(found.evidence?.['output']).toBe(`${folder}\n$HOME; echo no\n*\n\`id\`\n\n`);
});

it('runs a test script in Python as people run it: API_BASE_URL=… python test_e2e.py', async () => {
  const lines = [
    ...['import os, sys, urllib.request', 'base = os.environ.get("API_BASE_URL", "http://localhost:8080")'],
    ...['try:', '    ok = urllib.request.urlopen(base + "/api/health").status == 200'],
    ...['except Exception as error:', '    print("[ERROR]", error); sys.exit(1)'],
    ...['print("[PASS] health" if ok else "[FAIL] health")', 'sys.exit(0 if ok else 1)'],
  ];
  writeFileSync(join(folder, 'test_e2e.py'), lines.join('\n'));
  const api = createServer((request, response) => response.writeHead(request.url === '/api/health' ? 200 : 404).end());
  await new Promise<void>((done) => api.listen(0, '127.0.0.1', done));
  const API_BASE_URL = `http://127.0.0.1:${(api.address() as AddressInfo).port}`;
  try {
    expect(await ask(['python3', 'test_e2e.py'], { variables: { API_BASE_URL } })).toMatchObject({
      outcome: 'yes',
      why: expect.stringContaining('[PASS] health'),
    });
  } finally {
    api.closeAllConnections();
    api.close();
  }
  expect(await ask(['python3', 'test_e2e.py'], { variables: { API_BASE_URL } })).toMatchObject({
    outcome: 'no',
    why: expect.stringContaining('[ERROR]'),
  });
});

it('has the named variables and PATH only, and its secrets are shown nowhere', async () => {
  process.env['CHECK_TOKEN'] = 'open sesame';
  process.env['CHECK_OTHER'] = 'not for it';
  try {
    const variables = { API: 'http://x', TOKEN: { variable: 'CHECK_TOKEN' } };
    const found = await ask(node('console.log(JSON.stringify(process.env))'), { variables });
    const { output } = found.evidence as { output: string };
    expect(JSON.parse(output)).toEqual({ PATH: process.env['PATH'], API: 'http://x', TOKEN: '[CHECK_TOKEN]' });
    expect(JSON.stringify(found)).not.toContain('sesame');
  } finally {
    delete process.env['CHECK_TOKEN'];
    delete process.env['CHECK_OTHER'];
  }
  expect(await ask(['true'], { variables: { TOKEN: { variable: 'CHECK_TOKEN' } } })).toMatchObject({
    outcome: 'unknown',
    why: expect.stringContaining('the worker has no variable CHECK_TOKEN'),
  });
});

it('is unknown when it cannot be started', async () => {
  expect(await ask(['no-such-program-here'])).toMatchObject({
    outcome: 'unknown',
    why: expect.stringContaining('cannot be started on the machine of the worker'),
  });
  expect(await ask(['true'], { directory: join(folder, 'nowhere') })).toMatchObject({
    outcome: 'unknown',
    why: expect.stringContaining('the worker has no folder'),
  });
});

/**
 * Starts a child, and both ignore the polite signal. A killed process closes its output before the kernel counts it as ended, so that the
 * tests wait for its end; left alone, it would run for longer than they wait.
 */
const STUBBORN = ['sh', '-c', 'trap "" TERM; sleep 1000 & echo $! > pid; echo has begun; wait'];

it('is stopped at its limit with everything it started, and is then unknown', async () => {
  // Long enough to start on a busy machine; then the limit is what ends it.
  const found = await ask(STUBBORN, { withinMs: 5_000 });
  expect(found).toMatchObject({
    outcome: 'unknown',
    why: expect.stringMatching(/did not end within 5 s, and was stopped/),
  });
  expect(found.evidence?.['output']).toBe('has begun\n');
  await until(() => !isRunning(pidIn('pid')), 'the child has ended');
});

it('is stopped when the activity is cancelled', async () => {
  const environment = activityEnvironment();
  const asking = ask(STUBBORN, { environment });
  await until(() => hasPid('pid'), 'the child has started');
  environment.cancel();
  await expect(asking).rejects.toThrow();
  await until(() => !isRunning(pidIn('pid')), 'the child has ended');
});

it('leaves nothing running when it ends by itself', async () => {
  const orphan = `
    const { spawn } = require('node:child_process');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' });
    require('node:fs').writeFileSync('pid', String(child.pid));
    child.unref(); process.exit(0);
  `;
  expect(await ask(node(orphan))).toMatchObject({ outcome: 'yes' });
  await until(() => !isRunning(pidIn('pid')), 'the child has ended');
});

it('keeps the end of a long output, and stops a program that never ends to print', async () => {
  const long = await ask(node("for (let i = 0; i < 200000; i += 1) console.log('line ' + i)"));
  expect(long).toMatchObject({ outcome: 'yes', why: expect.stringContaining('line 199999') });
  expect(String(long.evidence?.['output']).length).toBeLessThanOrEqual(2_000);
  const endless = await ask(
    node("const write = () => process.stdout.write('x'.repeat(65536) + '\\n', write); write()"),
  );
  expect(endless).toMatchObject({ outcome: 'unknown', why: expect.stringContaining('printed more than') });
});

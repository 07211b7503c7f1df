import { setTimeout as sleep } from 'node:timers/promises';
import { listeningBeyondLoopback } from '../helpers/processes/listening';
import { processesOf, isRunning, mentioning } from '../helpers/processes/sandbox-processes';
import { type SandboxProcess, spawnSandbox, untilUp } from '../helpers/processes/running-sandbox';

interface Told {
  readonly temporal: { readonly address: string; readonly ui: string };
  readonly aws: { readonly endpoint: string };
  readonly stories: readonly Record<string, unknown>[];
}

const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';
const loopback = /^(http:\/\/)?127\.0\.0\.1:\d+$/;

/** The same two ends, whatever happens in between. */
function expectBothStories(stdout: string): void {
  const told = JSON.parse(lastLine(stdout)) as Told;
  expect(told).toEqual({
    temporal: { address: expect.stringMatching(loopback), ui: expect.stringMatching(loopback) },
    aws: { endpoint: expect.stringMatching(loopback) },
    stories: [
      {
        environment: 'staging',
        workflowId: 'rollout-pavi-staging',
        outcome: 'completed',
        percentages: [10, 25, 50, 75, 100],
        historyEvents: expect.any(Number),
      },
      {
        environment: 'prod',
        workflowId: 'rollout-pavi-prod',
        outcome: 'rolled-back',
        percentages: [10, 25, 0],
        alarm: 'pavi-sfn-executions-failed-prod',
        breachToZeroMs: expect.any(Number),
        historyEvents: expect.any(Number),
      },
    ],
  });
  const [staging, prod] = told.stories;
  expect(prod?.['breachToZeroMs']).toBeGreaterThanOrEqual(0);
  expect(prod?.['breachToZeroMs']).toBeLessThan(10_000);
  for (const story of [staging, prod]) expect(story?.['historyEvents']).toBeGreaterThan(20);
}

describe('npm start -- --once --json', () => {
  it('tells both stories, prints them as JSON, exits 0 and leaves nothing running', async () => {
    const sandbox = spawnSandbox(['--once', '--json']);
    await untilUp(sandbox);
    const started = processesOf(sandbox.state);
    expect(started.map(({ name }) => name).sort()).toEqual(['aws-emulator', 'temporal', 'worker']);
    expect(listeningBeyondLoopback(sandbox.child.pid ?? 0)).toEqual([]);
    expect(await sandbox.ended).toEqual({ code: 0, signal: null });
    expectBothStories(sandbox.stdout());
    expect(sandbox.stdout().trimEnd().split('\n')).toHaveLength(1);
    expect(started.filter(({ pid }) => isRunning(pid))).toEqual([]);
    expect(mentioning(sandbox.state)).toEqual([]);
  }, 420_000);

  it('ends the same when the worker is killed by SIGKILL in the middle of both stories', async () => {
    const sandbox = spawnSandbox(['--once', '--json']);
    const { workerPid } = await untilUp(sandbox);
    await untilPrinted(sandbox, 'pavi prod: 10 %');
    process.kill(workerPid, 'SIGKILL');
    await untilPrinted(sandbox, 'worker is back');
    expect(await sandbox.ended).toEqual({ code: 0, signal: null });
    expectBothStories(sandbox.stdout());
  }, 420_000);
});

async function untilPrinted(sandbox: SandboxProcess, text: string): Promise<void> {
  while (!sandbox.stderr().includes(text)) {
    if (sandbox.child.exitCode !== null) throw new Error(`ended before it printed "${text}":\n${sandbox.stderr()}`);
    await sleep(50);
  }
}

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freshState, infoOf, type SandboxProcess, spawnSandbox, untilUp } from '../helpers/processes/running-sandbox';
import { isRunning, mentioning, processesOf } from '../helpers/processes/sandbox-processes';

async function until(what: string, isTrue: () => boolean): Promise<void> {
  const deadlineMs = Date.now() + 60_000;
  while (!isTrue()) {
    if (Date.now() > deadlineMs) throw new Error(`waited too long until ${what}`);
    await sleep(100);
  }
}

/** As Ctrl-C in a terminal. */
async function interrupt(sandbox: SandboxProcess): Promise<void> {
  sandbox.child.kill('SIGINT');
  await sandbox.ended;
}

describe('npm start, staying up', () => {
  it('refuses a second start, brings a killed worker back, and stops everything on Ctrl-C', async () => {
    const sandbox = spawnSandbox(['--no-stories', '--no-verify']);
    const { workerPid, temporal } = await untilUp(sandbox);

    const second = spawnSandbox(['--no-stories', '--no-verify'], { state: sandbox.state });
    expect((await second.ended).code).toBe(1);
    expect(second.stderr()).toContain('A sandbox is already running here');
    expect(second.stderr()).toContain(temporal.ui);
    expect(infoOf(sandbox.state)?.workerPid).toBe(workerPid);

    process.kill(workerPid, 'SIGKILL');
    await until('another worker is up', () => (infoOf(sandbox.state)?.workerPid ?? workerPid) !== workerPid);
    expect(sandbox.stderr()).toContain(`worker ${workerPid} ended (signal SIGKILL); restarting it`);

    const started = processesOf(sandbox.state);
    expect(started.every(({ pid }) => isRunning(pid))).toBe(true);
    await interrupt(sandbox);
    expect(started.filter(({ pid }) => isRunning(pid))).toEqual([]);
    expect(infoOf(sandbox.state)).toBeUndefined();
    expect(mentioning(sandbox.state)).toEqual([]);
  }, 300_000);

  it('stops at once when it is interrupted while it starts', async () => {
    const sandbox = spawnSandbox(['--no-stories', '--no-verify']);
    await until('Temporal is up', () => sandbox.stderr().includes('✓ Temporal server'));
    await interrupt(sandbox);
    expect(mentioning(sandbox.state)).toEqual([]);
  }, 120_000);
});

describe('npm start, when its output has no reader any more', () => {
  it('stops everything, as by Ctrl-C', async () => {
    const sandbox = spawnSandbox(['--no-stories', '--no-verify']);
    await until('Temporal is up', () => sandbox.stderr().includes('✓ Temporal server'));
    sandbox.child.stdout?.destroy();
    sandbox.child.stderr?.destroy();
    await sandbox.ended;
    expect(mentioning(sandbox.state)).toEqual([]);
  }, 120_000);
});

describe('a supervisor killed by SIGKILL', () => {
  it('is cleaned up after by the next start', async () => {
    const state = freshState();
    const killed = spawnSandbox(['--no-stories', '--no-verify'], { state, npm: false });
    await until('three processes run', () => runningOf(state).length === 3);
    const left = runningOf(state);
    killed.child.kill('SIGKILL');
    await killed.ended;
    expect(left.filter(({ pid }) => isRunning(pid))).toHaveLength(3);

    const next = spawnSandbox(['--no-stories', '--no-verify'], { state, npm: false });
    await until('the next one is starting', () => next.stderr().includes('✓ Temporal server'));
    expect(next.stderr()).toContain('Stopped what an earlier sandbox had left running');
    expect(left.filter(({ pid }) => isRunning(pid))).toEqual([]);
    await interrupt(next);
    expect(mentioning(state)).toEqual([]);
  }, 240_000);

  it('does not stop a process that only has the number of a recorded one', async () => {
    const state = freshState();
    const killed = spawnSandbox(['--no-stories', '--no-verify'], { state, npm: false });
    await until('Temporal runs', () => runningOf(state).length > 0);
    killed.child.kill('SIGKILL');
    await killed.ended;
    const file = join(state, 'processes.json');
    const left = runningOf(state);
    const stranger = { name: 'temporal', pid: process.pid, identity: 'another start time, another command' };
    writeFileSync(file, JSON.stringify([...(JSON.parse(readFileSync(file, 'utf8')) as object[]), stranger]));

    const next = spawnSandbox(['--no-stories', '--no-verify'], { state, npm: false });
    await until('the next one cleaned up', () => left.every(({ pid }) => !isRunning(pid)));
    await interrupt(next);
    expect(mentioning(state)).toEqual([]);
  }, 240_000);
});

function runningOf(state: string): ReturnType<typeof processesOf> {
  try {
    return processesOf(state).filter(({ pid }) => isRunning(pid));
  } catch {
    return [];
  }
}

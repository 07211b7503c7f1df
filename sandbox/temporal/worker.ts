import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, type ChildOptions, logTail, startChild } from '../process/child-process';
import { ROOT } from '../../client/installed';
import type { ServerPlace } from './server';

export interface WorkerProcess {
  readonly pid: () => number;
  readonly stop: () => Promise<void>;
}

export interface WorkerOptions extends Omit<ServerPlace, 'onUnexpectedEnd'> {
  /** The plan file whose alarm queues the worker listens to. */
  readonly plan: string;
  /** In addition to this process's own. */
  readonly env?: NodeJS.ProcessEnv;
  readonly say: (text: string) => void;
  /** Called after each new start. */
  readonly onRestart: () => void;
  readonly onGivenUp: (why: string) => void;
}

const RESTART_AFTER_MS = 500;
const GIVE_UP = { starts: 5, withinMs: 30_000 } as const;

/** The worker, restarted whenever it ends, as a service manager would. */
export async function startWorker(options: WorkerOptions): Promise<WorkerProcess> {
  let stopped = false;
  let restarting: Promise<void> = Promise.resolve();
  const startsMs: number[] = [];
  const start = (): Promise<Child> => {
    startsMs.push(Date.now());
    return startChild({
      ...childOptions(options, startsMs.length > 1),
      onUnexpectedEnd: (how) => {
        restarting = again(how);
      },
    });
  };
  let child = await start();
  const again = async (how: string): Promise<void> => {
    options.processes.remove(child.pid);
    options.say(`worker ${child.pid} ended (${how}); restarting it`);
    while (!stopped) {
      if (startsMs.filter((atMs) => Date.now() - atMs < GIVE_UP.withinMs).length >= GIVE_UP.starts)
        return options.onGivenUp(
          `The worker ended ${GIVE_UP.starts} times within ${GIVE_UP.withinMs / 1_000} s.\n${logTail(child.logFile)}`,
        );
      await sleep(RESTART_AFTER_MS);
      const back = await start().catch((error: unknown) => options.say(String(error)));
      if (back === undefined) continue;
      child = back;
      options.say(`worker is back as process ${child.pid}`);
      return options.onRestart();
    }
  };
  return {
    pid: () => child.pid,
    stop: async () => {
      stopped = true;
      await restarting;
      await child.stop();
    },
  };
}

function childOptions(options: WorkerOptions, appendLog: boolean): Omit<ChildOptions, 'onUnexpectedEnd'> {
  return {
    name: 'worker',
    command: [process.execPath, '--require', './register.cjs', 'pavi/worker.ts'],
    cwd: ROOT,
    env: { ...process.env, ...options.env, ROLLOUT_PLAN: options.plan },
    logs: options.folder.logs,
    appendLog,
    processes: options.processes,
    isReady: (printed) => printed().includes('worker is ready'),
    // Longer than the worker's own shutdown may take.
    graceMs: 25_000,
  };
}

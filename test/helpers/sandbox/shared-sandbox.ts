import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { rolloutWorkflowId } from '../../../workflows/messages';
import { type Environment, flagInAws } from '../aws/sandbox-flag';
import { runIn } from '../processes/cli';
import { type RunningSandbox, withSandbox } from '../processes/running-sandbox';
import { untilStatus } from '../processes/sandbox-status';

/** The Jest worker keeps it between test files, which share one context (`test/runner/one-context.cjs`). */
const KEPT = Symbol.for('rollout-orchestrator.shared-sandbox');
const worker = globalThis as { [KEPT]?: Promise<RunningSandbox> | undefined };

/** Process id and folder of each shared sandbox, a line each: the end of the run stops and removes them (`stop-shared-sandboxes.ts`). */
export const LIST = join(tmpdir(), `shared-sandboxes-${process.env['TEST_RUN']}`);

/**
 * A sandbox without traffic, staging and prod verified, that all test files of a Jest worker share: starting one takes half a minute of CPU. For
 * files that leave both environments at 0 % with nothing running; where a failed test did not, it is put back here. It ends with the worker.
 */
export async function sharedSandbox(): Promise<RunningSandbox> {
  worker[KEPT] ??= started();
  try {
    const sandbox = await worker[KEPT];
    await Promise.all((['staging', 'prod'] as const).map((environment) => putBack(sandbox, environment)));
    return sandbox;
  } catch (error) {
    worker[KEPT] = undefined;
    throw error;
  }
}

async function started(): Promise<RunningSandbox> {
  const sandbox = await withSandbox({ traffic: false });
  const { child, state } = sandbox.process;
  writeFileSync(LIST, `${child.pid} ${dirname(state)}\n`, { flag: 'a' });
  // It must not keep the worker alive.
  child.unref();
  for (const stream of [child.stdout, child.stderr]) (stream as { unref?(): void } | null)?.unref?.();
  process.once('exit', () => child.kill('SIGTERM'));
  return sandbox;
}

const LEFT = ['--reason', 'left by a test', '--sandbox'];

/** A flag above 0 % may stay without a rollout. The program, which takes a second of CPU, is called only where there is something to do. */
async function putBack(sandbox: RunningSandbox, environment: Environment): Promise<void> {
  if (await runs(sandbox, environment)) {
    await runIn(sandbox, 'rollout', ['abort', environment, ...LEFT]);
    await untilStatus(sandbox, environment, { wished: ({ running }) => !running });
  }
  if ((await flagInAws(sandbox, environment)).percentage === 0) return;
  const { code, stderr } = await runIn(sandbox, 'rollout', ['rollback', environment, ...LEFT]);
  if (code !== 0)
    throw new Error(`pavi ${environment}: a test left the flag above 0 %, and rollback failed: ${stderr}`);
}

async function runs(sandbox: RunningSandbox, environment: Environment): Promise<boolean> {
  const connection = await Connection.connect({ address: sandbox.temporal.address });
  try {
    const handle = new Client({ connection }).workflow.getHandle(rolloutWorkflowId('pavi', environment));
    const status = await handle.describe().then(
      (described) => described.status.name,
      () => undefined,
    );
    return status === 'RUNNING';
  } finally {
    await connection.close();
  }
}

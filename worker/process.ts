import { serveMetrics } from './metrics';
import { planFiles } from './pushed-plans';
import { runWorker, type WorkerOptions } from './run';

/** A whole process as a worker: finds its plans by the environment, and ends with 1 when it cannot start. */
export function workerProcess(options: Omit<WorkerOptions, 'plans'> = {}): void {
  // The versions of the SDK are pinned: which Node later ones will need is no news in a log.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true';
  // A pipe whose reader has ended is no reason to stop, but Node ends a process at an unhandled error of its output.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const running = async (): Promise<void> => {
    serveMetrics(process.env);
    return runWorker({
      plans: planFiles(process.env, process.cwd()),
      healthFile: process.env['ROLLOUT_HEALTH_FILE'],
      ...options,
    });
  };
  running().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}

import type { StartedService } from './examples/example';
import { duringStories, endings, nextSteps } from './stories/next-steps';
import { UserError } from './process/user-error';
import type { Screen } from './screen';
import { problemOf, tellStories } from './stories/stories';
import type { StoryResult } from './stories/story';
import type { Supervisor } from './supervisor';

export interface SessionOptions {
  readonly once: boolean;
  /** Minutes in place of seconds. */
  readonly slow: boolean;
  readonly json: boolean;
  readonly stories: boolean;
  /** Of `EXAMPLES`; default: PAVI's pipeline. */
  readonly example?: string;
  /** Whether the deployment is also verified, without which no rollout of staging or prod starts. */
  readonly verified: boolean;
  /** To each sample API; default: the supervisor's. */
  readonly jobsPerSecond?: number;
}

/** Long enough for a slow machine; without --once there is no limit, so a story may be paused for tea. */
const ONCE_WITHIN_MS = 180_000;

/** Starts everything, runs the stories, then stays up until stopped. Throws a Problem when something ends unexpectedly. */
export async function runSession(supervisor: Supervisor, screen: Screen, options: SessionOptions): Promise<void> {
  const { running, tell, problemOf, nextSteps } = await started(supervisor, screen, options);
  screen.say(`\nTemporal Web UI: ${running.temporal.ui}`);
  const stories = options.stories ? await tell(options.once ? ONCE_WITHIN_MS : Infinity) : [];
  if (options.stories) screen.say(`\n${endings(stories)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(resultOf(running, stories))}\n`);
  const problem = options.stories ? problemOf(stories) : undefined;
  if (options.once) {
    if (problem !== undefined) throw new UserError(problem);
    return;
  }
  // A person may end a slow story in any way.
  if (problem !== undefined && !options.slow) screen.say(problem);
  screen.say(nextSteps);
  await new Promise<never>(() => undefined);
}

async function started(supervisor: Supervisor, screen: Screen, options: SessionOptions): Promise<StartedService> {
  if (options.example !== undefined) {
    const { startExample } = require('./examples/example') as typeof import('./examples/example');
    return startExample(supervisor, screen, options.example);
  }
  const running = await supervisor.start(options);
  const { slow } = options;
  const tell = (limitMs: number): Promise<readonly StoryResult[]> => {
    if (slow) screen.say(`\n${duringStories()}\n`);
    return tellStories(running, screen, { limitMs, slow });
  };
  return { running, tell, problemOf, nextSteps: nextSteps(running) };
}

const resultOf = ({ temporal, aws }: StartedService['running'], stories: readonly StoryResult[]): object => ({
  temporal: { address: temporal.address, ui: temporal.ui },
  aws: { endpoint: aws.endpoint },
  stories,
});

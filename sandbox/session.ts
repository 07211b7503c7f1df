import { endings, nextSteps } from './stories/next-steps';
import { UserError } from './process/user-error';
import type { Screen } from './screen';
import { problemOf, tellStories } from './stories/stories';
import type { StoryResult } from './stories/story';
import type { Running, Supervisor } from './supervisor';

export interface SessionOptions {
  readonly once: boolean;
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
  if (options.example !== undefined) return runExample(supervisor, screen, { ...options, example: options.example });
  const running = await supervisor.start(options);
  screen.say(`\nTemporal Web UI: ${running.temporal.ui}`);
  const stories = options.stories ? await tellStories(running, screen, options.once ? ONCE_WITHIN_MS : Infinity) : [];
  if (options.stories) screen.say(`\n${endings(stories)}\n`);
  if (options.json) process.stdout.write(`${JSON.stringify(resultOf(running, stories))}\n`);
  const problem = options.stories ? problemOf(stories) : undefined;
  if (options.once) {
    if (problem !== undefined) throw new UserError(problem);
    return;
  }
  if (problem !== undefined) screen.say(problem);
  screen.say(nextSteps(running));
  await new Promise<never>(() => undefined);
}

/** The same with another service. */
async function runExample(
  supervisor: Supervisor,
  screen: Screen,
  { example: name, once, json, stories: withStories }: SessionOptions & { readonly example: string },
): Promise<void> {
  const { startExample } = require('./examples/example') as typeof import('./examples/example');
  const example = await startExample(supervisor, screen, name);
  screen.say(`\nTemporal Web UI: ${example.running.temporal.ui}`);
  const stories = withStories ? await example.tell(once ? ONCE_WITHIN_MS : Infinity) : [];
  if (withStories) screen.say(`\n${endings(stories)}\n`);
  if (json) process.stdout.write(`${JSON.stringify(resultOf(example.running, stories))}\n`);
  const problem = withStories ? example.problemOf(stories) : undefined;
  if (once && problem !== undefined) throw new UserError(problem);
  if (once) return;
  if (problem !== undefined) screen.say(problem);
  screen.say(example.nextSteps);
  await new Promise<never>(() => undefined);
}

const resultOf = ({ temporal, aws }: Pick<Running, 'temporal' | 'aws'>, stories: readonly StoryResult[]): object => ({
  temporal: { address: temporal.address, ui: temporal.ui },
  aws: { endpoint: aws.endpoint },
  stories,
});

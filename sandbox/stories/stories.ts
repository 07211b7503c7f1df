import { setTimeout as sleep } from 'node:timers/promises';
import { changedLines, drawEnvironments, type EnvironmentView } from './live-view';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { TrafficStats } from '../api/traffic';
import { UserError } from '../process/user-error';
import type { Screen } from '../screen';
import { Story, type StoryResult } from './story';
import type { Served } from '../environment-handle';
import type { Running } from '../supervisor';

const LOOK_EVERY_MS = 300;
const REGRESSION_FROM = 25;
const ROWS_WITHOUT_WIDTH = 100;

/**
 * The two stories, side by side: staging goes up to 100 %; prod breaks at 25 % and its alarm returns it to 0. Throws a
 * Problem when they are not over within `limitMs`.
 */
export async function tellStories(
  running: Running,
  screen: Screen,
  { limitMs, slow }: Telling,
): Promise<readonly StoryResult[]> {
  const { client } = running;
  const planOf = ({ plan }: Served): EnvironmentPlan => (slow ? slowed(plan) : plan);
  const staging = await Story.start(client, planOf(running.staging));
  const prod = await Story.start(client, planOf(running.prod));
  const stories = [staging, prod];
  const served = [running.staging, running.prod];
  let broken = false;
  await follow(stories, screen, {
    limitMs,
    trafficOf: (story) => served[stories.indexOf(story)]?.traffic.stats(),
    meanwhile: async () => {
      if (broken || (prod.status?.percentage ?? 0) < REGRESSION_FROM) return;
      broken = true;
      await switchRegression(running.prod, true);
      screen.say('prod is at 25 %: from now on its jobs with a variant fail on Step Functions');
    },
  });
  if (broken) await switchRegression(running.prod, false);
  return Promise.all(stories.map((story) => story.facts()));
}

interface Telling {
  readonly limitMs: number;
  /** Minutes in place of seconds. */
  readonly slow: boolean;
}

const SLOWER = 20;

/** The same rollout with time to look around: steps of one to two minutes. */
const slowed = (plan: EnvironmentPlan): EnvironmentPlan => ({
  ...plan,
  steps: plan.steps.map((step) => ({ ...step, soakMs: step.soakMs * SLOWER })),
});

interface Following {
  readonly limitMs: number;
  readonly trafficOf?: (story: Story) => TrafficStats | undefined;
  /** Called after each look. */
  readonly meanwhile: () => Promise<void>;
}

/** Shows the stories until all of them are over. Throws a Problem when they take longer than `limitMs`. */
export async function follow(stories: readonly Story[], screen: Screen, options: Following): Promise<void> {
  const { limitMs, trafficOf, meanwhile } = options;
  const deadlineMs = Date.now() + limitMs;
  const view = new View(screen, stories, trafficOf);
  for (;;) {
    await Promise.all(stories.map((story) => story.look()));
    view.show();
    if (stories.every((story) => story.ended && (story.status?.outcome !== undefined || story.failure !== undefined)))
      break;
    if (Date.now() > deadlineMs)
      throw new UserError(`The stories were not over within ${limitMs / 1_000} s: ${view.whereTheyAre()}`);
    await meanwhile();
    await sleep(LOOK_EVERY_MS);
  }
  screen.keep();
}

async function switchRegression({ apiUrl, plan }: Served, on: boolean): Promise<void> {
  const response = await fetch(new URL('/sandbox/regression', apiUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ on }),
  });
  if (!response.ok)
    throw new UserError(
      `The sample API of ${plan.environment} answered ${response.status} to the switch of the regression.`,
    );
}

class View {
  private shown: readonly EnvironmentView[] = [];

  constructor(
    private readonly screen: Screen,
    private readonly stories: readonly Story[],
    private readonly trafficOf: Following['trafficOf'],
  ) {}

  show(): void {
    const views = this.stories.map((story) => {
      const { status, unanswered, plan } = story;
      return { environment: plan.environment, status, unanswered, traffic: this.trafficOf?.(story) };
    });
    const nowMs = Date.now();
    if (this.screen.isLive)
      this.screen.draw(drawEnvironments(views, nowMs, process.stderr.columns ?? ROWS_WITHOUT_WIDTH));
    else for (const line of changedLines(this.shown, views, nowMs)) this.screen.say(line);
    this.shown = views;
  }

  whereTheyAre(): string {
    return this.shown
      .map(
        ({ environment, status }) => `${environment} ${status?.phase ?? 'not started'} at ${status?.percentage ?? 0} %`,
      )
      .join(', ');
  }
}

/** What is wrong with the end of the stories; undefined when they ended as they should. */
export function problemOf(stories: readonly StoryResult[]): string | undefined {
  const [staging, prod] = stories;
  const told = (story: StoryResult | undefined): string =>
    `${story?.environment} ended ${story?.outcome} after ${story?.percentages.join(' → ')} %`;
  if (staging?.outcome !== 'completed') return `${told(staging)}; it should have reached 100 %.`;
  if (prod?.outcome !== 'rolled-back' || prod.percentages.at(-1) !== 0)
    return `${told(prod)}; its alarm should have returned it to 0 %.`;
  return undefined;
}

import { join, relative } from 'node:path';
import { PlanFile } from '../../client/input/plan-file';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import { abortSignal, type RolloutInput, rolloutWorkflowId, TASK_QUEUE } from '../../workflows/messages';
import type { Screen } from '../screen';
import { tryNext } from '../stories/next-steps';
import { follow } from '../stories/stories';
import { Story, type StoryResult } from '../stories/story';
import type { Base, Supervisor } from '../supervisor';
import { aliasOf, createService, nextRelease, putAlarm, settleOn } from './checkout/service';
import { type Customers, startCustomers } from './customers';
import { type Front, startFront } from './front';

interface Region {
  readonly plan: EnvironmentPlan;
  readonly front: Front;
  readonly customers: Customers;
}

export interface StartedService {
  readonly running: Pick<Base, 'temporal' | 'aws'>;
  /** Throws a Problem when a story is not over within `limitMs`. */
  readonly tell: (limitMs: number) => Promise<readonly StoryResult[]>;
  readonly problemOf: (stories: readonly StoryResult[]) => string | undefined;
  readonly nextSteps: string;
}

/** A service of its own in every environment of its plan, which are regions; nothing of it knows of a rollout. */
export async function startExample(supervisor: Supervisor, screen: Screen, name: string): Promise<StartedService> {
  const file = join(__dirname, name, 'rollout.yaml');
  const planned = new PlanFile({ plan: file });
  const plans = planned.environments().map((environment) => planned.planned(environment).plan);
  const running = await supervisor.startWith(file, plans);
  const regions = await screen.step(`service ${name} in ${plans.map(({ aws }) => aws.region).join(' and ')}`, () =>
    Promise.all(plans.map((plan) => serve(plan, running))),
  );
  running.publish(Object.fromEntries(regions.map(({ plan, front }) => [plan.environment, front.url])));
  return {
    running,
    tell: (limitMs) => tell({ running, screen, regions }, limitMs),
    problemOf,
    nextSteps: nextSteps(relative(process.cwd(), file), running, regions),
  };
}

async function serve(plan: EnvironmentPlan, { onStop }: Base): Promise<Region> {
  await createService(plan);
  await putAlarm(plan);
  const front = await startFront(plan.aws, aliasOf(plan));
  const customers = startCustomers(front.url);
  onStop(async () => {
    await customers.stop();
    await front.close();
  });
  return { plan, front, customers };
}

interface Stage {
  readonly running: Base;
  readonly screen: Screen;
  readonly regions: readonly Region[];
}

const VOUCHERS_FROM = 25;

/** Two releases, each in all regions at once: the first one goes to 100 %; the second one fails from 25 % on, and returns to 0. */
async function tell(stage: Stage, limitMs: number): Promise<readonly StoryResult[]> {
  const { running, screen, regions } = stage;
  const good = await release(stage, limitMs);
  await screen.step('version 2 is behind every alias alone; flags at 0 % for the next release', () =>
    Promise.all(regions.map(({ plan, front }) => prepareNext(plan, front, running))),
  );
  const next = regions.map((region) => ({ ...region, plan: nextRelease(region.plan) }));
  const bad = await release({ ...stage, regions: next }, limitMs);
  return [...good, ...bad];
}

async function release({ running, screen, regions }: Stage, limitMs: number): Promise<readonly StoryResult[]> {
  const stories = await Promise.all(regions.map(({ plan }) => Story.start(running.client, plan)));
  await follow(stories, screen, {
    limitMs,
    meanwhile: () => {
      regions.forEach(({ plan, customers }, i) => {
        if ((stories[i]?.status?.percentage ?? 0) < VOUCHERS_FROM) return;
        if (customers.useVouchers(true)) screen.say(`${plan.environment} is at 25 %: from now on carts have vouchers`);
      });
      return Promise.resolve();
    },
  });
  for (const { customers } of regions) customers.useVouchers(false);
  return Promise.all(stories.map((story, i) => story.facts(regions[i]?.front.seen())));
}

async function prepareNext(plan: EnvironmentPlan, front: Front, { client }: Base): Promise<void> {
  await settleOn(plan);
  const next = nextRelease(plan);
  await putAlarm(next);
  // As `rollout rollback` does: no rollout starts while the flag is above 0 %.
  const input: RolloutInput = { plan: next, startedBy: 'sandbox', reason: 'the next release' };
  const signalArgs: [{ by: string }] = [{ by: input.startedBy }];
  const workflowId = rolloutWorkflowId(next.service, next.environment);
  const order = { taskQueue: TASK_QUEUE, workflowId, args: [input], signal: abortSignal, signalArgs };
  await (await client.workflow.signalWithStart('rollout', order)).result();
  front.follow(aliasOf(next));
}

/** What is wrong with the end of the stories; undefined when they ended as they should. */
function problemOf(stories: readonly StoryResult[]): string | undefined {
  const half = stories.length / 2;
  const wrong = stories.find(({ outcome, percentages }, i) =>
    i < half ? outcome !== 'completed' : outcome !== 'rolled-back' || percentages.at(-1) !== 0,
  );
  if (wrong === undefined) return undefined;
  const { environment, outcome, percentages } = wrong;
  return `${environment} ended ${outcome} after ${percentages.join(' → ')} %; the first release should have reached 100 %, and the alarm of the second one returned it to 0 %.`;
}

function nextSteps(file: string, { temporal }: Base, regions: readonly Region[]): string {
  const [first] = regions;
  const plan = `--plan ${file} --sandbox`;
  const environment = first?.plan.environment ?? '';
  return tryNext([
    ['Temporal Web UI', temporal.ui],
    ...regions.map(
      ({ plan: { environment: name }, front }) =>
        [`service, ${name}`, `curl -d '{"prices":[3,4]}' ${front.url}`] as const,
    ),
    ['status', `npx rollout status ${environment} ${plan}`],
    ['check AWS', `npx rollout doctor ${environment} ${plan}`],
    ['start again', `npx rollout rollback ${environment} ${plan} && npx rollout start ${environment} ${plan} --watch`],
    ['the plan', file],
  ]);
}

import { log, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { DeployedStack, DeploymentResult } from '../rules/stacks/deployment';
import type { EnvironmentPlan } from '../rules/plan/environment-plan';
import { nextRaise } from '../rules/time/freeze';
import type { KeptDeployment } from '../rules/stacks/kept';
import type { Refusal } from '../rules/refusal';
import { deployStart } from '../rules/stacks/stack-status';
import type { StackLook } from '../rules/stacks/way-back';
import { written } from '../rules/words';
import type { DeploymentInput } from './messages';
import { read } from './proxies';
import { generationOf, keepGeneration } from './stack-flag';
import { goingBack, keeping, looking } from './stack-proxies';
import { deployOrBack } from './stack-rest';
import { causeOf } from './until';

/**
 * Deploys the stacks of one environment's plan, in their order: inside its windows, from a state CloudFormation deploys from,
 * and only after what is there is kept for the way back. Refused is a result. Its progress is in the heartbeats.
 */
export async function deployment({ plan, startedBy, reason }: DeploymentInput): Promise<DeploymentResult> {
  const { infrastructure, aws, service, environment } = plan;
  const why = reason === undefined ? '' : `: ${written(reason)}`;
  const title = `**${service} · ${environment}**, account ${aws.account}, started by ${written(startedBy)}${why}`;
  const stacks = infrastructure.stacks.map((stack) => `\`${stack}\``);
  setCurrentDetails(lines(title, 'Deploying, in this order:', stacks));
  try {
    const refusal = (await shut(plan)) ?? (await unfit(plan));
    if (refusal !== undefined) {
      setCurrentDetails(lines(title, 'Refused:', [refusal.why, refusal.remedy]));
      return { stacks: [], refusal };
    }
    const result = await keepAndDeploy(plan);
    setCurrentDetails(lines(title, 'Deployed:', [...result.stacks.map(outcomeOf), ...(result.notes ?? [])]));
    log.info('deployed', { stacks: result.stacks.map(({ name, outcome }) => ({ name, outcome })) });
    return result;
  } catch (error) {
    setCurrentDetails(lines(title, 'Not deployed:', [causeOf(error)]));
    throw error;
  }
}

/** > Preferred deployment times. A freeze that cannot be read counts as one. */
async function shut({ windows, freezes, aws, freezeParameter }: EnvironmentPlan): Promise<Refusal | undefined> {
  const byHand = freezeParameter === undefined ? [] : await read.readFreezes({ aws, parameter: freezeParameter });
  const { atMs, blocked } = nextRaise(windows, [...freezes, ...byHand], Date.now());
  if (blocked === undefined) return undefined;
  return { ...blocked, ...(Number.isFinite(atMs) ? { fromMs: atMs } : {}) };
}

/** Waits for operations that run already. What CloudFormation does not deploy from is refused, before anything is begun. */
async function unfit(plan: EnvironmentPlan): Promise<Refusal | undefined> {
  const { aws, infrastructure } = plan;
  for (let round = 0; ; round += 1) {
    const starts = (await look(plan)).map((stack) => ({ stack: stack.name, start: deployStart(stack) }));
    for (const { start } of starts)
      if (start.do === 'refuse') return { rule: 'state', why: start.why, remedy: start.remedy };
    const busy = starts.filter(({ start }) => start.do === 'wait').map(({ stack }) => stack);
    if (busy.length === 0) return undefined;
    log.info(`waiting for ${busy.join(', ')} of ${infrastructure.stacks.length}`);
    for (const stack of busy)
      await goingBack.takeBack({ aws, stack, way: 'wait', token: `${workflowInfo().runId}-wait-${round}` });
  }
}

const look = ({ aws, infrastructure }: EnvironmentPlan): Promise<StackLook[]> =>
  looking.lookAtStacks({ aws, stacks: infrastructure.stacks });

async function keepAndDeploy(plan: EnvironmentPlan): Promise<DeploymentResult> {
  const { infrastructure, aws, service, environment } = plan;
  const { workflowId, runId } = workflowInfo();
  const place = { aws, service, environment };
  const generation = await generationOf(plan);
  const { stacks } = infrastructure;
  const { deployment: kept, mutableImages } = await keeping.keepStacks({ ...place, stacks, workflowId, runId });
  let deployed: DeploymentResult;
  try {
    deployed = await deployOrBack(plan, { infrastructure, aws, alarms: alarmsOf(plan) });
  } catch (error) {
    await keepGeneration(plan, generation);
    throw error;
  }
  const flagNotes = await keepGeneration(plan, generation);
  const found = await look(plan);
  if (found.every(({ name, state }) => stateBefore(kept, name) === state))
    await keeping.forgetKept({ ...place, runId });
  const imageNotes = mutableImages.map(
    (image) => `mutable image tag, which a rollback does not bring back as it was: ${image}`,
  );
  const notes = [...(deployed.notes ?? []), ...flagNotes, ...imageNotes];
  return {
    stacks: deployed.stacks.map((stack) => truthful(stack, kept, found)),
    ...(notes.length === 0 ? {} : { notes }),
  };
}

/** Those that CloudFormation itself may take a deployment back for. */
const alarmsOf = ({ watch }: EnvironmentPlan): string[] =>
  watch.alarms.filter(({ onBreach, dryRun }) => onBreach === 'rollback' && dryRun !== true).map(({ name }) => name);

const stateBefore = (kept: KeptDeployment, stack: string): string | undefined =>
  kept.stacks.find(({ name }) => name === stack)?.state;

/** An attempt that picks up what an earlier one began finds no changes any more. */
function truthful(stack: DeployedStack, kept: KeptDeployment, found: readonly StackLook[]): DeployedStack {
  const before = stateBefore(kept, stack.name);
  const now = found.find(({ name }) => name === stack.name)?.state;
  if (stack.outcome !== 'no-changes' || before === now) return stack;
  return { ...stack, outcome: before === 'absent' ? 'created' : 'updated' };
}

const lines = (title: string, heading: string, items: readonly string[]): string =>
  [title, '', heading, '', ...items.map((item) => `- ${item}`)].join('\n');

const outcomeOf = ({ name, outcome }: DeployedStack): string =>
  `\`${name}\`: ${outcome === 'no-changes' ? 'no changes' : outcome}`;

import {
  getExternalWorkflowHandle,
  isCancellation,
  log,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { isDeployable, NO_INFRASTRUCTURE } from '../../rules/deployment/deployable';
import type { InfraRollbackResult, StackBack, StackChanges } from '../../rules/stacks/results';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { KeptDeployment } from '../../rules/stacks/kept';
import { LATE_WRITE_MS } from '../../rules/rollout/zero';
import { takesBack } from '../../rules/stacks/way-back';
import { escapeMarkdown } from '../../rules/format';
import type { InfraRollbackInput } from '../messages';
import { abortSignal, releaseWorkflowId, rolloutWorkflowId } from '../messages';
import { keepGeneration, toZero, type Zeroed } from './flag-to-zero';
import { comparing, detecting, goingBack, records } from './proxies';
import { refusalOf, type StackWay, waysBack } from './rollback-paths';
import { causeOf } from '../cancellable';

/** CloudFormation ends in a stable state or in a failure; each is checked once more. */
const ROUNDS = 6;
/** Current details of a workflow hold 20 KB. */
const DETAILS_CHARACTERS = 15_000;

/**
 * > Infrastructure Rollback
 *
 * Traffic to 0 first, then every stack back to what it was before the last deployment, by the way that its state allows.
 * Runs at any hour. The outcome is a result, also when the way back failed.
 */
export async function infraRollback({ plan, startedBy, reason }: InfraRollbackInput): Promise<InfraRollbackResult> {
  const { service, environment } = plan;
  const why = reason === undefined ? '' : `: ${escapeMarkdown(reason)}`;
  const title = `**${service} · ${environment}**: infrastructure rollback, started by ${escapeMarkdown(startedBy)}${why}`;
  setCurrentDetails(`${title}\n\nTraffic goes to 0 % first.`);
  await stopRollout(plan, startedBy);
  const by = `infrastructure rollback by ${startedBy}`;
  const first = await toZero(plan, by, 0);
  const zeroAtMs = Date.now();
  // Else the release would continue to deploy, or start a rollout.
  await stopBy(releaseWorkflowId(service, environment), startedBy);
  const result = await stacksBack(plan, (text) => setCurrentDetails(`${title}${trafficWords(first)}\n\n${text}`));
  // Covers what a raise wrote late, and what CloudFormation wrote.
  await sleep(Math.max(1, zeroAtMs + LATE_WRITE_MS - Date.now()));
  const notes = [...(await keepGeneration(plan, first.generation)), ...(await nothingKnown(plan, result))];
  const last = await toZero(plan, by, first.generation ?? 0);
  setCurrentDetails(`${title}${trafficWords(last)}\n\n${result.outcome}: ${escapeMarkdown(result.why)}`);
  const { undelivered } = last;
  return {
    ...result,
    notes: [...result.notes, ...notes, ...(last.generation === undefined ? [NO_FLAG] : [])],
    undelivered: undelivered ?? result.undelivered,
  };
}

const NO_FLAG = 'there is no flag parameter, so nothing was written to it: readers without a flag stay on the old side';

const trafficWords = ({ undelivered }: Zeroed): string =>
  undelivered === undefined ? '' : `\n\n**${escapeMarkdown(undelivered)}**`;

/** Once the other rollout has accepted this, it writes nothing but 0. */
export const stopRollout = ({ service, environment }: EnvironmentPlan, by: string, reason?: string): Promise<void> =>
  stopBy(rolloutWorkflowId(service, environment), by, reason);

async function stopBy(workflowId: string, by: string, reason = 'the infrastructure is rolled back'): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowId).signal(abortSignal, { by, reason });
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.info(`${workflowId} was not stopped: ${causeOf(error)}`);
  }
}

/** The recorded, perhaps verified, deployment is no longer what is deployed. */
async function nothingKnown(
  { aws, service, environment }: EnvironmentPlan,
  { stacks, outcome }: InfraRollbackResult,
): Promise<readonly string[]> {
  if (outcome !== 'failed' && stacks.every(({ way }) => way === 'nothing')) return [];
  try {
    await records.recordDeployed({ aws, service, environment });
    return [];
  } catch (error) {
    if (isCancellation(error)) throw error;
    return [`the record still names the deployment that was rolled back: ${causeOf(error)}`];
  }
}

type Ended = Omit<InfraRollbackResult, 'stacks' | 'notes'>;

/** Takes every stack back to what it was before the newest deployment with a snapshot; the outcome is the result. */
export async function stacksBack(plan: EnvironmentPlan, show: (text: string) => void): Promise<InfraRollbackResult> {
  if (!isDeployable(plan)) return { outcome: 'nothing-to-do', why: NO_INFRASTRUCTURE, stacks: [], notes: [] };
  const done = new Map<string, string>();
  const backAlready = new Set<string>();
  let ended: Ended | undefined;
  let changes: readonly StackChanges[] | undefined;
  for (let round = 0; ended === undefined; round += 1) {
    const { kept, ways } = await waysBack(plan, backAlready);
    ended = endOf(ways, done, round);
    if (ended !== undefined) break;
    changes ??= await changesTo(plan, kept, show);
    try {
      for (const one of ways) await takeBack(plan, one, { kept, round, done, backAlready, show });
    } catch (error) {
      if (isCancellation(error)) throw error;
      ended = { outcome: 'failed', why: causeOf(error) };
    }
  }
  const { stacks, notes } = await verified(plan, done);
  return { ...ended, stacks, notes, changes: changes ?? ended.changes };
}

/** Shown before anything starts; a failed comparison does not stop the way back. */
async function changesTo(
  { aws }: EnvironmentPlan,
  kept: KeptDeployment | undefined,
  show: (text: string) => void,
): Promise<readonly StackChanges[] | undefined> {
  if (kept === undefined) return undefined;
  try {
    const changes = await comparing.changesOfBack({ aws, kept });
    const text = changes.map(({ name, text: shown }) => `${name}\n\n${shown}`).join('\n\n');
    show(`What changes:\n\n\`\`\`\n${text.slice(0, DETAILS_CHARACTERS)}\n\`\`\``);
    return changes;
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn(`what changes cannot be shown: ${causeOf(error)}`);
    return undefined;
  }
}

/** Starts nothing when one stack cannot go back. */
function endOf(ways: readonly StackWay[], done: ReadonlyMap<string, string>, round: number): Ended | undefined {
  const refusal = refusalOf(ways);
  if (refusal !== undefined) return { outcome: 'refused', why: refusal.why, refusal };
  if (ways.every(({ way }) => way.do === 'nothing'))
    return { outcome: done.size === 0 ? 'nothing-to-do' : 'back', why: ways.map(({ way }) => way.why).join('; ') };
  if (round < ROUNDS) return undefined;
  return { outcome: 'failed', why: `after ${round} rounds: ${ways.map(({ way }) => way.why).join('; ')}` };
}

interface Going {
  readonly kept: KeptDeployment | undefined;
  readonly round: number;
  /** The way of each stack. */
  readonly done: Map<string, string>;
  /** Stacks that CloudFormation itself has rolled back. */
  readonly backAlready: Set<string>;
  readonly show: (text: string) => void;
}

async function takeBack(plan: EnvironmentPlan, { stack, way }: StackWay, going: Going): Promise<void> {
  if (way.do === 'nothing' || way.do === 'refuse') return;
  log.info(way.why);
  const token = `${workflowInfo().firstExecutionRunId}-${going.round}`;
  const { kept } = going;
  const order = { aws: plan.aws, stack: stack.name, way: way.do, token, kept };
  await goingBack.takeBack.executeWithOptions({ summary: `${stack.name}: ${way.do}` }, [order]);
  going.done.set(stack.name, way.do);
  if (takesBack(way.do, stack.status)) going.backAlready.add(stack.name);
}

/** The final state, and whether it matches its template. */
async function verified(
  plan: EnvironmentPlan,
  done: ReadonlyMap<string, string>,
): Promise<Pick<InfraRollbackResult, 'stacks' | 'notes'>> {
  const { aws, flag } = plan;
  const stacks: StackBack[] = [];
  const notes: string[] = [];
  const { kept, ways } = await waysBack(plan);
  if (kept !== undefined) notes.push(...(await movedImages(plan, kept)));
  for (const { stack } of ways) {
    const { name, status, template } = stack;
    const back = { name, way: done.get(name) ?? 'nothing', status, template };
    if (!done.has(name)) {
      stacks.push(back);
      continue;
    }
    try {
      const drifted = await detecting.detectDrift({ aws, stack: name, flagParameter: flag.parameter });
      stacks.push({ ...back, drifted });
    } catch (error) {
      if (isCancellation(error)) throw error;
      stacks.push(back);
      notes.push(`drift of ${name} is not known: ${causeOf(error)}`);
    }
  }
  return { stacks, notes };
}

/** A template restores only the tag: if that names another image by now, what runs is not what ran before. */
async function movedImages({ aws }: EnvironmentPlan, kept: KeptDeployment): Promise<readonly string[]> {
  try {
    return await comparing.movedImagesOf({ aws, kept });
  } catch (error) {
    if (isCancellation(error)) throw error;
    return [`whether its image tags still name the same images is not known: ${causeOf(error)}`];
  }
}

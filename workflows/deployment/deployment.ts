import type { DeployedOrder } from '../../activities/act/stacks/deployment-record';
import { ActivityFailure, ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { CancellationScope, isCancellation, log, workflowInfo } from '@temporalio/workflow';
import { type DeployablePlan, isDeployable, nothingToDeploy } from '../../rules/deployment/deployable';
import { note } from '../../rules/rollout/state/log';
import { verifiedWords } from '../../rules/stacks/results';
import type { DeployedStack, DeploymentResult, StoppedStack } from '../../rules/stacks/results';
import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { KeptDeployment } from '../../rules/stacks/kept';
import type { Refusal } from '../../rules/refusal';
import type { Deployed } from '../../rules/stacks/deployment-record';
import { deployStart, STABLE } from '../../rules/stacks/stack-status';
import type { StackLook } from '../../rules/stacks/way-back';
import { type Ended, missingBefore, prepare, shut, untilAllowed } from './gates';
import { DeploymentStore } from './store';
import { sendFinalNotices } from './notices';
import { verifiedAfter } from './verified';
import type { DeploymentInput } from '../messages';
import { generationOf, keepGeneration } from '../infra-rollback/flag-to-zero';
import { goingBack, keeping, looking, records } from '../infra-rollback/proxies';
import { deployOrBack } from './deploy-or-revert';
import { causeOf, everythingSent, unlessSuperseded, untilStopped } from '../cancellable';

/** Gives up when the app keeps synthesizing different templates. */
const ROUNDS = 5;

/**
 * > Staging deployments should be done after successful dev testing … Production deployments require additional approval
 *
 * Deploys the stacks of one environment's plan, in order: inside its windows, after the conditions on the environment
 * before it, with checklist and approvals, from a state CloudFormation deploys from, and only after a snapshot for the way
 * back is kept. Deploys exactly what was approved. Refused, rejected and aborted are results. The heartbeats report the
 * progress.
 */
export async function deployment(input: DeploymentInput): Promise<DeploymentResult> {
  const store = new DeploymentStore(input);
  try {
    await everythingSent();
    const result = await allOf(store);
    return ended(store, input.verify === false ? result : await verifiedAfter(store, result));
  } catch (error) {
    store.end('failed', causeOf(error));
    throw error;
  } finally {
    await sendFinalNotices(store);
  }
}

async function allOf(store: DeploymentStore): Promise<DeploymentResult> {
  const { plan } = store;
  if (!isDeployable(plan)) return { stacks: [], refusal: nothingToDeploy(plan) };
  // Refuse for what any template lacks before the app is synthesized.
  const refusal =
    (await shut(store)) ??
    (await missingBefore(plan)) ??
    (await unlessSuperseded(
      () => store.state.aborted !== undefined,
      () => unfit(plan),
    ));
  if (refusal !== undefined) return { stacks: [], refusal };
  for (let round = 0; round < ROUNDS; round += 1) {
    const refused = await prepare(store, plan);
    if (refused !== undefined) return { stacks: [], refusal: refused };
    const end = await untilAllowed(store);
    if (end !== undefined) return notDeployed(end);
    // The environment before may have been rolled back or verified again while this deployment waited.
    const template = store.state.synthesis?.template ?? '';
    const missing = await missingBefore(plan, template);
    if (missing !== undefined) return { stacks: [], refusal: missing };
    try {
      return await deployApproved(store, plan);
    } catch (error) {
      if (!isNotApproved(error)) throw error;
      store.update((state) => note(state, { atMs: Date.now(), what: causeOf(error) }));
    }
  }
  const why = `the app synthesized a different template each of ${ROUNDS} times`;
  return { stacks: [], refusal: { rule: 'template', why, remedy: 'deploy from a source that does not change' } };
}

function notDeployed({ rule, why }: Ended): DeploymentResult {
  if (rule === 'approval') return { stacks: [], refusal: { rule, why, remedy: 'start another deployment' } };
  return { stacks: [], aborted: `${why}; nothing was deployed` };
}

function ended(store: DeploymentStore, result: DeploymentResult): DeploymentResult {
  const { refusal, aborted, stacks, verification } = result;
  const verified = verification === undefined ? [] : [verifiedWords(verification)];
  const unchanged = stacks.every(({ outcome }) => outcome === 'no-changes');
  if (refusal !== undefined) store.end('refused', `${refusal.why}; ${refusal.remedy}`);
  else if (aborted !== undefined) store.end('aborted', aborted);
  else if (unchanged)
    store.end('no-changes', ['no changes, what is deployed is what the app makes', ...verified].join('; '));
  else store.end('deployed', [...stacks.map(outcomeOf), ...verified, ...(result.notes ?? [])].join('; '));
  log.info('deployment ended', { stacks: stacks.map(({ name, outcome }) => ({ name, outcome })) });
  return result;
}

/** An abort stops the remaining work and waits for the report on what that left. */
async function deployApproved(store: DeploymentStore, plan: DeployablePlan): Promise<DeploymentResult> {
  store.enter('deploying');
  const { state } = store;
  const { template = '', revision, nextTemplates = {}, notes = [] } = state.synthesis ?? {};
  const { workflowId, runId } = workflowInfo();
  const { aws, service, environment } = plan;
  let whole: Whole;
  try {
    whole = await untilStopped(
      () => store.state.aborted !== undefined,
      () => keepAndDeploy(plan, template),
    );
  } catch (error) {
    const { aborted } = store.state;
    if (aborted === undefined || !isCancellation(error)) throw error;
    return { stacks: [], aborted: `${aborted.by ?? 'an unnamed person'} aborted it: ${aborted.why}; ${leftBy(error)}` };
  }
  const { states, ...result } = whole;
  const known = { template, revision: revision ?? result.revision };
  const deployed = { ...known, nextTemplates, states, atMs: Date.now(), by: state.startedBy, workflowId, runId };
  // Also after an abort that came too late: the stacks are deployed.
  const unrecorded = await CancellationScope.nonCancellable(() => recorded({ aws, service, environment, deployed }));
  const all = [...(result.notes ?? []), ...notes, ...unrecorded];
  return { ...result, ...known, ...(all.length === 0 ? {} : { notes: all }) };
}

/** The report on the stacks, else their states from the details. */
function leftBy(error: unknown): string {
  if (!(error instanceof CancelledFailure)) return causeOf(error);
  const said = error.message.replace(/^[;\s]+/, '');
  const states = (error.details ?? []).map((one) => {
    const { name, status, begun } = one as StoppedStack;
    return begun ? `${name} is ${status}` : `${name} was not touched`;
  });
  return said === '' ? states.join(', ') : said;
}

async function recorded(order: DeployedOrder): Promise<readonly string[]> {
  try {
    await records.recordDeployed(order);
    return [];
  } catch (error) {
    return [`deployed, but NOT RECORDED, so nothing may build on it; deploy again: ${causeOf(error)}`];
  }
}

const isNotApproved = (error: unknown): boolean =>
  error instanceof ActivityFailure && error.cause instanceof ApplicationFailure && error.cause.type === 'NotApproved';

/**
 * Waits for operations that are already running. A state that CloudFormation does not deploy from is refused before
 * anything starts.
 */
async function unfit(plan: DeployablePlan): Promise<Refusal | undefined> {
  const { aws, infrastructure } = plan;
  for (let round = 0; ; round += 1) {
    const starts = (await look(plan)).map((stack) => ({ stack: stack.name, start: deployStart(stack) }));
    for (const { start } of starts)
      if (start.do === 'refuse') return { rule: 'state', why: start.why, remedy: start.remedy };
    const busy = starts.filter(({ start }) => start.do === 'wait').map(({ stack }) => stack);
    if (busy.length === 0) return undefined;
    log.info(`waiting for ${busy.join(', ')} of ${infrastructure.stacks.length}`);
    for (const stack of busy)
      await goingBack.takeBack({
        aws,
        stack,
        way: 'wait',
        token: `${workflowInfo().firstExecutionRunId}-wait-${round}`,
      });
  }
}

const look = ({ aws, infrastructure }: DeployablePlan): Promise<StackLook[]> =>
  looking.lookAtStacks({ aws, stacks: infrastructure.stacks });

/** Adds the state of every stack afterwards. */
type Whole = DeploymentResult & { readonly states: Readonly<Record<string, string>> };

/** During the deployment, and after a failure that changed something, no complete deployment is recorded. */
async function keepAndDeploy(plan: DeployablePlan, approved: string): Promise<Whole> {
  const { infrastructure, aws, service, environment } = plan;
  const { workflowId, runId } = workflowInfo();
  const place = { aws, service, environment };
  const { deployed: before } = await records.readDeployed(place);
  const generation = await generationOf(plan);
  const { stacks } = infrastructure;
  const {
    deployment: kept,
    mutableImages,
    unsure = [],
  } = await keeping.keepStacks({ ...place, stacks, workflowId, runId });
  await records.recordDeployed(place);
  let deployed: DeploymentResult;
  try {
    deployed = await deployOrBack(plan, { infrastructure, aws, approved, alarms: alarmsOf(plan) });
  } catch (error) {
    await keepGeneration(plan, generation);
    await CancellationScope.nonCancellable(() => stillAs(plan, kept, before));
    // Then no stack was touched.
    if (isNotApproved(error)) await keeping.forgetKept({ ...place, runId });
    throw error;
  }
  const flagNotes = await keepGeneration(plan, generation);
  const found = await look(plan);
  if (found.every(({ name, state }) => stateBefore(kept, name) === state))
    await keeping.forgetKept({ ...place, runId });
  const imageNotes = mutableImages.map(
    (image) => `mutable image tag; a rollback restores the tag, perhaps not the same image: ${image}`,
  );
  const notes = [...(deployed.notes ?? []), ...flagNotes, ...imageNotes, ...unsure];
  return {
    stacks: deployed.stacks.map((stack) => truthful(stack, kept, found)),
    states: Object.fromEntries(found.map(({ name, state }) => [name, state])),
    ...(notes.length === 0 ? {} : { notes }),
  };
}

/** The alarms for which CloudFormation itself may roll back: those in the account and region of the stacks. */
const alarmsOf = ({ watch }: EnvironmentPlan): string[] =>
  watch.alarms
    .filter(({ onBreach, dryRun, aws }) => onBreach === 'rollback' && dryRun !== true && aws === undefined)
    .map(({ name }) => name);

/** A failure that changed nothing, or was rolled back completely, leaves the record as it was. */
async function stillAs(plan: DeployablePlan, kept: KeptDeployment, deployed: Deployed | undefined): Promise<void> {
  if (deployed === undefined) return;
  try {
    const found = await look(plan);
    const same = found.every(({ name, state, status }) => stateBefore(kept, name) === state && STABLE.has(status));
    const { aws, service, environment } = plan;
    if (same) await records.recordDeployed({ aws, service, environment, deployed });
  } catch (error) {
    log.warn(`what is deployed is not known any more: ${causeOf(error)}`);
  }
}

const stateBefore = (kept: KeptDeployment, stack: string): string | undefined =>
  kept.stacks.find(({ name }) => name === stack)?.state;

/** An attempt that continues an earlier one finds no changes any more. */
function truthful(stack: DeployedStack, kept: KeptDeployment, found: readonly StackLook[]): DeployedStack {
  const before = stateBefore(kept, stack.name);
  const now = found.find(({ name }) => name === stack.name)?.state;
  if (stack.outcome !== 'no-changes' || before === now) return stack;
  return { ...stack, outcome: before === 'absent' ? 'created' : 'updated' };
}

const outcomeOf = ({ name, outcome }: DeployedStack): string =>
  `\`${name}\`: ${outcome === 'no-changes' ? 'no changes' : outcome}`;

import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { nextOnBeanstalk, VARIABLES } from '../../../rules/delivery/beanstalk';
import type { DeliveryProgress } from '../../../rules/delivery/progress';
import {
  type Delivery,
  type OtherVariables,
  otherThan,
  placeWords,
  type Variables,
} from '../../../rules/delivery/delivery';
import { classifyOutsideChange, oursIn } from '../../../rules/delivery/outside-change';
import { variablesIn, withVariables } from '../../../rules/delivery/task-definition';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { beanstalkOf, ecsOf, lambdaOf } from '../../delivery-clients';
import { failure, messageOf, nameOf } from '../../failures';
import { beanstalkInstances, type BeanstalkTarget, readBeanstalk } from '../../observe/delivery/beanstalk';
import { type Alias, type AliasTarget, readAlias } from '../../observe/delivery/lambda-alias';
import { asOther } from '../../observe/delivery/variables';
import {
  type EcsService,
  type EcsTarget,
  readService,
  runningTasks,
  settledService,
} from '../../observe/delivery/ecs-service';

export interface VariablesOrder {
  readonly aws: AwsTarget;
  readonly delivery: Delivery;
  readonly wanted: Variables;
  readonly percentage: number;
  readonly progress: DeliveryProgress;
  /** Runs immediately before each write; throws when the write is no longer allowed. */
  readonly fence: (abortSignal: AbortSignal) => Promise<void>;
}

/** What AWS reports after a step. */
export interface Place {
  /** Whether AWS has finished; if not, why. */
  readonly settled: true | string;
  readonly instances: readonly string[];
  readonly desired: number;
  readonly progress: DeliveryProgress;
  readonly others?: OtherVariables;
}

/**
 * One step towards the wanted variables, where the API runs. Idempotent. The next step checks what was set, and sets it
 * again when AWS did not accept it; during a raise never over another writer's change.
 */
export async function followVariables(order: VariablesOrder, abortSignal: AbortSignal): Promise<Place> {
  const { to } = order.delivery;
  if (to.kind === 'lambda-alias') return onAlias(order, to, abortSignal);
  return to.kind === 'ecs' ? onEcs(order, to, abortSignal) : onBeanstalk(order, to, abortSignal);
}

async function onBeanstalk(order: VariablesOrder, to: BeanstalkTarget, abortSignal: AbortSignal): Promise<Place> {
  const { aws, wanted, percentage, fence } = order;
  const environment = await readBeanstalk(aws, to, abortSignal);
  const step = nextOnBeanstalk(environment, wanted, percentage);
  const seen = environment.status === 'Ready' ? handsOn(order, environment.deployed) : { progress: order.progress };
  if (step.do === 'update' && seen.others === undefined) {
    await fence(abortSignal);
    await updateBeanstalk(aws, to, wanted, abortSignal);
  }
  if (step.do === 'abort') await abortBeanstalk(aws, to, abortSignal);
  const instances = await beanstalkInstances(aws, to, abortSignal);
  const doing = { update: 'being set', abort: 'an update is being aborted', wait: 'waits' } as const;
  return { settled: step.do === 'nothing' ? true : `${doing[step.do]}: ${step.why}`, instances, desired: 1, ...seen };
}

/** What is known of the variables from now on, and whose they are when they do not belong to this raise. */
function handsOn(
  { delivery, wanted, percentage, progress }: VariablesOrder,
  found: Readonly<Record<string, string | undefined>>,
): Pick<Place, 'progress' | 'others'> {
  const others = asOther({ delivery, percentage }, found);
  if (others === undefined) return { progress: { ...progress, stood: true } };
  const mayBeTakenBack = delivery.to.kind === 'ecs';
  const hand = classifyOutsideChange({ found, means: others.percentage, percentage, wanted, mayBeTakenBack }, progress);
  if (hand === 'may-be-set') return { progress: { before: oursIn(wanted, found), ...progress } };
  const { why, percentage: means } = others;
  if (hand === 'lowered' && means !== undefined) return { progress, others: { why, percentage: means } };
  return { progress, others: { why: mayBeTakenBack ? `${why}, unless ECS itself took them back` : why } };
}

async function updateBeanstalk(
  aws: AwsTarget,
  { environment: EnvironmentName }: BeanstalkTarget,
  wanted: Variables,
  abortSignal: AbortSignal,
): Promise<void> {
  const { UpdateEnvironmentCommand } = await import('@aws-sdk/client-elastic-beanstalk');
  const OptionSettings = Object.entries(wanted).map(([OptionName, Value]) => ({
    Namespace: VARIABLES,
    OptionName,
    Value,
  }));
  const client = await beanstalkOf(aws);
  await unlessBusy(client.send(new UpdateEnvironmentCommand({ EnvironmentName, OptionSettings }), { abortSignal }));
}

async function abortBeanstalk(
  aws: AwsTarget,
  { environment: EnvironmentName }: BeanstalkTarget,
  abortSignal: AbortSignal,
): Promise<void> {
  const { AbortEnvironmentUpdateCommand } = await import('@aws-sdk/client-elastic-beanstalk');
  const client = await beanstalkOf(aws);
  await unlessBusy(client.send(new AbortEnvironmentUpdateCommand({ EnvironmentName }), { abortSignal }));
}

/** An update started or ended since the check; the next step sees it. */
async function unlessBusy(request: Promise<unknown>): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (/^InvalidParameterValue/.test(nameOf(error)) && /invalid state for this operation/.test(messageOf(error)))
      return;
    throw error;
  }
}

/** A newer ECS deployment replaces the running one. */
async function onEcs(order: VariablesOrder, to: EcsTarget, abortSignal: AbortSignal): Promise<Place> {
  const { aws, wanted, delivery, fence } = order;
  const found = await readService(aws, to, abortSignal);
  const containers = found.definition.containerDefinitions ?? [];
  const variables = variablesIn(containers, to.container);
  if (variables === undefined)
    throw failure(
      'InvalidRequest',
      `the task definition of ${placeWords(delivery.to)} has no container ${to.container}`,
    );
  const seen = handsOn(order, variables);
  const changed = seen.others === undefined ? withVariables(containers, to.container, wanted) : containers;
  if (changed !== containers) {
    const taskDefinition = await register(aws, { ...found, containers: changed }, abortSignal);
    await fence(abortSignal);
    const { UpdateServiceCommand } = await import('@aws-sdk/client-ecs');
    const client = await ecsOf(aws);
    await client.send(new UpdateServiceCommand({ cluster: to.cluster, service: to.service, taskDefinition }), {
      abortSignal,
    });
  }
  const { service } = changed === containers ? found : await readService(aws, to, abortSignal);
  const instances = await runningTasks(aws, to, abortSignal);
  return { settled: settledService(service), instances, desired: service.desiredCount ?? 0, ...seen };
}

/** AWS compares the alias with what was read before, so that a raise overwrites nothing unseen; 0 % is set in any case. */
async function onAlias(order: VariablesOrder, to: AliasTarget, abortSignal: AbortSignal): Promise<Place> {
  const { wanted, percentage, fence, aws } = order;
  const alias = await readAlias(aws, to, abortSignal);
  const seen = strangerBehind(order, to, alias) ?? handsOn(order, alias.settings);
  const place = { instances: [], desired: 0, ...seen };
  if (otherThan(wanted, alias.settings).length === 0) return { settled: true, ...place };
  if (seen.others !== undefined) return { settled: 'the weights were changed from outside', ...place };
  await fence(abortSignal);
  await updateAlias(aws, to, { percentage, alias }, abortSignal);
  return { settled: 'the weights are being set', ...place };
}

/** Another deployment has moved the alias: a raise would take it back. */
function strangerBehind(
  { percentage, progress }: VariablesOrder,
  { versions }: AliasTarget,
  { settings: { version } }: Alias,
): Pick<Place, 'progress' | 'others'> | undefined {
  if (percentage === 0 || version === versions.old) return undefined;
  return { progress, others: { why: `the alias is at version ${version} and not ${versions.old}` } };
}

/** At 0 a version that another deployment has put behind the alias stays; only the new one is taken away. */
async function updateAlias(
  aws: AwsTarget,
  { function: FunctionName, alias: Name, versions }: AliasTarget,
  { percentage, alias: { version, revision } }: { readonly percentage: number; readonly alias: Alias },
  abortSignal: AbortSignal,
): Promise<void> {
  const { UpdateAliasCommand } = await import('@aws-sdk/client-lambda');
  const isRaise = percentage > 0;
  const update = new UpdateAliasCommand({
    ...{ FunctionName, Name },
    FunctionVersion: isRaise || version === versions.new ? versions.old : undefined,
    RoutingConfig: { AdditionalVersionWeights: isRaise ? { [versions.new]: percentage / 100 } : {} },
    RevisionId: isRaise ? revision : undefined,
  });
  try {
    await (await lambdaOf(aws)).send(update, { abortSignal });
  } catch (error) {
    // Changed since it was read: the next step sees by whom.
    if (nameOf(error) !== 'PreconditionFailedException') throw error;
  }
}

type Containers = NonNullable<RegisterTaskDefinitionCommandInput['containerDefinitions']>;

/** The same task definition with other variables, without the fields that ECS adds. */
async function register(
  aws: AwsTarget,
  { definition, tags, containers }: EcsService & { readonly containers: readonly Containers[number][] },
  abortSignal: AbortSignal,
): Promise<string> {
  const { RegisterTaskDefinitionCommand } = await import('@aws-sdk/client-ecs');
  const {
    taskDefinitionArn: _arn,
    revision: _revision,
    status: _status,
    requiresAttributes: _attributes,
    compatibilities: _compatibilities,
    registeredAt: _at,
    registeredBy: _by,
    deregisteredAt: _deregistered,
    ...kept
  } = definition;
  const input: RegisterTaskDefinitionCommandInput = {
    ...kept,
    family: definition.family,
    containerDefinitions: [...containers],
    ...(tags.length === 0 ? {} : { tags: [...tags] }),
  };
  const { taskDefinition } = await (await ecsOf(aws)).send(new RegisterTaskDefinitionCommand(input), { abortSignal });
  if (taskDefinition?.taskDefinitionArn === undefined)
    throw failure('Unavailable', `ECS does not report the new revision of ${definition.family}`);
  return taskDefinition.taskDefinitionArn;
}

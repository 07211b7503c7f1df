import type { RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import { nextOnBeanstalk, VARIABLES } from '../../../rules/delivery/beanstalk';
import { placeWords, type Variables } from '../../../rules/delivery/delivery';
import { variablesIn, withVariables } from '../../../rules/delivery/task-definition';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { beanstalkOf, ecsOf } from '../../delivery-clients';
import { failure, messageOf, nameOf } from '../../failures';
import { beanstalkInstances, type BeanstalkTarget, readBeanstalk } from '../../observe/delivery/beanstalk';
import {
  type EcsService,
  type EcsTarget,
  readService,
  runningTasks,
  settledService,
} from '../../observe/delivery/ecs-service';
import { handsOn, type Place, type VariablesOrder } from './hands-on';

/**
 * One step towards the wanted variables, where the API runs. Idempotent. The next step checks what was set, and sets it
 * again when AWS did not accept it; during a raise never over another writer's change.
 */
export async function followVariables(
  order: VariablesOrder,
  to: EcsTarget | BeanstalkTarget,
  abortSignal: AbortSignal,
): Promise<Place> {
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

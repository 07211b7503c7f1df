import { VARIABLES } from './beanstalk';
import type { FlagKeys } from '../../flags/format';
import { type Delivery, type DeliveryTarget, variablesFor } from './delivery';
import type { RuleTarget } from './weights';

/**
 * Commands with which the operator delivers 0 % to an API that knows only environment variables, because break-glass writes
 * only the flag document. Lines for a terminal.
 */
export function zeroByHand({ to, variables }: Delivery, region: string): readonly string[] {
  if (to.kind === 'lambda-alias') return onAlias(to, region);
  if (to.kind === 'load-balancer') return onRule(to, region);
  return to.kind === 'ecs' ? onEcs(to, variables, region) : onBeanstalk(to, variables, region);
}

/** Elastic Beanstalk refuses an update while another runs, so abort that one first. */
function onBeanstalk(
  { environment, application }: Extract<DeliveryTarget, { kind: 'elastic-beanstalk' }>,
  variables: FlagKeys,
  region: string,
): readonly string[] {
  const where = [
    `--region ${region}`,
    ...(application === undefined ? [] : [`--application-name ${application}`]),
    `--environment-name ${environment}`,
  ].join(' ');
  const settings = zeroOf(variables).map(([name, value]) => `Namespace=${VARIABLES},OptionName=${name},Value=${value}`);
  return [
    `if an update is running: aws elasticbeanstalk abort-environment-update --region ${region} --environment-name ${environment}`,
    `as soon as it is Ready: aws elasticbeanstalk update-environment ${where} --option-settings ${settings.join(' ')}`,
  ];
}

function onEcs(
  { cluster, service, container }: Extract<DeliveryTarget, { kind: 'ecs' }>,
  variables: FlagKeys,
  region: string,
): readonly string[] {
  const values = zeroOf(variables).map(([name, value]) => `${name}=${value}`);
  const where = `--region ${region} --cluster ${cluster}`;
  return [
    `find the present task definition: aws ecs describe-services ${where} --services ${service} --query services[0].taskDefinition`,
    `register it again with ${values.join(', ')} in container ${container}`,
    `then: aws ecs update-service ${where} --service ${service} --task-definition THE_NEW_REVISION`,
  ];
}

function onAlias(
  { function: name, alias, versions }: Extract<DeliveryTarget, { kind: 'lambda-alias' }>,
  region: string,
): readonly string[] {
  const where = `--region ${region} --function-name ${name} --name ${alias}`;
  return [
    `aws lambda update-alias ${where} --function-version ${versions.old} --routing-config AdditionalVersionWeights={}`,
  ];
}

/** ModifyRule replaces all actions, so a rule that also authenticates needs its other actions in the command. */
function onRule(to: RuleTarget, region: string): readonly string[] {
  const { listenerRule, targetGroups } = to;
  const TargetGroups = [
    { TargetGroupArn: targetGroups.new, Weight: 0 },
    { TargetGroupArn: targetGroups.old, Weight: 100 },
  ];
  const actions = JSON.stringify([{ Type: 'forward', ForwardConfig: { TargetGroups } }]);
  return [
    `see which other actions and target groups it has, to keep them: aws elbv2 describe-rules --region ${region} --rule-arns ${listenerRule} --query Rules[0].Actions`,
    `then: aws elbv2 modify-rule --region ${region} --rule-arn ${listenerRule} --actions '${actions}'`,
  ];
}

const zeroOf = (variables: FlagKeys): readonly (readonly [string, string])[] =>
  Object.entries(variablesFor(0, variables));

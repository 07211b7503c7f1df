import { VARIABLES } from './beanstalk';
import type { Delivery, DeliveryTarget, VariableNames } from './delivery';

/**
 * What somebody does so that 0 % reaches an API that knows only its environment variables, where nothing delivers it: whoever
 * breaks the glass writes the document alone. Lines for a terminal.
 */
export function zeroByHand({ to, variables }: Delivery, region: string): readonly string[] {
  return to.kind === 'ecs' ? onEcs(to, variables, region) : onBeanstalk(to, variables, region);
}

/** An update is refused while another one runs, so that one is ended first. */
function onBeanstalk(
  { environment, application }: Extract<DeliveryTarget, { kind: 'elastic-beanstalk' }>,
  variables: VariableNames,
  region: string,
): readonly string[] {
  const where = [
    `--region ${region}`,
    ...(application === undefined ? [] : [`--application-name ${application}`]),
    `--environment-name ${environment}`,
  ].join(' ');
  const settings = zeroOf(variables).map(([name, value]) => `Namespace=${VARIABLES},OptionName=${name},Value=${value}`);
  return [
    `where an update runs: aws elasticbeanstalk abort-environment-update --region ${region} --environment-name ${environment}`,
    `when it is Ready: aws elasticbeanstalk update-environment ${where} --option-settings ${settings.join(' ')}`,
  ];
}

function onEcs(
  { cluster, service, container }: Extract<DeliveryTarget, { kind: 'ecs' }>,
  variables: VariableNames,
  region: string,
): readonly string[] {
  const values = zeroOf(variables).map(([name, value]) => `${name}=${value}`);
  const where = `--region ${region} --cluster ${cluster}`;
  return [
    `which task definition runs: aws ecs describe-services ${where} --services ${service} --query services[0].taskDefinition`,
    `register it again with ${values.join(', ')} in container ${container}`,
    `then: aws ecs update-service ${where} --service ${service} --task-definition THE_NEW_REVISION`,
  ];
}

/** As `flags/contract.ts` writes 0 %: all three off. */
const zeroOf = ({ use, enable, percentage }: VariableNames): readonly (readonly [string, string])[] => [
  [use, 'false'],
  [enable, 'false'],
  [percentage, '0'],
];

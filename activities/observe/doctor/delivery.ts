import { parseFlags } from '../../../flags/contract';
import { type Delivery, isWeights, placeWords, settingsWord } from '../../../rules/delivery/delivery';
import { judgeReports } from '../../../rules/delivery/reports';
import { ruleSettings, type RuleTarget } from '../../../rules/delivery/weights';
import { variablesIn } from '../../../rules/delivery/task-definition';
import {
  type DeliveryLook,
  instancesFinding,
  targetsFinding,
  variablesFinding,
} from '../../../rules/doctor/delivery-findings';
import type { Finding } from '../../../rules/doctor/doctor-report';
import type { AwsTarget, EnvironmentPlan } from '../../../rules/plan/environment-plan';
import type { AwsFor } from '../../aws';
import { failure } from '../../failures';
import { beanstalkInstances, readBeanstalk } from '../delivery/beanstalk';
import { readService, runningTasks, settledService } from '../delivery/ecs-service';
import { readAlias } from '../delivery/lambda-alias';
import { readRule, unhealthyTargets } from '../delivery/listener-rule';
import { finding } from './finding';
import { readParameter } from '../flag/flags';
import { askInstances } from '../delivery/instance-reports';
import type { Observation } from '../guards/observation';
import { asOther } from '../delivery/variables';
import { within } from '../../within';

/** Behind an address that does not answer, repeated requests would take the time of all other checks. */
const ASK_WITHIN_MS = 15_000;

interface Place {
  readonly settled: true | string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly desired: number;
}

/** Whether the flags could be delivered as environment variables, as far as that shows without setting any. */
export async function examineDelivery(
  awsFor: AwsFor,
  plan: EnvironmentPlan,
  delivery: Delivery,
  { abortSignal }: Observation,
): Promise<readonly Finding[]> {
  const { aws, flag, environment } = plan;
  const where = placeWords(delivery.to);
  const looks: { readonly place: Place; readonly look: DeliveryLook }[] = [];
  const variables = await finding(`${settingsWord(delivery.to)} of ${where}`, async () => {
    const documented = await documentedBy(awsFor, plan, abortSignal);
    const place = await placeOf(aws, delivery, abortSignal);
    const other = asOther({ delivery, percentage: documented ?? 0 }, place.variables);
    const look = { settled: place.settled, documented, other };
    looks.push({ place, look });
    return variablesFinding(delivery, environment, look);
  });
  const [seen] = looks;
  const { report, to } = delivery;
  if (to.kind === 'load-balancer' && seen !== undefined)
    return [...variables, ...(await examineTargets(aws, to, abortSignal))];
  if (seen?.look.documented === undefined || report === undefined) return variables;
  const { place, look } = seen;
  const instances = await finding(`instances of ${where}`, async () => {
    const ids = await instancesOf(aws, delivery, abortSignal);
    const patience = within(ASK_WITHIN_MS, abortSignal);
    const percentage = look.documented ?? 0;
    const reports = await askInstances({ place: report, flag, environment, percentage, instances: ids }, patience);
    const found = judgeReports({ instances: ids, reports, desired: place.desired, settled: place.settled, percentage });
    const nameless = ids.length > 1 && reports.some(({ instance, ok }) => ok && instance === undefined);
    const named = plan.verification.instances?.length;
    return instancesFinding({ to: delivery.to, report }, { ...look, found, nameless, named });
  });
  return [...variables, ...instances];
}

/** What a raise would wait for, and what keeps clients at the new side after 0 %. */
function examineTargets(aws: AwsTarget, to: RuleTarget, abortSignal: AbortSignal): Promise<readonly Finding[]> {
  return finding(`targets of ${placeWords(to)}`, async () => {
    const [{ stickyForS, groups = [] }, unhealthy] = await Promise.all([
      readRule(aws, to, abortSignal),
      unhealthyTargets(aws, to, abortSignal),
    ]);
    const isInRule = groups.some(({ TargetGroupArn }) => TargetGroupArn === to.targetGroups.new);
    return targetsFinding(to, { unhealthy: isInRule ? unhealthy : undefined, isInRule, stickyForS });
  });
}

/** The check of the flag parameter reports that it cannot be read. */
async function documentedBy(
  awsFor: AwsFor,
  { aws, flag }: EnvironmentPlan,
  abortSignal: AbortSignal,
): Promise<number | undefined> {
  const text = await readParameter(awsFor, aws, flag.parameter, abortSignal).catch(() => undefined);
  const parsed = parseFlags(text ?? '', flag.format);
  return parsed.ok ? parsed.document.percentage : undefined;
}

async function placeOf(aws: AwsTarget, { to }: Delivery, abortSignal: AbortSignal): Promise<Place> {
  if (to.kind === 'elastic-beanstalk') {
    const { status, deployed } = await readBeanstalk(aws, to, abortSignal);
    return { settled: status === 'Ready' ? true : `it is ${status}`, variables: deployed, desired: 1 };
  }
  if (to.kind === 'lambda-alias') {
    const { settings } = await readAlias(aws, to, abortSignal);
    return { settled: true, variables: settings, desired: 0 };
  }
  if (to.kind === 'load-balancer') {
    const { groups } = await readRule(aws, to, abortSignal);
    return { settled: true, variables: ruleSettings(to, groups), desired: 0 };
  }
  const { service, definition } = await readService(aws, to, abortSignal);
  const variables = variablesIn(definition.containerDefinitions ?? [], to.container);
  if (variables === undefined)
    throw failure('InvalidRequest', `its task definition ${definition.family} has no container ${to.container}`);
  return { settled: settledService(service), variables, desired: service.desiredCount ?? 0 };
}

async function instancesOf(aws: AwsTarget, { to }: Delivery, abortSignal: AbortSignal): Promise<readonly string[]> {
  if (isWeights(to)) return [];
  return to.kind === 'ecs' ? runningTasks(aws, to, abortSignal) : beanstalkInstances(aws, to, abortSignal);
}

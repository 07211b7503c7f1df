import { type Delivery, meaningOf, type OtherVariables, otherThan } from '../../../rules/delivery/delivery';
import { ruleSettings, settingsFor } from '../../../rules/delivery/weights';
import { variablesIn } from '../../../rules/delivery/task-definition';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { readBeanstalk } from './beanstalk';
import { readService } from './ecs-service';
import { readAlias } from './lambda-alias';
import { readRule } from './listener-rule';
import { unlessAborted } from '../../poll';
import { within } from '../../within';

/** What to check beside the alarms, after a delivery. */
export interface VariablesWatch {
  readonly delivery: Delivery;
  readonly percentage: number;
}

/** Less than the time of a check. */
const READ_MS = 8_000;

/** Undefined while they are as delivered. A failed read, and a running update of Elastic Beanstalk, are no evidence. */
export async function lookAtVariables(
  aws: AwsTarget,
  watch: VariablesWatch | undefined,
  abortSignal: AbortSignal,
): Promise<OtherVariables | undefined> {
  if (watch === undefined) return undefined;
  const patience = within(READ_MS, abortSignal);
  try {
    const seen = await unlessAborted(readVariables(aws, watch.delivery, patience), patience);
    return seen === undefined ? undefined : asOther(watch, seen);
  } catch {
    return undefined;
  }
}

/** As they are set where the API runs; undefined while they change. */
async function readVariables(
  aws: AwsTarget,
  { to }: Delivery,
  abortSignal: AbortSignal,
): Promise<Readonly<Record<string, string | undefined>> | undefined> {
  if (to.kind === 'elastic-beanstalk') {
    const { status, deployed } = await readBeanstalk(aws, to, abortSignal);
    return status === 'Ready' ? deployed : undefined;
  }
  if (to.kind === 'lambda-alias') return (await readAlias(aws, to, abortSignal)).settings;
  if (to.kind === 'load-balancer') return ruleSettings(to, (await readRule(aws, to, abortSignal)).groups);
  const { definition } = await readService(aws, to, abortSignal);
  return variablesIn(definition.containerDefinitions ?? [], to.container);
}

/** The differences; undefined when there are none. */
export function asOther(
  { delivery, percentage }: VariablesWatch,
  found: Readonly<Record<string, string | undefined>>,
): OtherVariables | undefined {
  const others = otherThan(settingsFor(delivery, percentage), found);
  if (others.length === 0) return undefined;
  const means = meaningOf(found, delivery.variables);
  return { why: others.join(', '), percentage: means };
}

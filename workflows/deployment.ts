import { ActivityCancellationType, log, proxyActivities, setCurrentDetails } from '@temporalio/workflow';
import type { Activities } from '../activities';
import type { DeployedStack, DeploymentResult } from '../rules/deployment';
import type { DeploymentInput } from './messages';

/**
 * A stack operation may take hours, and CloudFormation goes on without a worker: another attempt only picks up what runs.
 * A cancelled deployment is awaited, because until its last request is answered nobody knows what it still started.
 */
const { deployStacks } = proxyActivities<Pick<Activities, 'deployStacks'>>({
  heartbeatTimeout: '10s',
  scheduleToCloseTimeout: '6h',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { initialInterval: '10s', backoffCoefficient: 2, maximumInterval: '1m', maximumAttempts: 3 },
});

/** Deploys the stacks of one environment's plan, in their order. Its progress is in the heartbeat of the activity. */
export async function deployment({ plan, startedBy }: DeploymentInput): Promise<DeploymentResult> {
  const { infrastructure, aws, service, environment } = plan;
  const title = `**${service} · ${environment}**, account ${aws.account}, started by ${startedBy}`;
  setCurrentDetails(
    lines(
      title,
      'Deploying, in this order:',
      infrastructure.stacks.map((stack) => `\`${stack}\``),
    ),
  );
  try {
    const result = await deployStacks({ infrastructure, aws });
    setCurrentDetails(lines(title, 'Deployed:', result.stacks.map(outcomeOf)));
    log.info('deployed', { stacks: result.stacks.map(({ name, outcome }) => ({ name, outcome })) });
    return result;
  } catch (error) {
    setCurrentDetails(lines(title, 'Not deployed:', [reasonOf(error)]));
    throw error;
  }
}

const lines = (title: string, heading: string, items: readonly string[]): string =>
  [title, '', heading, '', ...items.map((item) => `- ${item}`)].join('\n');

const outcomeOf = ({ name, outcome }: DeployedStack): string =>
  `\`${name}\`: ${outcome === 'no-changes' ? 'no changes' : outcome}`;

/** An activity failure only says that the activity failed; the reason is its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

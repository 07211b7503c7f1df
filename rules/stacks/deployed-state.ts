import type { Refusal } from '../refusal';
import type { Deployed, DeploymentRecord } from './deployment-record';
import { whyNotDeployed, whyNotVerified } from './deployment-record';
import { ABSENT } from './kept';
import { STABLE } from './stack-status';
import type { StackLook } from './way-back';
import { formatTime, escapeMarkdown } from '../format';

/** The record of an environment's deployment, and what CloudFormation has at this moment. */
export interface DeploymentLook {
  readonly record: DeploymentRecord;
  /** The stacks of the plan, in its order. */
  readonly stacks: readonly Pick<StackLook, 'name' | 'status' | 'state'>[];
}

/** A recorded deployment that is still unchanged. Times in ms since 1970. */
export interface DeployedState {
  readonly template: string;
  readonly revision?: string;
  readonly atMs: number;
  readonly by: string;
  /** Absent while it is not verified, which is only looked at where the plan asks for it. */
  readonly verified?: { readonly atMs: number; readonly by: string };
}

export type Needs = 'deployed' | 'verified';
export type Judged =
  { readonly standing: DeployedState } | { readonly standing?: undefined; readonly refusal: Refusal };

/**
 * > Production deployments require … gradual rollout … After any deployment, verify
 *
 * Whether traffic may go to the deployment: it equals the record, to the byte, and has passed its verification. Comparing with
 * CloudFormation also detects a manual deployment and a rollback of the stacks since then.
 */
export function judgeDeployedState(environment: string, needs: Needs, { record, stacks }: DeploymentLook): Judged {
  const wanted = `${environment} must be ${needs} before its rollout`;
  const deploys = `\`rollout deploy ${environment}\``;
  const verifies = `\`rollout verify ${environment}\``;
  const refusal = (why: string, remedy: string): Judged => ({
    refusal: { rule: 'deployment', why: `${wanted}; of ${environment}: ${why}`, remedy },
  });
  const { deployed, verified } = record;
  if (deployed === undefined)
    return refusal(whyNotDeployed(record) ?? '', `run ${deploys}, which also verifies it like ${verifies}`);
  const otherwise = whyOtherwise(deployed, stacks);
  if (otherwise !== undefined) return refusal(otherwise, `run ${deploys} as soon as no operation is under way`);
  if (needs === 'verified') {
    const missing = whyNotVerified(record);
    const failed =
      verified?.template === deployed.template ? `repair it, then run ${deploys} or ${verifies}` : `run ${verifies}`;
    if (missing !== undefined) return refusal(missing, failed);
  }
  const { template, revision, atMs, by } = deployed;
  const passed = verified?.passed === true && verified.template === template ? verified : undefined;
  return {
    standing: {
      ...{ template, atMs, by },
      revision,
      verified: passed === undefined ? undefined : { atMs: passed.atMs, by: passed.by },
    },
  };
}

/** Why the present stacks differ from the record; undefined when they do not. */
function whyOtherwise({ template, states, atMs }: Deployed, stacks: DeploymentLook['stacks']): string | undefined {
  const recorded = `template ${template} is recorded as deployed at ${formatTime(atMs, 'UTC')}`;
  if (states === undefined) return `${recorded}, but without the state of its stacks`;
  const others = Object.keys(states).filter((name) => !stacks.some((stack) => stack.name === name));
  if (others.length > 0) return `${recorded} with ${others.join(', ')}, which the plan does not name`;
  for (const { name, status, state } of stacks) {
    if (status === ABSENT) return `${recorded}, but the stack ${name} does not exist`;
    if (!STABLE.has(status)) return `${recorded}, but ${name} is ${status}`;
    if (states[name] === undefined) return `${recorded} without ${name}, which the plan deploys`;
    if (states[name] !== state) return `${recorded}, but ${name} was changed from outside since`;
  }
  return undefined;
}

/** Words that follow "template". */
export function deployedStateWords(
  { template, revision, by, atMs, verified }: DeployedState,
  zone = 'UTC',
  nowMs?: number,
): string {
  const of = revision === undefined ? '' : ` (revision ${revision})`;
  const told =
    verified === undefined
      ? ''
      : `, verified ${formatTime(verified.atMs, zone, nowMs)} by ${escapeMarkdown(verified.by)}`;
  return `${template}${of}, deployed ${formatTime(atMs, zone, nowMs)} by ${escapeMarkdown(by)}${told}`;
}

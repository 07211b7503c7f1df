import { consoleLinks } from '../notify/links';
import { type Notice, titleOf } from '../notify/notice';
import type { EnvironmentPlan } from '../plan/environment-plan';
import { pasted } from './commands';
import { helpLine } from './rollout-notice';

interface Found {
  readonly workflowId: string;
  /** What the worker saw from outside, as words. */
  readonly why: string;
  readonly key: string;
  /** Undefined when it cannot be read. */
  readonly percentage: number | undefined;
  readonly nowMs: number;
}

/** The notice that nobody checks a rollout: the worker sends it, because the rollout itself cannot. */
export function unwatchedNotice(
  plan: Pick<EnvironmentPlan, 'service' | 'environment' | 'contact' | 'aws' | 'watch'>,
  { workflowId, why, key, percentage, nowMs }: Found,
): Notice {
  const { service, environment, contact } = plan;
  const commands = [pasted(`rollout status ${environment}`)];
  return {
    kind: 'unwatched',
    key,
    title: titleOf(`${service} ${environment}: UNWATCHED rollout`),
    text: [why, ...helpLine(contact), workflowId].join('\n'),
    about: { service, environment, workflowId, percentage, atMs: nowMs, commands, links: consoleLinks(plan) },
  };
}

import { parseOwner } from '../../rules/rollout/owner';
import { singleLine } from '../../rules/format';
import type { OwnerReleaseInput, OwnerReleaseResult } from '../../workflows/messages';
import { ownerReleaseWorkflowId } from '../../workflows/messages';
import { actor } from '../input/actor';
import type { ExitCode } from '../terminal/cli-error';
import type { ReasonedOptions } from '../options';
import { defineVerb } from '../program/verb';
import type { Target } from '../target';
import { say } from '../terminal/output';
import { refusedBy } from '../terminal/refused';
import { runWorkflow } from '../temporal/run-workflow';

const WITHIN_MS = 45_000;

export const verb = defineVerb<ReasonedOptions>({
  name: 'flags release-owner',
  argument: '<env>',
  group: 'Go back',
  summary: 'frees a flag whose owner, a rollout in another Temporal, is gone; refused while the owner runs here',
  examples: [['rollout flags release-owner prod --reason "that server is gone"', 'free the flag']],
  reason: 'required',
  handler: releaseOwner,
});

async function releaseOwner(target: Target, options: ReasonedOptions): Promise<ExitCode> {
  const { service, environment, aws, flag } = target.planned().plan;
  const by = actor(options.by);
  const temporal = await target.temporal();
  const { owner, refusal } = await runWorkflow<OwnerReleaseInput, OwnerReleaseResult>(temporal, {
    type: 'ownerRelease',
    workflowId: ownerReleaseWorkflowId(service, environment),
    input: { plan: { service, environment, aws, flag }, by, reason: options.reason },
    withinMs: WITHIN_MS,
    summary: `${service} ${environment}: owner released by ${by}`,
  });
  if (refusal !== undefined) throw refusedBy(refusal);
  const parsed = owner === undefined ? undefined : parseOwner(owner);
  const whose =
    parsed?.ok === true ? singleLine(`${parsed.owner.workflowId}, run ${parsed.owner.firstRunId}`) : 'unreadable';
  const text =
    owner === undefined
      ? `**${service} ${environment}: its flag had no owner.**`
      : `**${service} ${environment}: its flag is free; it was owned by ${whose}.**`;
  say(options, 'flag-owner', {
    text,
    json: {
      environment,
      done: true,
      changed: owner !== undefined,
      by,
      owner: parsed?.ok === true ? parsed.owner : (owner ?? null),
    },
  });
  return 0;
}

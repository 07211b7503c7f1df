import { parseOwner } from '../../rules/rollout/owner';
import { plain } from '../../rules/words';
import type { OwnerReleaseInput, OwnerReleaseResult } from '../../workflows/messages';
import { ownerReleaseWorkflowId } from '../../workflows/messages';
import { actor } from '../input/actor';
import { withTemporal } from '../temporal/connect';
import type { ExitCode } from '../terminal/failure';
import type { ReasonedOptions } from '../options';
import { say } from '../terminal/output';
import { readPlan } from '../input/plan-file';
import { refusedBy } from '../terminal/refused';
import { runWorkflow } from '../temporal/run-workflow';

const WITHIN_MS = 45_000;

/** `rollout flags release-owner <env>`: frees the flag of an owner that is gone. One that runs here is refused. */
export function releaseOwner(environment: string, options: ReasonedOptions): Promise<ExitCode> {
  const { plan } = readPlan(environment, options);
  const { service, aws, flag } = plan;
  const by = actor(options.by);
  return withTemporal<ExitCode>(options, async (temporal) => {
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
      parsed?.ok === true ? plain(`${parsed.owner.workflowId}, run ${parsed.owner.firstRunId}`) : 'unreadable';
    const text =
      owner === undefined
        ? `**${service} ${environment}: nobody owned its flag.**`
        : `**${service} ${environment}: its flag is free; it was owned by ${whose}.**`;
    say(options, {
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
  });
}

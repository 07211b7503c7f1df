import type { Predecessor } from '../plan/environment-plan';
import type { Refusal } from '../refusal';
import type { DeploymentRecord } from '../stacks/deployment-record';
import { whyNotDeployed, whyNotVerified } from '../stacks/deployment-record';

export interface Asked {
  /** The environment to deploy. */
  readonly environment: string;
  readonly after: Predecessor;
  /** The record of the environment before it. */
  readonly record: DeploymentRecord;
  /** The template to deploy; absent before it is synthesized. */
  readonly template?: string;
}

/**
 * > Staging deployments should be done after successful dev testing … Staging validation complete
 *
 * What the environment before this one still lacks; undefined when nothing. The source counts: the source deployed there must
 * give exactly the template to deploy here.
 */
export function gateRefusal({ environment, after, record, template }: Asked): Refusal | undefined {
  const { environment: before, needs } = after;
  const wanted = `${before} must be ${needs} before ${environment} is deployed`;
  const again =
    needs === 'verified'
      ? `\`rollout deploy ${before}\` and \`rollout verify ${before}\` with this source`
      : `\`rollout deploy ${before}\` with this source`;
  const missing = needs === 'verified' ? whyNotVerified(record) : whyNotDeployed(record);
  if (missing !== undefined) {
    const isThere = record.deployed !== undefined && needs === 'verified';
    const remedy = isThere ? `\`rollout verify ${before}\`` : again;
    return { rule: 'before', why: `${wanted}; of ${before}: ${missing}`, remedy };
  }
  if (template === undefined || record.deployed === undefined) return undefined;
  const { nextTemplates, revision } = record.deployed;
  const promised = nextTemplates[environment];
  if (promised === template) return undefined;
  const of = revision === undefined ? 'the source deployed there' : `revision ${revision}, deployed there,`;
  if (promised === undefined)
    return {
      rule: 'before',
      why: `${wanted}; the template that ${of} gives for ${environment} was not recorded`,
      remedy: again,
    };
  return {
    rule: 'before',
    why: `${wanted}, from the same source; ${of} gives template ${promised} for ${environment}, but this source gives ${template}`,
    remedy: revision === undefined ? again : `${again}, or deploy revision ${revision} here`,
  };
}

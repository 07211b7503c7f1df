import type { Predecessor } from '../plan/environment-plan';
import type { Refusal } from '../refusal';
import type { DeploymentRecord } from '../stacks/deployment-record';
import { whyNotDeployed, whyNotVerified } from '../stacks/deployment-record';

export interface Asked {
  /** The environment that is to be deployed. */
  readonly environment: string;
  readonly after: Predecessor;
  /** What is known of the environment before it. */
  readonly record: DeploymentRecord;
  /** What is to be deployed; absent before it is synthesized. */
  readonly template?: string;
}

/**
 * > Staging deployments should be done after successful dev testing … Staging validation complete
 *
 * What is missing of the environment before this one; undefined when nothing is. What counts is the source: what was deployed
 * there has to make here the very template that is to be deployed.
 */
export function gateRefusal({ environment, after, record, template }: Asked): Refusal | undefined {
  const { environment: before, needs } = after;
  const wanted = `${environment} is deployed after ${before} is ${needs}`;
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
    return { rule: 'before', why: `${wanted}; what ${of} makes of ${environment} was not recorded`, remedy: again };
  return {
    rule: 'before',
    why: `${wanted}, from the same source; ${of} makes template ${promised} of ${environment}, and this source makes ${template}`,
    remedy: revision === undefined ? again : `${again}, or deploy revision ${revision} here`,
  };
}

import { firstCharacters, formatTime } from '../format';

/**
 * What is deployed in an environment, the templates that the same source gives for other environments, and the result of its
 * verification. One SSM parameter per environment, as JSON; times in ms since 1970. `template` is always the short hash of
 * `rules/stacks/synthesis.ts`.
 */
export interface DeploymentRecord {
  readonly schema: 1;
  /** Absent while no complete deployment is known: before the first one, during a deployment, after a failed one. */
  readonly deployed?: Deployed;
  readonly verified?: Verified;
}

export interface Deployed {
  readonly atMs: number;
  readonly by: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly template: string;
  /** By environment: the template that this source gives for it. */
  readonly nextTemplates: Readonly<Record<string, string>>;
  /** Git revision of the app's folder; ends with `-dirty` if it had uncommitted changes. */
  readonly revision?: string;
  /** By stack: the hash of template, parameters and tags with which CloudFormation had it afterwards (`StackLook.state`). */
  readonly states?: Readonly<Record<string, string>>;
}

export interface Verified {
  /** The template that was verified. */
  readonly template: string;
  readonly atMs: number;
  readonly by: string;
  readonly workflowId: string;
  readonly runId: string;
  readonly passed: boolean;
  readonly why: string;
}

export const NOTHING_DEPLOYED: DeploymentRecord = { schema: 1 };

export const deployedParameterOf = ({ service, environment }: { service: string; environment: string }): string =>
  `/rollout/${service}/${environment}/deployed`;

/** The record with free texts shortened, so that it fits into an SSM parameter. */
export const recordWith = (
  { deployed, verified, ...rest }: DeploymentRecord,
  shorten: (text: string) => string,
): DeploymentRecord => ({
  ...rest,
  deployed: deployed && { ...deployed, by: shorten(deployed.by) },
  verified: verified && { ...verified, by: shorten(verified.by), why: shorten(verified.why) },
});

const NAME_LENGTH = 60;
const WHY_LENGTH = 500;

/** Drops the verification of another template. */
export function withDeployed({ verified }: DeploymentRecord, deployed: Deployed): DeploymentRecord {
  const kept = verified?.template === deployed.template ? { verified } : {};
  return { schema: 1, deployed: { ...deployed, by: firstCharacters(deployed.by, NAME_LENGTH) }, ...kept };
}

/** From now on the deployment is unknown; the verification counts again when the same template is deployed. */
export function withoutDeployed({ deployed: _deployed, ...rest }: DeploymentRecord): DeploymentRecord {
  return rest;
}

export function withVerified(record: DeploymentRecord, verified: Verified): DeploymentRecord {
  const { by, why } = verified;
  const told = { by: firstCharacters(by, NAME_LENGTH), why: firstCharacters(why, WHY_LENGTH) };
  return { ...record, verified: { ...verified, ...told } };
}

export const isVerified = (record: DeploymentRecord): boolean => whyNotVerified(record) === undefined;

/** `nothing is known to be deployed`, and so on; undefined when something is. */
export const whyNotDeployed = ({ deployed }: DeploymentRecord): string | undefined =>
  deployed === undefined ? 'nothing is known to be deployed' : undefined;

/** Why the deployment does not count as verified, in words that follow the environment's name; undefined when it does. */
export function whyNotVerified(record: DeploymentRecord): string | undefined {
  const { deployed, verified } = record;
  if (deployed === undefined) return whyNotDeployed(record);
  const what = `template ${deployed.template} is deployed`;
  if (verified === undefined) return `${what}, but was never verified`;
  if (verified.template !== deployed.template)
    return `${what}, but the verification was of template ${verified.template}`;
  const when = formatTime(verified.atMs, 'UTC');
  return verified.passed ? undefined : `${what}, but failed its verification at ${when}: ${verified.why}`;
}

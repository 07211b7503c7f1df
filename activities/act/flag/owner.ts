import { Context } from '@temporalio/activity';
import { DeleteParameterCommand } from '@aws-sdk/client-ssm';
import { shortened } from '../../../flags/parameter-text';
import type { AwsTarget, EnvironmentPlan } from '../../../rules/plan/environment-plan';
import type { Refusal } from '../../../rules/refusal';
import { type Moved, notOwnPlan } from '../../../rules/identity/own-plan';
import type { Owner } from '../../../rules/rollout/owner';
import { mayDrive, ownedWords, parseOwner, sameTemporal } from '../../../rules/rollout/owner';
import type { AwsFor } from '../../aws';
import { failure, nameOf, toFailure } from '../../failures';
import { readParameter } from '../../observe/flag/flags';
import type { FindLastRollout } from '../../observe/checks/asking';
import { putDocument } from './put-document';

export interface OwnerPlace {
  readonly aws: AwsTarget;
  /** `ownerParameterOf` the flag. */
  readonly parameter: string;
  readonly service: string;
  readonly environment: string;
}

export interface OwnerClaim extends OwnerPlace {
  readonly workflowId: string;
  readonly firstRunId: string;
  readonly by: string;
  readonly sinceMs: number;
  /** To take it; absent from builds before `ROLLOUT_PERMISSIONS`. */
  readonly moved?: Moved;
  /** The text of the owner parameter that may be overwritten, of any rollout: an operator says that this rollout is gone. */
  readonly over?: string | undefined;
}

export type OwnershipResult = { readonly taken: true } | { readonly taken: false; readonly why: string };

export interface Freed {
  /** The text of the earlier document; absent when there was no owner. */
  readonly owner?: string;
  readonly refusal?: Refusal;
}

export interface OwnerActivities {
  takeOwner(claim: OwnerClaim): Promise<OwnershipResult>;
  releaseOwner(claim: OwnerClaim): Promise<void>;
  freeOwner(order: OwnerPlace & { readonly workflowId: string }): Promise<Freed>;
}

/** The Temporal that this worker serves; each activity names the namespace. */
export interface TemporalKnown {
  readonly cluster: string;
  readonly lastRollout?: FindLastRollout;
  /** The server's `host:port`; only for display. */
  readonly address?: string;
  /** Set on a worker that starts nothing else: its own plans. */
  readonly onlyPlans?: readonly EnvironmentPlan[] | undefined;
  /** Names of the search attributes that the namespace lacks. */
  readonly missingAttributes?: () => Promise<readonly string[]>;
}

/**
 * The owner of a flag. It is created with Overwrite=false, the only atomic operation of SSM, and deleted at the end, so
 * that it can be created again. All of it is idempotent.
 */
export function createOwnerActions(awsFor: AwsFor, known: TemporalKnown): OwnerActivities {
  return {
    takeOwner: async (claim) => {
      const why = known.onlyPlans && notOwnPlan(known.onlyPlans, claim.moved ?? claim);
      return why === undefined ? takeOwner(awsFor, claim, ownerOf(claim, known.cluster)) : { taken: false, why };
    },
    releaseOwner: (claim) => releaseOwner(awsFor, claim, ownerOf(claim, known.cluster)),
    freeOwner: (order) => freeOwner(awsFor, order, known),
  };
}

/** The text that this rollout would write. */
export function ownerOf(
  { workflowId, firstRunId, by, sinceMs }: Omit<OwnerClaim, keyof OwnerPlace>,
  cluster: string,
): Owner {
  return { schema: 1, workflowId, firstRunId, temporal: hereOf(cluster), by, sinceMs };
}

const hereOf = (cluster: string): Owner['temporal'] => ({ cluster, namespace: Context.current().info.namespace });

async function takeOwner(
  awsFor: AwsFor,
  { aws, parameter, environment, over }: OwnerClaim,
  mine: Owner,
): Promise<OwnershipResult> {
  if ((await written(awsFor, { aws, parameter }, mine, false)) !== undefined) return { taken: true };
  const text = await readParameter(awsFor, aws, parameter);
  if (text === undefined) throw failure('Unavailable', `${parameter} was there and is gone: trying again`);
  const parsed = parseOwner(text);
  const may = parsed.ok ? mayDrive(parsed.owner, mine) : 'refused';
  if (may === 'refused' && text !== over) return { taken: false, why: ownedWords(parsed, parameter, environment) };
  if (may !== 'is-owner') {
    const wrote = await written(awsFor, { aws, parameter }, mine, true);
    if ((await readParameter(awsFor, aws, parameter)) !== wrote)
      throw failure('Unconfirmed', `${parameter} was written, but names another owner: trying again`);
  }
  return { taken: true };
}

/** The text that was written; undefined when the parameter exists and must not be overwritten. */
async function written(
  awsFor: AwsFor,
  { aws, parameter: name }: Pick<OwnerPlace, 'aws' | 'parameter'>,
  owner: Owner,
  overwrite: boolean,
): Promise<string | undefined> {
  const forms = [...shortened((shorten) => ({ ...owner, by: shorten(owner.by) }))];
  try {
    return await putDocument(awsFor(aws).ssm, { name, forms, overwrite });
  } catch (error) {
    if (nameOf(error) === 'ParameterAlreadyExists') return undefined;
    throw toFailure(error, `taking ${name}`);
  }
}

/** Another owner's parameter stays. */
async function releaseOwner(awsFor: AwsFor, { aws, parameter }: OwnerClaim, mine: Owner): Promise<void> {
  const text = await readParameter(awsFor, aws, parameter);
  const parsed = text === undefined ? undefined : parseOwner(text);
  if (parsed?.ok === true && mayDrive(parsed.owner, mine) === 'is-owner') await removed(awsFor, aws, parameter);
}

async function removed(awsFor: AwsFor, aws: AwsTarget, parameter: string): Promise<void> {
  try {
    await awsFor(aws).ssm.send(new DeleteParameterCommand({ Name: parameter }));
  } catch (error) {
    if (nameOf(error) !== 'ParameterNotFound') throw toFailure(error, `releasing ${parameter}`);
  }
}

/** By an operator: frees a flag whose owner is gone. Refused when the owner is seen to run here. */
async function freeOwner(
  awsFor: AwsFor,
  { aws, parameter, service, environment, workflowId }: OwnerPlace & { readonly workflowId: string },
  { cluster, lastRollout }: TemporalKnown,
): Promise<Freed> {
  const text = await readParameter(awsFor, aws, parameter);
  if (text === undefined) return {};
  const parsed = parseOwner(text);
  const isHere =
    parsed.ok && parsed.owner.workflowId === workflowId && sameTemporal(parsed.owner, { temporal: hereOf(cluster) });
  const runs = isHere && (await lastRollout?.(service, environment))?.running === true;
  const why = ownedWords(parsed, parameter, environment);
  if (runs)
    return {
      owner: text,
      refusal: { rule: 'owner', why: `${why}; it runs`, remedy: `\`rollout abort ${environment}\`, which frees it` },
    };
  await removed(awsFor, aws, parameter);
  return { owner: text };
}

/** What CloudFormation's status of a stack means for a deployment. */
export interface StackFound {
  readonly name: string;
  /** CloudFormation's status, or `absent`. */
  readonly status: string;
  readonly terminationProtected: boolean;
}

export type DeployStart =
  | { readonly do: 'deploy' }
  | { readonly do: 'wait'; readonly why: string }
  | { readonly do: 'refuse'; readonly why: string; readonly remedy: string };

/** The stack has no resources: a deployment creates it. */
const EMPTY: ReadonlySet<string> = new Set(['absent', 'REVIEW_IN_PROGRESS', 'DELETE_COMPLETE']);

/**
 * The states that RollbackStack calls "last known stable" and returns to.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html
 */
export const STABLE: ReadonlySet<string> = new Set([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
]);

const BY_HAND = 'check the stack in the CloudFormation console; if nothing in it is needed, delete it and deploy again';

/** States from which CloudFormation refuses an update, why, and how to leave them. */
const STUCK: Readonly<Record<string, readonly [string, string]>> = {
  CREATE_FAILED: ['its creation failed and was not rolled back, so there is no state to update from', BY_HAND],
  ROLLBACK_FAILED: ['its creation failed, and its resources could not all be removed', BY_HAND],
  UPDATE_FAILED: [
    'its last update failed and was not rolled back',
    'roll it back first with `rollout rollback --to infra`',
  ],
  UPDATE_ROLLBACK_FAILED: [
    'its last update failed, and so did the rollback of it',
    'remove what blocks it, then continue the rollback with `rollout rollback --to infra`',
  ],
  IMPORT_ROLLBACK_FAILED: ['an import of resources failed, and so did the rollback of it', BY_HAND],
  DELETE_IN_PROGRESS: [
    'it is being deleted',
    'find out who deletes it and why; once it is gone, a deployment creates it again',
  ],
  DELETE_FAILED: [
    'its deletion failed, and parts of it are left',
    'find out what is still needed, then finish the deletion',
  ],
};

/** What a deployment does with a stack in this state. Total: an unknown status is refused. */
export function deployStart({ name, status, terminationProtected }: StackFound): DeployStart {
  if (EMPTY.has(status) || STABLE.has(status)) return { do: 'deploy' };
  if (status === 'ROLLBACK_COMPLETE') return neverMade(name, terminationProtected);
  const stuck = STUCK[status];
  if (stuck !== undefined) return { do: 'refuse', why: `${name} is ${status}: ${stuck[0]}`, remedy: stuck[1] };
  if (status.endsWith('_IN_PROGRESS')) return { do: 'wait', why: `another operation runs on ${name}: ${status}` };
  return { do: 'refuse', why: `${name} is ${status}, which is an unknown status`, remedy: BY_HAND };
}

/** Its creation failed and was fully rolled back: the deployment deletes the empty stack and creates it again. */
function neverMade(name: string, terminationProtected: boolean): DeployStart {
  if (!terminationProtected) return { do: 'deploy' };
  return {
    do: 'refuse',
    why: `${name} is ROLLBACK_COMPLETE: it must be deleted and created again, but its termination protection forbids that`,
    remedy: 'disable the termination protection',
  };
}

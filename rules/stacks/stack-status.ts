/** What CloudFormation's word for a stack means for whoever wants to deploy it. */
export interface StackFound {
  readonly name: string;
  /** CloudFormation's word, or `absent`. */
  readonly status: string;
  readonly terminationProtected: boolean;
}

export type DeployStart =
  | { readonly do: 'deploy' }
  | { readonly do: 'wait'; readonly why: string }
  | { readonly do: 'refuse'; readonly why: string; readonly remedy: string };

/** Nothing is in the stack: a deployment makes it. */
const EMPTY: ReadonlySet<string> = new Set(['absent', 'REVIEW_IN_PROGRESS', 'DELETE_COMPLETE']);

/**
 * The states RollbackStack calls "last known stable": what it goes back to.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_RollbackStack.html
 */
export const STABLE: ReadonlySet<string> = new Set([
  'CREATE_COMPLETE',
  'UPDATE_COMPLETE',
  'UPDATE_ROLLBACK_COMPLETE',
  'IMPORT_COMPLETE',
  'IMPORT_ROLLBACK_COMPLETE',
]);

const BY_HAND =
  'look at the stack in the CloudFormation console; when nothing in it is needed, delete it and deploy again';

/** States from which CloudFormation updates nothing, why, and what leaves them. */
const STUCK: Readonly<Record<string, readonly [string, string]>> = {
  CREATE_FAILED: ['its creation failed and was not rolled back: it has no state to update from', BY_HAND],
  ROLLBACK_FAILED: ['its creation failed, and what it had made could not all be taken away', BY_HAND],
  UPDATE_FAILED: [
    'its last update failed and was not rolled back',
    'take it back first, with `rollout rollback --to infra`',
  ],
  UPDATE_ROLLBACK_FAILED: [
    'its last update failed, and so did its way back',
    'remove what blocks it, then `rollout rollback --to infra` goes on with the way back',
  ],
  IMPORT_ROLLBACK_FAILED: ['an import of resources into it failed, and so did its way back', BY_HAND],
  DELETE_IN_PROGRESS: ['somebody is deleting it', 'find out who and why; once it is gone a deployment makes it anew'],
  DELETE_FAILED: [
    'somebody deleted it, and parts of it are left',
    'finish the deletion, or find out what is still needed',
  ],
};

/** What a deployment does with a stack that it finds in this state. Total: a word nobody knows is refused. */
export function deployStart({ name, status, terminationProtected }: StackFound): DeployStart {
  if (EMPTY.has(status) || STABLE.has(status)) return { do: 'deploy' };
  if (status === 'ROLLBACK_COMPLETE') return neverMade(name, terminationProtected);
  const stuck = STUCK[status];
  if (stuck !== undefined) return { do: 'refuse', why: `${name} is ${status}: ${stuck[0]}`, remedy: stuck[1] };
  if (status.endsWith('_IN_PROGRESS')) return { do: 'wait', why: `another operation runs on ${name}: ${status}` };
  return { do: 'refuse', why: `${name} is ${status}, which nobody here knows`, remedy: BY_HAND };
}

/** Its creation failed and was rolled back whole: it is deleted, which takes nothing away, and made anew. */
function neverMade(name: string, terminationProtected: boolean): DeployStart {
  if (!terminationProtected) return { do: 'deploy' };
  return {
    do: 'refuse',
    why: `${name} is ROLLBACK_COMPLETE: it has to be deleted and made anew, and its termination protection forbids that`,
    remedy: 'take the termination protection off',
  };
}

import { ABSENT, type KeptStack, UNSURE_TEMPLATE } from './kept';
import { STABLE, type StackFound } from './stack-status';

/** A stack as the way back needs to know it. */
export interface StackLook extends StackFound {
  /** As in `KeptStack`; `absent` when there is nothing. */
  readonly template: string;
  readonly state: string;
  /** Whether its events tell of a state it once was whole in. */
  readonly hadStableState: boolean;
  /** Resources that failed, as `LogicalId: reason`. */
  readonly failedResources: readonly string[];
}

/** How one stack goes back to what it was before the last deployment. */
export type WayBack =
  | { readonly do: 'redeploy'; readonly why: string }
  | { readonly do: 'rollback-stack'; readonly why: string }
  | { readonly do: 'continue-rollback'; readonly why: string }
  | { readonly do: 'wait'; readonly why: string }
  | { readonly do: 'nothing'; readonly why: string }
  | { readonly do: 'refuse'; readonly why: string; readonly remedy: string };

/** AWS is already on the way back, or takes away what the last update has replaced. */
const SETTLING: ReadonlySet<string> = new Set([
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'ROLLBACK_IN_PROGRESS',
  'IMPORT_ROLLBACK_IN_PROGRESS',
]);

/**
 * @param kept what the newest deployment that is known found in this stack; undefined when nothing was kept.
 * @param backAlready whether CloudFormation has just taken it back by itself or when asked to: one step back is enough.
 */
export function wayBack(stack: StackLook, kept: KeptStack | undefined, backAlready = false): WayBack {
  const { name, status } = stack;
  if (backAlready && STABLE.has(status)) return { do: 'nothing', why: `${name} is ${status}, its last stable state` };
  if (SETTLING.has(status)) return { do: 'wait', why: `${name} is ${status}: CloudFormation is not done with it` };
  if (STABLE.has(status)) return fromStable(stack, kept);
  if (status === 'UPDATE_FAILED' || status === 'CREATE_FAILED') return fromFailed(stack);
  if (status === 'UPDATE_ROLLBACK_FAILED')
    return { do: 'continue-rollback', why: `${name} is ${status}, blocked by ${listed(stack.failedResources)}` };
  return refused(stack);
}

function fromStable({ name, status, state }: StackLook, kept: KeptStack | undefined): WayBack {
  if (kept === undefined)
    return {
      do: 'refuse',
      why: `${name}: nothing is kept of what was there before`,
      remedy: 'deploy the revision that is wanted',
    };
  if (kept.state === state || kept.back === state)
    return { do: 'nothing', why: `${name} is ${status}, as it was before the last deployment` };
  if (kept.template === ABSENT)
    return {
      do: 'refuse',
      why: `${name} did not exist before the last deployment: going back would delete it, with its data`,
      remedy: 'delete it by hand when that is what is wanted',
    };
  const why = `${name} is ${status}: template ${kept.template} is deployed in place of its own`;
  return { do: 'redeploy', why: kept.unsure === true ? `${why}; ${UNSURE_TEMPLATE}` : why };
}

/** RollbackStack deletes a stack that never was whole. */
function fromFailed({ name, status, hadStableState }: StackLook): WayBack {
  if (hadStableState) return { do: 'rollback-stack', why: `${name} is ${status}: back to its last stable state` };
  return {
    do: 'refuse',
    why: `${name} is ${status} and never was stable: RollbackStack would delete it`,
    remedy: 'look at it in the CloudFormation console; delete it by hand when nothing in it is needed',
  };
}

function refused({ name, status }: StackLook): WayBack {
  if (status === ABSENT || status === 'REVIEW_IN_PROGRESS' || status === 'DELETE_COMPLETE')
    return { do: 'refuse', why: `there is no stack ${name} to take back`, remedy: 'deploy it' };
  if (status.endsWith('_IN_PROGRESS'))
    return {
      do: 'refuse',
      why: `${name} is ${status}: an operation runs that is no way back`,
      remedy:
        'wait until it has ended, then ask again; `rollout abort <env> --deployment` stops a deployment, and takes back what it began',
    };
  return {
    do: 'refuse',
    why: `${name} is ${status}: CloudFormation knows no way back from there`,
    remedy: 'look at it in the CloudFormation console; only a deletion leaves this state',
  };
}

const listed = (resources: readonly string[]): string =>
  resources.length === 0 ? 'resources CloudFormation does not name' : resources.join('; ');

/** Whether CloudFormation itself took the stack back, once `way` was gone from `status`. */
export const takesBack = (way: WayBack['do'], status: string): boolean =>
  way === 'rollback-stack' || way === 'continue-rollback' || (way === 'wait' && status.includes('ROLLBACK'));

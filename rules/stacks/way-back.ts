import { ABSENT, type KeptStack, UNSURE_TEMPLATE } from './kept';
import { STABLE, type StackFound } from './stack-status';

/** What a rollback needs to know of a stack. */
export interface StackLook extends StackFound {
  /** As in `KeptStack`; `absent` when the stack does not exist. */
  readonly template: string;
  readonly state: string;
  /** Whether its events show a stable state in the past. */
  readonly hadStableState: boolean;
  /** Resources that failed, as `LogicalId: reason`. */
  readonly failedResources: readonly string[];
}

/** How one stack returns to its state before the last deployment. */
export type WayBack =
  | { readonly do: 'redeploy'; readonly why: string }
  | { readonly do: 'rollback-stack'; readonly why: string }
  | { readonly do: 'continue-rollback'; readonly why: string }
  | { readonly do: 'wait'; readonly why: string }
  | { readonly do: 'nothing'; readonly why: string }
  | { readonly do: 'refuse'; readonly why: string; readonly remedy: string };

/** CloudFormation is already rolling back, or removes what the last update replaced. */
const SETTLING: ReadonlySet<string> = new Set([
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  'ROLLBACK_IN_PROGRESS',
  'IMPORT_ROLLBACK_IN_PROGRESS',
]);

/**
 * @param kept snapshot of this stack before the newest known deployment; undefined when there is none.
 * @param backAlready whether CloudFormation has just rolled it back, automatically or on request: one step back is enough.
 */
export function wayBack(stack: StackLook, kept: KeptStack | undefined, backAlready = false): WayBack {
  const { name, status } = stack;
  if (backAlready && STABLE.has(status)) return { do: 'nothing', why: `${name} is ${status}, its last stable state` };
  if (SETTLING.has(status)) return { do: 'wait', why: `${name} is ${status}: CloudFormation has not finished` };
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
      why: `${name}: there is no snapshot from before the last deployment`,
      remedy: 'deploy the wanted revision',
    };
  if (kept.state === state || kept.back === state)
    return { do: 'nothing', why: `${name} is ${status}, as it was before the last deployment` };
  if (kept.template === ABSENT)
    return {
      do: 'refuse',
      why: `${name} did not exist before the last deployment: going back would delete it, with its data`,
      remedy: 'delete it manually if you want that',
    };
  const why = `${name} is ${status}: deploys template ${kept.template} in place of the present one`;
  return { do: 'redeploy', why: kept.unsure === true ? `${why}; ${UNSURE_TEMPLATE}` : why };
}

/** RollbackStack deletes a stack that never was stable. */
function fromFailed({ name, status, hadStableState }: StackLook): WayBack {
  if (hadStableState) return { do: 'rollback-stack', why: `${name} is ${status}: back to its last stable state` };
  return {
    do: 'refuse',
    why: `${name} is ${status} and never was stable: RollbackStack would delete it`,
    remedy: 'check it in the CloudFormation console; delete it manually if nothing in it is needed',
  };
}

function refused({ name, status }: StackLook): WayBack {
  if (status === ABSENT || status === 'REVIEW_IN_PROGRESS' || status === 'DELETE_COMPLETE')
    return { do: 'refuse', why: `there is no stack ${name} to roll back`, remedy: 'deploy it' };
  if (status.endsWith('_IN_PROGRESS'))
    return {
      do: 'refuse',
      why: `${name} is ${status}: an operation other than a rollback is running`,
      remedy:
        'wait until it ends, then try again; `rollout abort <env> --deployment` stops a deployment and rolls back what it started',
    };
  return {
    do: 'refuse',
    why: `${name} is ${status}: CloudFormation cannot roll back from there`,
    remedy: 'check it in the CloudFormation console; only a deletion leaves this state',
  };
}

const listed = (resources: readonly string[]): string =>
  resources.length === 0 ? 'resources that CloudFormation does not name' : resources.join('; ');

/** Whether CloudFormation itself rolled the stack back when it took `way` from `status`. */
export const takesBack = (way: WayBack['do'], status: string): boolean =>
  way === 'rollback-stack' || way === 'continue-rollback' || (way === 'wait' && status.includes('ROLLBACK'));

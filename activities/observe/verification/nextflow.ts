import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { IN_FLIGHT_LISTED } from '../../../rules/nextflow/nextflow';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { AwsFor } from '../../aws';
import { messageOf, toFailure } from '../../failures';
import { executionsPage } from '../executions';
import { webFetch } from '../../web';

export interface InstancesOrder {
  /** Base addresses, one for each instance of the API. */
  readonly instances: readonly string[];
  readonly withinMs: number;
}

export interface InFlightOrder {
  readonly aws: AwsTarget;
  readonly stateMachines: readonly string[];
  /** Waits until none runs, at most this long. */
  readonly drainWithinMs?: number;
}

const POLL_MS = 1_000;
const REQUEST_WITHIN_MS = 5_000;

/**
 * "Set USE_STEP_FUNCTIONS=false on all API instances": an instance may not know yet that the flag is off, so each is polled
 * until its health reports it.
 */
export function createNextflowObservations(awsFor: AwsFor) {
  return {
    async awaitNextflow({
      instances,
      withinMs,
    }: InstancesOrder): Promise<{ readonly all: boolean; readonly why: string }> {
      for (const deadlineMs = Date.now() + withinMs; ; await pause()) {
        const modes = await Promise.all(instances.map(modeOf));
        const others = modes.filter(({ mode }) => mode !== 'nextflow');
        const said = modes.map(({ api, mode }) => `${api} says ${mode}`).join('; ');
        if (others.length === 0 || Date.now() > deadlineMs) return { all: others.length === 0, why: said };
      }
    },

    /** Names of the executions that run now. */
    async listInFlight({ aws, stateMachines, drainWithinMs = 0 }: InFlightOrder): Promise<readonly string[]> {
      for (const deadlineMs = Date.now() + drainWithinMs; ; await pause()) {
        const names = (await Promise.all(stateMachines.map((name) => running(awsFor, aws, name)))).flat();
        if (names.length === 0 || Date.now() >= deadlineMs) return names;
      }
    },
  };
}

async function pause(): Promise<void> {
  Context.current().heartbeat();
  await sleep(POLL_MS, undefined, { signal: Context.current().cancellationSignal });
}

async function modeOf(api: string): Promise<{ readonly api: string; readonly mode: string }> {
  try {
    const signal = AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(REQUEST_WITHIN_MS)]);
    const answer = await webFetch(`${api.replace(/\/+$/, '')}/api/health`, { signal });
    if (answer.status !== 200) return { api, mode: `status ${answer.status}` };
    const { execution_mode: mode } = (await answer.json()) as { execution_mode?: unknown };
    return { api, mode: typeof mode === 'string' ? mode : 'no execution_mode' };
  } catch (error) {
    Context.current().cancellationSignal.throwIfAborted();
    return { api, mode: `nothing (${messageOf(error)})` };
  }
}

async function running(awsFor: AwsFor, aws: AwsTarget, stateMachine: string): Promise<readonly string[]> {
  const look = { clients: awsFor(aws), aws, abortSignal: Context.current().cancellationSignal };
  try {
    const { executions } = await executionsPage(look, {
      stateMachine,
      statusFilter: 'RUNNING',
      maxResults: IN_FLIGHT_LISTED,
    });
    return executions.map(({ name }) => name ?? 'without a name');
  } catch (error) {
    throw toFailure(error, `listing the executions of ${stateMachine}`);
  }
}

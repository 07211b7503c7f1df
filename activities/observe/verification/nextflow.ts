import { Context } from '@temporalio/activity';
import { IN_FLIGHT_LISTED } from '../../../rules/nextflow/nextflow';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { AwsFor } from '../../aws';
import { messageOf, toFailure } from '../../failures';
import { executionsPage } from '../executions';
import { webFetch } from '../../web';
import { poll } from '../../poll';

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
      const onNextflow = (modes: readonly Mode[]): boolean => modes.every(({ mode }) => mode === 'nextflow');
      const read = (): Promise<readonly Mode[]> => Promise.all(instances.map(modeOf));
      const modes = await poll(read, { until: onNextflow, meanwhile: beat, everyMs: POLL_MS, withinMs });
      return { all: onNextflow(modes), why: modes.map(({ api, mode }) => `${api} says ${mode}`).join('; ') };
    },

    /** Names of the executions that run now. */
    async listInFlight({ aws, stateMachines, drainWithinMs = 0 }: InFlightOrder): Promise<readonly string[]> {
      const read = async (): Promise<readonly string[]> =>
        (await Promise.all(stateMachines.map((name) => running(awsFor, aws, name)))).flat();
      const until = ({ length }: readonly string[]): boolean => length === 0;
      return poll(read, { until, meanwhile: beat, everyMs: POLL_MS, withinMs: drainWithinMs });
    },
  };
}

const beat = (): void => Context.current().heartbeat();

interface Mode {
  readonly api: string;
  readonly mode: string;
}

async function modeOf(api: string): Promise<Mode> {
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

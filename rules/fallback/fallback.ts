import type { Check } from '../checks/check';
import { questionWords } from '../checks/check';

/** The full rollback to the plan's fallback, step by step; the same for the query, the CLI and the Web UI. Plain JSON. */
export interface FallbackRollback {
  readonly service: string;
  readonly environment: string;
  /** Name of the plan's fallback. */
  readonly to: string;
  readonly by: string;
  readonly reason: string;
  readonly steps: readonly FallbackStep[];
  /** Executions that still run on the new side, newest first. */
  readonly inFlight: readonly string[];
  readonly outcome?: 'done' | 'failed';
}

export interface FallbackStep {
  /** `traffic`, `record`, or the name of a check. */
  readonly step: string;
  readonly state: 'open' | 'running' | 'done' | 'failed';
  readonly why: string;
}

/** Steps of every fallback; no check of the plan may have these names. */
export const FALLBACK_STEPS = {
  traffic: 'the flag is at 0 %',
  record: 'a retry waits for written findings',
} as const;

export function beginRollback(
  of: Pick<FallbackRollback, 'service' | 'environment' | 'to' | 'by' | 'reason'>,
  checks: readonly { readonly name: string; readonly check?: Check }[],
): FallbackRollback {
  const asked = checks.map(({ name, check }): readonly [string, string] => [
    name,
    check === undefined ? 'the plan has no such check' : questionWords(check),
  ]);
  const steps = [...Object.entries(FALLBACK_STEPS), ...asked];
  return { ...of, steps: steps.map(([step, why]) => ({ step, state: 'open', why })), inFlight: [] };
}

export function withStep(
  rollback: FallbackRollback,
  step: string,
  state: FallbackStep['state'],
  why?: string,
): FallbackRollback {
  const steps = rollback.steps.map((one) => (one.step === step ? { step, state, why: why ?? one.why } : one));
  return { ...rollback, steps };
}

/** A failed step does not stop the ones after it: in an incident every working step helps. */
export function ended(rollback: FallbackRollback): FallbackRollback {
  const failed = rollback.steps.some(({ state }) => state !== 'done');
  return { ...rollback, outcome: failed ? 'failed' : 'done' };
}

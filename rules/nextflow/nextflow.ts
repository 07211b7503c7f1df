/** "Full Rollback to Nextflow", step by step; the same for the query, the CLI and the Web UI. Plain JSON. */
export interface NextflowRollback {
  readonly service: string;
  readonly environment: string;
  readonly by: string;
  readonly reason: string;
  readonly steps: readonly NextflowStep[];
  /** Listed executions that still run on Step Functions, newest first. */
  readonly inFlight: readonly string[];
  readonly outcome?: 'done' | 'failed';
}

/** At most this many executions of one state machine are listed. */
export const IN_FLIGHT_LISTED = 1_000;

export interface NextflowStep {
  readonly step: 'traffic' | 'record' | 'instances' | 'in-flight' | 'jobs';
  readonly state: 'open' | 'running' | 'done' | 'failed';
  readonly why: string;
}

const STEPS: readonly (readonly [NextflowStep['step'], string])[] = [
  ['traffic', 'the flag is at 0 %'],
  ['record', 'a retry waits for written findings'],
  ['instances', 'every instance of the API reports nextflow'],
  ['in-flight', 'executions that still run on Step Functions'],
  ['jobs', 'Nextflow completes jobs'],
];

export function beginRollback(
  of: Pick<NextflowRollback, 'service' | 'environment' | 'by' | 'reason'>,
): NextflowRollback {
  return { ...of, steps: STEPS.map(([step, why]) => ({ step, state: 'open', why })), inFlight: [] };
}

export function withStep(
  rollback: NextflowRollback,
  step: NextflowStep['step'],
  state: NextflowStep['state'],
  why?: string,
): NextflowRollback {
  const steps = rollback.steps.map((one) => (one.step === step ? { step, state, why: why ?? one.why } : one));
  return { ...rollback, steps };
}

/** A failed step does not stop the ones after it: in an incident every working step helps. */
export function ended(rollback: NextflowRollback): NextflowRollback {
  const failed = rollback.steps.some(({ state }) => state !== 'done');
  return { ...rollback, outcome: failed ? 'failed' : 'done' };
}

/** What the executions in flight mean for their users. */
export function inFlightWords(names: readonly string[], drained: boolean): string {
  if (names.length === 0) return drained ? 'none runs any more' : 'none runs';
  const some = names.slice(0, 5).join(', ');
  const more = names.length > 5 ? ` and ${names.length - 5} more` : '';
  const least = names.length >= IN_FLIGHT_LISTED ? 'at least ' : '';
  return `${least}${names.length} still run and may finish: ${some}${more}. An API that reads every job from the side of the global switch answers 404 for them`;
}

import { backoffMs } from '../backoff';
import type { EnvironmentPlan } from '../plan/environment-plan';
import type { RolloutState } from './state/state';
import { wentOnMs } from './wait';

/** How long a read counts as evidence; also the first pause before a failed read is retried. */
const FRESH_MS = 30_000;
const PROBE_AGAIN_MS = 60_000;

interface Read {
  readonly atMs: number;
  readonly problem?: string;
  readonly tries?: number;
}

const readDueMs = ({ atMs, problem, tries = 1 }: Read): number =>
  atMs + (problem === undefined ? FRESH_MS : backoffMs(tries, FRESH_MS));

/** When the freezes must be read again: ever more rarely while reads fail, because each try adds to the history. */
export const freezesDueMs = ({ gates: { freezes } }: Pick<RolloutState, 'gates'>): number =>
  freezes === undefined ? -Infinity : readDueMs({ ...freezes, atMs: freezes.readAtMs });

/** The same for the deployment; at once after a resume. */
export function deploymentDueMs(state: RolloutState): number {
  const { deployment } = state.gates;
  return deployment === undefined || wentOnMs(state) > deployment.atMs ? -Infinity : readDueMs(deployment);
}

type Probing = Pick<EnvironmentPlan, 'verification' | 'probe'>;

/** Whether the plan has checks or jobs to ask before the first raise. */
export const hasProbe = ({ verification, probe }: Probing): boolean =>
  probe !== undefined || (verification.probeJobs ?? 0) > 0;

/** Whether the first raise still waits for the probe. Later raises do not: the answer depends only on the API's code. */
export function probeIsOpen(plan: Probing, { step, gates }: RolloutState): boolean {
  const verdict = gates.probe?.verdict;
  return step.index < 0 && hasProbe(plan) && verdict !== 'reads-by-job' && verdict !== 'passed';
}

/** When the next probe is due; a probe costs pipeline jobs. */
export const nextProbeMs = ({ gates: { probe } }: RolloutState): number =>
  probe === undefined ? 0 : probe.atMs + backoffMs(probe.tries, PROBE_AGAIN_MS);

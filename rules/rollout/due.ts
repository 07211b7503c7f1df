import { backoffMs } from '../backoff';
import type { EnvironmentPlan } from '../plan/environment-plan';
import type { RolloutState } from './state/state';

/** What was read is evidence for so long; a read that failed is tried again as soon as this, at first. */
const FRESH_MS = 30_000;
const PROBE_AGAIN_MS = 60_000;

interface Read {
  readonly atMs: number;
  readonly problem?: string;
  readonly tries?: number;
}

const readDueMs = ({ atMs, problem, tries = 1 }: Read): number =>
  atMs + (problem === undefined ? FRESH_MS : backoffMs(tries, FRESH_MS));

/** From when on the freezes have to be read again: ever more rarely while they cannot be, as each try adds to the history. */
export const freezesDueMs = ({ gates: { freezes } }: Pick<RolloutState, 'gates'>): number =>
  freezes === undefined ? -Infinity : readDueMs({ ...freezes, atMs: freezes.readAtMs });

/** The same of what is deployed; at once when an operator resumed. */
export function deploymentDueMs({ gates, wentOnAtMs = 0 }: RolloutState): number {
  const { deployment } = gates;
  return deployment === undefined || wentOnAtMs > deployment.atMs ? -Infinity : readDueMs(deployment);
}

/** Whether the first raise still waits for probe jobs. Later raises do not: the answer is about the API's code. */
export function probeIsOpen(
  { verification }: Pick<EnvironmentPlan, 'verification'>,
  { step, gates }: RolloutState,
): boolean {
  return step.index < 0 && (verification.probeJobs ?? 0) > 0 && gates.probe?.verdict !== 'reads-by-job';
}

/** When the probe is tried next; a probe costs pipeline jobs. */
export const nextProbeMs = ({ gates: { probe } }: RolloutState): number =>
  probe === undefined ? 0 : probe.atMs + backoffMs(probe.tries, PROBE_AGAIN_MS);

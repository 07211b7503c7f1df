import type { RolloutStatus } from '../../../rules/rollout/status/status';

/** Monday 23 November 2026, 12:00 UTC. */
export const NOON = Date.UTC(2026, 10, 23, 12);
const DAY = 86_400_000;

/** A rollout of prod that soaks at 25 %, healthy; each test changes what it is about. */
export function soakingStatus(changes: Partial<RolloutStatus> = {}): RolloutStatus {
  return {
    service: 'pavi',
    environment: 'prod',
    workflowId: 'rollout-pavi-prod',
    startedBy: 'alice',
    startedAtMs: NOON - 2 * DAY,
    phase: 'soaking',
    percentage: 25,
    step: 2,
    steps: [10, 25, 50, 75, 100].map((percentage) => ({ percentage, soakMs: DAY })),
    wait: {
      why: '25 % soaks before 50 %',
      sinceMs: NOON - DAY,
      untilMs: NOON + 3 * 3_600_000,
      verbs: ['pause', 'abort'],
    },
    health: { outcome: 'healthy', why: '2 alarms are OK', atMs: NOON - 1_000 },
    guards: [],
    gates: [],
    checklist: [],
    planHash: '0123456789ab',
    log: [
      { atMs: NOON - 2 * DAY, what: 'started', by: 'alice' },
      { atMs: NOON - DAY, what: '25 % written and read back' },
    ],
    ...changes,
  };
}

export function withoutWait(changes: Partial<RolloutStatus> = {}): RolloutStatus {
  const { wait: _wait, ...status } = soakingStatus(changes);
  return status;
}

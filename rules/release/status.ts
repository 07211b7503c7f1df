import type { Wait } from '../rollout/status/status';
import type { ReleaseOutcome, ReleaseState, Stage, StageState } from './release';

/** Status of a release, the same for the query, the CLI and the Web UI. Plain JSON, times in ms since 1970. */
export interface ReleaseStatus {
  readonly service: string;
  readonly environment: string;
  readonly workflowId: string;
  readonly startedBy: string;
  readonly startedAtMs: number;
  readonly reason?: string;
  readonly stage: Stage | 'ended';
  readonly stages: readonly StageState[];
  /** The stage that the release waits for; the stage's own status shows what it waits for. */
  readonly wait?: Wait;
  readonly outcome?: ReleaseOutcome;
}

export interface Named {
  readonly service: string;
  readonly environment: string;
  readonly workflowId: string;
}

/** Verbs that act on the workflow of the stage. */
const VERBS: Readonly<Record<Stage, readonly string[]>> = {
  deployment: ['approve --deployment', 'reject --deployment', 'checklist --deployment --tick', 'abort'],
  verification: ['abort'],
  rollout: ['approve', 'checklist --tick', 'pause', 'resume', 'promote', 'abort'],
};

export function releaseStatus(named: Named, state: ReleaseState, nowMs: number): ReleaseStatus {
  const { startedBy, startedAtMs, reason, stages, outcome } = state;
  const current = stages.find((one) => one.state === 'running') ?? stages.find((one) => one.state === 'open');
  const ended = outcome !== undefined || current === undefined;
  return {
    ...named,
    ...{ startedBy, startedAtMs, stages, stage: ended ? 'ended' : current.stage },
    reason,
    ...(ended ? {} : { wait: waitFor(state, current, nowMs) }),
    outcome,
  };
}

function waitFor({ aborted }: ReleaseState, { stage, sinceMs }: StageState, nowMs: number): Wait {
  const stopping = aborted === undefined ? '' : `, which is being aborted: ${aborted.why}`;
  const verbs = aborted === undefined ? VERBS[stage] : [];
  return { why: `the ${stage} must end${stopping}`, sinceMs: sinceMs ?? nowMs, verbs };
}

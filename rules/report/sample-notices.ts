import type { DeploymentOutcome, DeploymentStatus } from '../deployment/status';
import { withLinks } from '../notify/channels';
import { consoleLinks } from '../notify/links';
import { type Notice, NOTICE_KINDS, type NoticeKind, titleOf } from '../notify/notice';
import type { EnvironmentPlan } from '../plan/environment-plan';
import { concernWords } from '../rollout/outside/unwatched';
import { LATE_WRITE_MS } from '../rollout/zero';
import type { Outcome, RolloutStatus, Wait } from '../rollout/status/status';
import type { Verification } from '../verification/verification';
import { pasted } from './commands';
import { deploymentNoticeOf } from './deployment-notice';
import { noticeOf } from './rollout-notice';
import { unwatchedNotice } from './unwatched-notice';
import { verificationNotices } from './verification-notice';

const HOUR_MS = 3_600_000;
const PERSON = 'ada';
const TEMPLATE = '0123456789ab';

/** A notice of each kind as this plan would send it, about a rollout that was never begun: for people who set up channels. */
export function sampleNotices(plan: EnvironmentPlan, nowMs: number): readonly Notice[] {
  return NOTICE_KINDS.map((kind) => sampleOf(plan, kind, nowMs));
}

/** What `rollout notify --test` sends. */
export function testNotice(plan: EnvironmentPlan, by: string, nowMs: number): Notice {
  const { service, environment } = plan;
  const commands = [pasted(`rollout status ${environment}`)];
  return {
    kind: 'started',
    key: 'test',
    title: titleOf(`TEST: ${service} ${environment}: can you read this?`),
    text: `${by} tries the channels of ${service} ${environment}. Nothing happened, and nothing has to be done.\nYou can: ${commands.join(', ')}`,
    about: {
      ...{ service, environment, workflowId: idOf(plan, 'rollout'), atMs: nowMs },
      commands,
      links: consoleLinks(plan),
    },
    test: true,
  };
}

const idOf = ({ service, environment }: EnvironmentPlan, kind: string): string => `${kind}-${service}-${environment}`;

function sampleOf(plan: EnvironmentPlan, kind: NoticeKind, nowMs: number): Notice {
  const zone = plan.windows[0]?.zone ?? 'UTC';
  const occasion = { kind, key: `sample-${kind}` };
  if (kind === 'unwatched') return unwatchedSample(plan, nowMs);
  if (kind === 'verification-failed') return verificationSample(plan, nowMs, zone);
  const deployment = DEPLOYMENTS[kind];
  if (deployment !== undefined) {
    const status = { ...deploymentStatus(plan, nowMs), ...deployment(plan, nowMs) };
    return withLinks(deploymentNoticeOf(occasion, status, nowMs, zone), consoleLinks(plan));
  }
  const status = { ...rolloutStatus(plan, nowMs), ...ROLLOUTS[kind]?.(plan, nowMs) };
  const alarm = plan.watch.alarms[0]?.name;
  return withLinks(
    noticeOf(occasion, status, nowMs, zone),
    consoleLinks(plan, kind === 'rolling-back' || kind === 'rolled-back' ? alarm : undefined),
  );
}

/** Soaks at the first step, healthy. */
function rolloutStatus(plan: EnvironmentPlan, nowMs: number): RolloutStatus {
  const { service, environment, steps } = plan;
  const [first, second] = steps;
  return {
    service,
    environment,
    workflowId: idOf(plan, 'rollout'),
    contact: plan.contact,
    startedBy: PERSON,
    startedAtMs: nowMs - HOUR_MS,
    phase: 'soaking',
    percentage: first?.percentage ?? 0,
    step: 1,
    steps,
    next: second?.percentage,
    wait: { why: 'it soaks', sinceMs: nowMs, untilMs: nowMs + (first?.soakMs ?? 0), verbs: ['pause', 'abort'] },
    health: { outcome: 'healthy', why: 'the alarms are OK', atMs: nowMs },
    guards: [],
    gates: [],
    checklist: [],
    planHash: TEMPLATE,
    log: [],
  };
}

type Changes<Status> = (plan: EnvironmentPlan, nowMs: number) => Partial<Status>;

const waiting = (nowMs: number, why: string, verbs: readonly string[]): Wait => ({
  why,
  sinceMs: nowMs - HOUR_MS,
  verbs,
});

function ending(outcome: Outcome['outcome'], why: string): Changes<RolloutStatus> {
  return ({ steps, watch }, nowMs) => ({
    phase: 'ended',
    wait: undefined,
    percentage: outcome === 'completed' ? steps.at(-1)?.percentage : 0,
    outcome: { outcome, why, atMs: nowMs, alarm: outcome === 'rolled-back' ? watch.alarms[0]?.name : undefined },
  });
}

/** What differs from a rollout that soaks. */
const ROLLOUTS: Readonly<Partial<Record<NoticeKind, Changes<RolloutStatus>>>> = {
  started: (_, nowMs) => ({ percentage: 0, step: 0, phase: 'starting', wait: waiting(nowMs, 'it starts', []) }),
  waiting: (_, nowMs) => ({
    phase: 'approving',
    wait: waiting(nowMs, 'the next raise needs 1 approval', ['approve', 'reject', 'pause', 'abort']),
  }),
  held: (_, nowMs) => ({ phase: 'holding', wait: waiting(nowMs, 'on hold: no data for 10 min', ['resume', 'abort']) }),
  paused: (_, nowMs) => ({ phase: 'paused', wait: waiting(nowMs, `paused by ${PERSON}`, ['resume', 'abort']) }),
  overdue: (_, nowMs) => ({
    phase: 'approving',
    wait: {
      ...waiting(nowMs, 'the next raise needs 1 approval', ['approve', 'reject', 'pause', 'abort']),
      deadline: { atMs: nowMs, then: 'continue' },
    },
  }),
  'zero-not-confirmed': (_, nowMs) => ({
    phase: 'rolling-back',
    percentage: undefined,
    percentageUnknown: 'SSM does not answer',
    wait: waiting(nowMs, 'SSM does not answer', []),
  }),
  'rolling-back': (_, nowMs) => ({
    phase: 'rolling-back',
    percentage: 0,
    wait: {
      ...waiting(nowMs, '0 % is written; a second check follows (threshold crossed)', []),
      sinceMs: nowMs,
      untilMs: nowMs + LATE_WRITE_MS,
    },
  }),
  'rolled-back': ending('rolled-back', 'threshold crossed'),
  aborted: ending('aborted', `aborted by ${PERSON}`),
  completed: ending('completed', 'healthy until the end of the watch'),
};

function deploymentStatus(plan: EnvironmentPlan, nowMs: number): DeploymentStatus {
  const { service, environment, deployment, contact } = plan;
  return {
    service,
    environment,
    workflowId: idOf(plan, 'deployment'),
    startedBy: PERSON,
    startedAtMs: nowMs - HOUR_MS,
    phase: 'approving',
    template: TEMPLATE,
    changes: [],
    mutableImages: [],
    approvals: { required: deployment?.approvals.required ?? 1, given: [] },
    checklist: [],
    contact,
    log: [],
  };
}

const deployed = (outcome: DeploymentOutcome['outcome'], why: string): Changes<DeploymentStatus> => {
  return (_, nowMs) => ({ phase: 'ended', outcome: { outcome, why, atMs: nowMs } });
};

const DEPLOYMENTS: Readonly<Partial<Record<NoticeKind, Changes<DeploymentStatus>>>> = {
  'deployment-waiting': (_, nowMs) => ({
    wait: waiting(nowMs, 'it needs 1 approval', [`approve --template ${TEMPLATE}`, 'reject', 'abort']),
  }),
  'deployment-failed': deployed('failed', 'a resource could not be created'),
  'deployment-done': deployed('deployed', 'every stack is deployed'),
};

function unwatchedSample(plan: EnvironmentPlan, nowMs: number): Notice {
  const percentage = plan.steps[0]?.percentage;
  const why = concernWords(
    {
      kind: 'look',
      key: 'sample',
      sinceMs: nowMs - HOUR_MS,
      why: 'no check succeeds',
      remedy: 'see that a worker runs',
    },
    percentage,
  );
  return unwatchedNotice(plan, {
    ...{ workflowId: idOf(plan, 'rollout'), why, percentage, nowMs },
    key: 'sample-unwatched',
  });
}

function verificationSample(plan: EnvironmentPlan, nowMs: number, zone: string): Notice {
  const { service, environment, contact } = plan;
  const part = { part: 'health', state: 'failed', why: 'it answers 503 and not 200', required: true } as const;
  const verification: Verification = {
    ...{ service, environment, by: PERSON, startedAtMs: nowMs, notes: [], template: TEMPLATE },
    ...{ parts: [part], why: 'health failed' },
    outcome: 'failed',
  };
  const around = { workflowId: idOf(plan, 'verification'), contact, nowMs, zone };
  const [notice] = verificationNotices(verification, around);
  return withLinks({ ...notice!, key: 'sample-verification-failed' }, consoleLinks(plan));
}

import { Context } from '@temporalio/activity';
import type { Check, CheckAnswer, CheckResult } from '../../../rules/checks/check';
import { mayTurn, unknown } from '../../../rules/checks/check';
import type { HookCall } from '../../../rules/checks/hooks';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { formatDuration } from '../../../rules/format';
import type { AwsFor } from '../../aws';
import { nameOf, reasonOf } from '../../failures';
import { withHeartbeat } from '../../heartbeat';
import { poll } from '../../poll';
import type { Asking } from './asking';
import { askCommand } from './command';
import { askExecution } from './execution';
import { askHttp } from './http';
import { askLambda } from './lambda';
import { askMetric } from './metric';
import { instancesOnOldSide, noneInFlight } from './old-side';
import * as ready from './ready';
import { within } from '../../within';
import type { TemporalKnown } from '../../act/flag/owner';
import { notOwnCheck } from '../../../rules/identity/own-plan';

export interface CheckOrder {
  readonly plan: EnvironmentPlan;
  readonly check: Check;
  /** Earlier events do not count. */
  readonly sinceMs: number;
  /** Id of the checklist item that it proves, for people. */
  readonly item?: string;
  /** Set when it is asked as a hook: a receiver of http learns of what, and recognises a copy. */
  readonly hook?: HookCall;
  /** How long it is asked again while the answer is not yes, if it may turn and asking changes nothing; once when left out. */
  readonly againForMs?: number;
}

/** What a worker knows besides AWS. */
type Knowing = Pick<Asking, 'lastRollout' | 'jobKinds'> & Pick<TemporalKnown, 'onlyPlans'>;

const AGAIN_EVERY_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Asks any check and answers yes, no or unknown with why. What cannot be asked, or not within its limit, is unknown; only a
 * cancellation throws. Another attempt asks again: it follows the same execution, but runs a command or a function again.
 */
export function createChecks(awsFor: AwsFor, { lastRollout, jobKinds = [], onlyPlans }: Partial<Knowing> = {}) {
  return {
    async runCheck({ plan, check, sinceMs, hook, againForMs = 0 }: CheckOrder): Promise<CheckResult> {
      const startedAtMs = Date.now();
      const why = onlyPlans && notOwnCheck(onlyPlans, check);
      if (why !== undefined) return { ...unknown(why), startedAtMs, tookMs: 0 };
      const once = (): Promise<CheckAnswer> => asked(check, { plan, sinceMs, hook, awsFor, lastRollout, jobKinds });
      const again = { everyMs: AGAIN_EVERY_MS, longestMs: LONGEST_PAUSE_MS, withinMs: againForMs };
      const mayRepeat = mayTurn(check) || (hook !== undefined && check.kind === 'http');
      const answer = mayRepeat
        ? await withHeartbeat(() => poll(once, { until: ({ outcome }) => outcome === 'yes', ...again }))
        : await once();
      return { ...answer, startedAtMs, tookMs: Date.now() - startedAtMs };
    },
  };
}

async function asked(check: Check, around: Omit<Asking, 'signal' | 'deadlineMs'>): Promise<CheckAnswer> {
  const { cancellationSignal } = Context.current();
  const limit = within(check.withinMs);
  const signal = AbortSignal.any([cancellationSignal, limit]);
  const asking = { ...around, signal, deadlineMs: Date.now() + check.withinMs };
  try {
    return await answerOf(check, asking);
  } catch (error) {
    cancellationSignal.throwIfAborted();
    if (limit.aborted) return unknown(`it was not answered within ${formatDuration(check.withinMs)}`);
    return unknown(`it could not be checked: ${nameOf(error)}: ${reasonOf(error)}`);
  }
}

function answerOf(check: Check, asking: Asking): Promise<CheckAnswer> {
  switch (check.kind) {
    case 'http':
      return askHttp(check, asking);
    case 'command':
      return withHeartbeat(() => askCommand(check, asking));
    case 'metric':
      return askMetric(check, asking);
    case 'execution':
      return withHeartbeat(() => askExecution(check, asking));
    case 'lambda':
      return withHeartbeat(() => askLambda(check, asking));
    case 'dashboard-has-data':
      return ready.dashboard(check.dashboard, asking);
    case 'alarms-quiet':
      return withHeartbeat(() => ready.alarmsQuiet(asking));
    case 'rollout-completed':
      return withHeartbeat(() => ready.rolloutCompleted(check.environment, asking));
    case 'team-notified':
      return Promise.resolve(unknown('only a rollout or a deployment notifies the team, and proves it'));
    case 'no-open-incident':
      return withHeartbeat(() => ready.noOpenIncident(check.url, asking));
    // Their heartbeats carry the running jobs to the next attempt.
    case 'sample-jobs':
    case 'end-to-end':
      return ready.jobs(check.kind, asking);
    case 'jobs-on-old-side':
      return ready.jobsOnOldSide(asking);
    case 'instances-on-old-side':
      return instancesOnOldSide(asking);
    case 'none-in-flight':
      return noneInFlight(asking);
    case 'rollback-template-kept':
      return withHeartbeat(() => ready.templateKept(asking));
  }
}

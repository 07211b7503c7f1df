import type { EnvironmentPlan } from '../../rules/plan/environment-plan';
import type { Fact } from '../../rules/report/picture/facts';
import { type Known, reportOf, type RolloutReport } from '../../rules/report/picture/report';
import type { Verification } from '../../rules/verification/verification';
import { deploymentWorkflowId, verificationQuery, verificationWorkflowId } from '../../workflows/messages';
import { inTime, type Temporal, webLink } from '../temporal/connect';
import { findDeployment } from '../temporal/find-deployment';
import type { RolloutView } from '../temporal/find-rollout';
import { nowMsOf } from '../temporal/server-clock';
import { describeIfThere } from '../temporal/describe';
import { askWorkflow } from '../temporal/worker-polls';
import { explain } from '../temporal/explain-error';
import { localZone } from '../terminal/render';
import { readHistory, type RunHistory } from './history-facts';

/** A rollout of weeks continues in a new run now and then; older ones than these are said to be missing. */
const RUNS_READ = 20;
const HISTORY_WITHIN_MS = 20_000;

/** Runs that have ended do not change. */
export class KnownRuns {
  private readonly runs = new Map<string, { readonly length: number; readonly run: RunHistory }>();

  async of(temporal: Temporal, workflowId: string, runId: string): Promise<RunHistory> {
    const handle = temporal.client.workflow.getHandle(workflowId, runId);
    const { historyLength } = await inTime(temporal, () => handle.describe());
    const known = this.runs.get(runId);
    if (known?.length === historyLength) return known.run;
    const history = await temporal.connection.withDeadline(Date.now() + HISTORY_WITHIN_MS, () => handle.fetchHistory());
    const run = readHistory(history);
    this.runs.set(runId, { length: historyLength, run });
    return run;
  }
}

interface Past {
  readonly plan?: EnvironmentPlan;
  readonly facts?: readonly Fact[];
  readonly notKnown: readonly string[];
}

/** Everything about one rollout that Temporal and its workflows know, as a report. */
export async function findReport(
  temporal: Temporal,
  seen: RolloutView,
  runs: KnownRuns = new KnownRuns(),
): Promise<RolloutReport> {
  const { status, running, runId, queryError, concerns = [] } = seen;
  const { service, environment, workflowId } = status;
  const [past, beside] = await Promise.all([
    pastOf(temporal, { workflowId, runId }, runs),
    besideOf(temporal, service, environment),
  ]);
  const { notKnown: missing, ...known } = beside;
  const notKnown = [
    ...(queryError === undefined
      ? []
      : [`The rollout does not answer, so gates, log and health are missing: ${queryError}.`]),
    ...concerns.map(({ why, remedy }) => `It may not be watched: ${why}. ${remedy}.`),
    ...(status.percentageUnknown === undefined ? [] : [`The percentage is not known: ${status.percentageUnknown}.`]),
    ...past.notKnown,
    ...missing,
  ];
  const link = webLink(temporal, workflowId, runId);
  const whole: Known = { status, running, runId, link, newest: seen.look, ...past, ...known, notKnown };
  return reportOf(whole, nowMsOf(temporal), localZone());
}

async function pastOf(
  temporal: Temporal,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
  runs: KnownRuns,
): Promise<Past> {
  const found: RunHistory[] = [];
  let next: string | undefined = runId;
  try {
    while (next !== undefined && found.length < RUNS_READ) {
      const run: RunHistory = await runs.of(temporal, workflowId, next);
      found.unshift(run);
      next = run.continuesRunId;
    }
  } catch (error) {
    const why = explain(error, temporal).message;
    const what = found.length === 0 ? 'The history' : 'The beginning of the history';
    return { ...pastIn(found), notKnown: [`${what} could not be read from Temporal: ${why}`] };
  }
  return {
    ...pastIn(found),
    notKnown: next === undefined ? [] : ['The beginning is missing: the rollout has too many runs.'],
  };
}

const pastIn = (found: readonly RunHistory[]): Omit<Past, 'notKnown'> =>
  found.length === 0 ? {} : { plan: found.at(-1)?.input?.plan, facts: found.flatMap(({ facts }) => facts) };

async function besideOf(
  temporal: Temporal,
  service: string,
  environment: string,
): Promise<Pick<Known, 'deployment' | 'verification' | 'notKnown'>> {
  const notKnown: string[] = [];
  const missing =
    (what: string) =>
    (error: unknown): undefined => {
      notKnown.push(`${what} is not known: ${explain(error, temporal).message}`);
      return undefined;
    };
  const [deployment, verification] = await Promise.all([
    findDeployment(temporal, deploymentWorkflowId(service, environment)).catch(missing('The deployment')),
    findVerification(temporal, verificationWorkflowId(service, environment)).catch(missing('The verification')),
  ]);
  return { deployment: deployment?.status, verification, notKnown };
}

async function findVerification(temporal: Temporal, workflowId: string): Promise<Verification | undefined> {
  const handle = temporal.client.workflow.getHandle(workflowId);
  if ((await describeIfThere(temporal, handle)) === undefined) return undefined;
  const asked = await askWorkflow(temporal, handle, verificationQuery);
  if ('unanswered' in asked) throw new Error(asked.unanswered);
  return asked.answer;
}

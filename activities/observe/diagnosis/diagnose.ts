import { Context } from '@temporalio/activity';
import type { Diagnosis, LogExcerpt } from '../../../rules/diagnosis/diagnosis';
import type { Evidence, Signs } from '../../../rules/diagnosis/signs';
import { remedyFor } from '../../../rules/deployment/deployable';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { recognise } from '../../../rules/diagnosis/recognise';
import type { AwsFor } from '../../aws';
import { readCompute } from './compute';
import { readFailedExecutions } from './executions';
import { readExcerpts } from './logs';
import { distinctRoles, readBucket, readRoles } from './storage';
import { Notes } from './notes';
import type { Observation } from '../guards/observation';
import { within } from '../../within';

export interface DiagnosisOrder {
  readonly plan: Pick<EnvironmentPlan, 'aws' | 'diagnosis' | 'watch' | 'infrastructure'>;
  /** ARN of the execution to explain; default: the newest that failed. */
  readonly execution?: string;
  /** Ignore failures before this; default: a day ago. */
  readonly sinceMs?: number;
  /** How long the caller waits; the search takes at most 25 s. */
  readonly withinMs?: number;
}

const LOOK_MS = 25_000;
/** Share of the caller's time; the rest is for the answer, which reports what was not finished. */
const SHARE = 0.8;
const DAY_MS = 86_400_000;

/**
 * Reads executions, jobs, machines, bucket and logs, and reports what is wrong with them according to AWS. It changes
 * nothing and does not fail: what cannot be read is reported among the findings.
 */
export function createDiagnosis(awsFor: AwsFor): { diagnose(order: DiagnosisOrder): Promise<Diagnosis> } {
  return {
    async diagnose({ plan, execution, sinceMs, withinMs = Infinity }) {
      const nowMs = Date.now();
      const { aws } = plan;
      const lookMs = Math.min(LOOK_MS, Math.floor(withinMs * SHARE));
      const abortSignal = within(lookMs, Context.current().cancellationSignal);
      const look: Observation = { clients: awsFor(aws), aws, nowMs, sinceMs: sinceMs ?? nowMs - DAY_MS, abortSignal };
      const notes = new Notes();
      const { signs, logs } = await readSigns({ plan, execution }, look, notes);
      const causes = recognise(signs).map((cause) => ({ ...cause, remedy: remedyFor(plan, cause.remedy) }));
      return { atMs: nowMs, sinceMs: look.sinceMs, causes, looks: notes.looks, logs };
    },
  };
}

async function readSigns(
  { plan, execution }: DiagnosisOrder,
  look: Observation,
  notes: Notes,
): Promise<{ readonly signs: Signs; readonly logs: readonly LogExcerpt[] }> {
  const places = plan.diagnosis ?? {};
  const { stateMachine, bucket: bucketName, logGroups = [] } = places;
  const named = {
    stateMachine,
    execution,
  };
  const [executions, { streams, ...compute }, bucket] = await Promise.all([
    readFailedExecutions(named, look, notes),
    readCompute(places, look, notes),
    bucketName === undefined ? undefined : readBucket(bucketName, look, notes),
  ]);
  const [roles, logs] = await Promise.all([
    readRoles(distinctRoles(compute.jobDefinitions.map(({ jobRoleArn }) => jobRoleArn)), places, look, notes),
    readExcerpts(logGroups, streams, look, notes),
  ]);
  const signs: Signs = {
    nowMs: look.nowMs,
    region: look.aws.region,
    userErrors: plan.watch.guards.flatMap((guard) => (guard.kind === 'executions' ? guard.userErrors : [])),
    executions,
    ...compute,
    bucket,
    roles,
    logLines: logs.flatMap(linesOf),
  };
  return { signs, logs };
}

const linesOf = ({ group, lines }: LogExcerpt): readonly Evidence[] =>
  lines.map(({ atMs, text }) => ({ source: 'FilterLogEvents', where: group, atMs, says: text }));

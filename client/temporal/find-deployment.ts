import { describeDeployment } from '../../rules/report/deployment';
import type { DeploymentStatus } from '../../rules/deployment/status';
import { deploymentQuery } from '../../workflows/messages';
import type { Temporal } from './connect';
import { webLink } from './connect';
import { changesLines } from '../terminal/render';
import { CliError } from '../terminal/cli-error';
import type { DeploymentAnswer } from '../answers/answers';
import type { Answer } from '../terminal/output';
import { localZone } from '../terminal/render';
import { describeIfThere } from './describe';
import { askWorkflow } from './worker-polls';
import { nowMsOf } from './server-clock';

/** A deployment as found in Temporal, with its own status. */
export interface SeenDeployment {
  readonly status: DeploymentStatus;
  readonly running: boolean;
  readonly runId: string;
}

/** The newest one under this id; undefined when there never was one. Throws a Failure when it runs and cannot be queried. */
export async function findDeployment(temporal: Temporal, workflowId: string): Promise<SeenDeployment | undefined> {
  const handle = temporal.client.workflow.getHandle(workflowId);
  const described = await describeIfThere(temporal, handle);
  if (described === undefined) return undefined;
  const asked = await askWorkflow(temporal, handle, deploymentQuery);
  if ('unanswered' in asked) throw new CliError(1, `The state of the deployment is NOT KNOWN: ${asked.unanswered}.`);
  return { status: asked.answer, running: described.status.name === 'RUNNING', runId: described.runId };
}

/** The state, with all that the deployment would change, security first. */
export function deploymentAnswer(
  temporal: Temporal,
  { status, running, runId }: SeenDeployment,
): Answer<DeploymentAnswer> {
  const link = webLink(temporal, status.workflowId, runId);
  const text = [
    describeDeployment(status, nowMsOf(temporal), localZone()),
    ...(running ? changesLines(status.changes) : []),
    ...(link === undefined ? [] : ['', `Web UI: ${link}`]),
  ].join('\n');
  return { text, json: { ...status, running, runId, link } };
}

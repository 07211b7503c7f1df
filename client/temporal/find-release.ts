import type { ReleaseStatus } from '../../rules/release/status';
import { describeRelease } from '../../rules/report/release';
import { releaseQuery } from '../../workflows/messages';
import type { Temporal } from './connect';
import { webLink } from './connect';
import type { ReleaseAnswer } from '../answers/answers';
import type { Answer } from '../terminal/output';
import { localZone } from '../terminal/render';
import { describeIfThere } from './describe';
import { askWorkflow } from './worker-polls';
import { nowMsOf } from './server-clock';

/** A release as found in Temporal, with its own status. */
export interface SeenRelease {
  readonly status: ReleaseStatus;
  readonly running: boolean;
  readonly runId: string;
}

/** The newest one under this id; undefined when there never was one, and when no worker answers. */
export async function findRelease(temporal: Temporal, workflowId: string): Promise<SeenRelease | undefined> {
  const handle = temporal.client.workflow.getHandle(workflowId);
  const described = await describeIfThere(temporal, handle);
  if (described === undefined) return undefined;
  const asked = await askWorkflow(temporal, handle, releaseQuery);
  if ('unanswered' in asked) return undefined;
  return { status: asked.answer, running: described.status.name === 'RUNNING', runId: described.runId };
}

export function releaseAnswer(temporal: Temporal, { status, running, runId }: SeenRelease): Answer<ReleaseAnswer> {
  const link = webLink(temporal, status.workflowId, runId);
  const text =
    describeRelease(status, nowMsOf(temporal), localZone()) + (link === undefined ? '' : `\n\nWeb UI: ${link}`);
  return { text, json: { ...status, running, runId, link } };
}

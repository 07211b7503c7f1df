import { log, proxyActivities, setCurrentDetails, sleep } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import { type AuditHead, NO_HEAD } from '../../rules/audit/entry';
import { batchOf } from '../../rules/audit/waiting';
import { backoffMs } from '../../rules/backoff';
import { causeOf } from '../cancellable';
import type { AuditInput, AuditReading, AuditReadInput } from '../messages';

const { writeAudit } = proxyActivities<Pick<Activities, 'writeAudit'>>({
  startToCloseTimeout: '1m',
  heartbeatTimeout: '10s',
  scheduleToCloseTimeout: '10m',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
});

/** Shorter than the client waits. */
const { readAudit } = proxyActivities<Pick<Activities, 'readAudit'>>({
  startToCloseTimeout: '100s',
  scheduleToCloseTimeout: '110s',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '500ms', maximumAttempts: 2 },
});

const AGAIN_MS = 10_000;
const LONGEST_AGAIN_MS = 3_600_000;

/** Writes what a workflow had not written to the audit record when it ended. Tries until its own time is over. */
export async function audit({ events, ...input }: AuditInput): Promise<AuditHead> {
  let waiting = events;
  let head = input.head;
  for (let failures = 0; waiting.length > 0;) {
    const batch = batchOf({ waiting });
    try {
      head = await writeAudit({ ...input, head, events: batch });
      waiting = waiting.slice(batch.length);
      failures = 0;
    } catch (error) {
      failures += 1;
      const said = `${waiting.length} entries of ${input.source.workflowId} are not in the audit record yet: ${causeOf(error)}`;
      log.warn(said);
      setCurrentDetails(said);
      await sleep(backoffMs(failures, AGAIN_MS, LONGEST_AGAIN_MS));
    }
  }
  return head ?? NO_HEAD;
}

/** Workflow type `auditRead`: reads and verifies the record, for the client, which has no AWS access. */
export function auditRead({ plan, heads }: AuditReadInput): Promise<AuditReading> {
  const { service, environment, aws, audit } = plan;
  return readAudit({ service, environment, aws, audit, heads });
}

import { proxyActivities } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { AdoptionLook, Looked } from '../../rules/adoption/look';
import { ownerParameterOf } from '../../rules/rollout/owner';
import { causeOf } from '../cancellable';
import type { AdoptableInput } from '../messages';

/** Together shorter than the client waits. */
const READ = {
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '30s',
  retry: { initialInterval: '500ms', maximumAttempts: 3 },
} as const;
const reading = proxyActivities<Pick<Activities, 'readFlag' | 'readFlagHistory' | 'readOwner'>>(READ);
const { readAudit } = proxyActivities<Pick<Activities, 'readAudit'>>({
  startToCloseTimeout: '50s',
  scheduleToCloseTimeout: '50s',
  heartbeatTimeout: '10s',
  retry: { maximumAttempts: 1 },
});

/** Each read fails alone: what is not known is shown so. The flag comes last, and is newer than all that is said of it. */
export async function adoptable({ plan }: AdoptableInput): Promise<AdoptionLook> {
  const { service, environment, aws, flag, audit } = plan;
  const [owner, history, record] = await Promise.all([
    looked(reading.readOwner({ aws, parameter: ownerParameterOf(flag) })),
    looked(reading.readFlagHistory({ aws, flag })),
    audit === undefined ? undefined : looked(readAudit({ service, environment, aws, audit, heads: [] })),
  ]);
  return { owner, history, record, flag: await looked(reading.readFlag({ aws, flag })) };
}

async function looked<T>(read: Promise<T>): Promise<Looked<T>> {
  try {
    return { is: await read };
  } catch (error) {
    return { notKnown: causeOf(error) };
  }
}

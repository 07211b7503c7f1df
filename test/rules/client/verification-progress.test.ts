import type { Client } from '@temporalio/client';
import { verificationProgress } from '../../../client/deployment/verification-progress';
import { beginVerification } from '../../../rules/verification/verification';
import { aPlan } from '../../helpers/samples/plans';
import { NOON } from '../../helpers/samples/rollout-status';

/** Of a verification that began at noon; its parts run. */
function clientThatKnows(): Client {
  const verification = beginVerification({ plan: aPlan({}), by: 'ada', nowMs: NOON });
  const parts = [{ part: 'health', state: 'passed', why: 'every instance is up', required: true }];
  const handle = { query: () => Promise.resolve({ ...verification, parts }) };
  return { workflow: { getHandle: () => handle } } as unknown as Client;
}

describe('what a deployment shows of its verification', () => {
  it('is nothing of one that began before it', async () => {
    expect(await verificationProgress('verification-pavi-prod')(clientThatKnows(), NOON + 1)).toBeUndefined();
  });

  it('is every part of its own, once', async () => {
    const progress = verificationProgress('verification-pavi-prod');
    expect(await progress(clientThatKnows(), NOON)).toContain('health: every instance is up');
    expect(await progress(clientThatKnows(), NOON)).toBeUndefined();
  });
});

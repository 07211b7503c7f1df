import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { ExecutionOrder } from '../../../activities/act/jobs/verify-jobs';
import type { Verification } from '../../../rules/verification/verification';
import { TASK_QUEUE, verificationQuery, verificationWorkflowId } from '../../../workflows/messages';
import { Rig } from '../../helpers/temporal/rig';
import { asked, planOf, VerificationHands } from '../../helpers/samples/verification-activities';

let rig: Rig;
beforeAll(async () => {
  // One worker after the other: the time-skipping server would wait for the one that is gone.
  rig = await Rig.startReal();
});
afterAll(() => rig.stop());

it('submits nothing twice when its worker goes away while a job runs, or an execution does', async () => {
  const hands = new VerificationHands(rig.aws());
  const hung: string[] = [];
  const hang = (what: string) => async (): Promise<never> => {
    hung.push(what);
    const beat = setInterval(() => Context.current().heartbeat(), 100);
    return Context.current().cancelled.finally(() => clearInterval(beat));
  };
  const handle = await rig.env.client.workflow.start<(input: object) => Promise<Verification>>('verification', {
    ...{ taskQueue: TASK_QUEUE, workflowId: verificationWorkflowId('pavi', 'prod') },
    args: [{ plan: planOf({ ...asked, monitorMs: 1_000 }), startedBy: 'ada' }],
  });
  const until = async (what: string): Promise<void> => {
    while (!hung.includes(what)) await sleep(50);
    const { parts } = await handle.query(verificationQuery);
    expect(parts.filter(({ state }) => state === 'running')).toHaveLength(1);
  };
  await rig.runWith(hands.activities({ followVerificationJob: hang('job') }), () => until('job'));
  const runVerificationExecution = async (order: ExecutionOrder): Promise<never> => {
    hands.executed.push(order);
    return hang('execution')();
  };
  await rig.runWith(hands.activities({ runVerificationExecution }), () => until('execution'));
  await rig.runWith(hands.activities(), async () => {
    expect(await rig.remember(handle).result()).toMatchObject({ outcome: 'passed' });
  });
  expect(hands.submitted.map(({ job }) => job)).toEqual(['job.json', 'failing.json']);
  expect(hands.followed[0]?.uuid).toBe('job-1');
  expect(hands.executed).toHaveLength(2);
  expect(new Set(hands.executed.map(({ name }) => name)).size).toBe(1);
});

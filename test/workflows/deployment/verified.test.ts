import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { abortSignal, verificationWorkflowId } from '../../../workflows/messages';
import { Deployments } from '../../helpers/samples/deployments';
import { aPlan } from '../../helpers/samples/plans';
import { Rig } from '../../helpers/temporal/rig';
import { asked, planOf, VerificationHands } from '../../helpers/samples/verification-activities';

let rig: Rig;
let deployments: Deployments;
let hands: VerificationHands;
beforeAll(async () => {
  rig = await Rig.start();
});
afterAll(() => rig.stop());
beforeEach(() => {
  deployments = new Deployments(rig);
  hands = new VerificationHands(deployments.aws);
});

const verified: Partial<EnvironmentPlan> = { verification: asked, watch: planOf(asked).watch };
const { service, environment } = aPlan();
const workflowId = verificationWorkflowId(service, environment);

/** The activities of a verification, with the record of the deployments. */
const activitiesWith = (changes: object = {}) => {
  const { readDeployed: _readDeployed, ...rest } = hands.activities();
  return { ...rest, ...changes };
};

describe('a deployment that is verified', () => {
  it('runs the verification that can be followed by itself, and tells what it found', async () => {
    await deployments.running(
      verified,
      async (handle) => {
        const { stacks, verification } = await handle.result();
        expect(stacks).toMatchObject([{ outcome: 'updated' }]);
        expect(verification).toEqual({ passed: true, why: '7 of 7 parts passed', workflowId });
        rig.remember(rig.env.client.workflow.getHandle(workflowId));
      },
      activitiesWith(),
    );
    expect(hands.verified).toMatchObject([{ template: 't1', passed: true }]);
  });

  it('stays deployed when its verification fails, and reports it', async () => {
    await deployments.running(
      verified,
      async (handle) => {
        const { stacks, verification } = await handle.result();
        expect(stacks).toMatchObject([{ outcome: 'updated' }]);
        expect(verification).toMatchObject({ passed: false, why: expect.stringContaining('health') });
      },
      activitiesWith({ checkHealth: async () => ({ ok: false, why: 'answered 503' }) }),
    );
    expect(hands.verified).toMatchObject([{ template: 't1', passed: false }]);
    expect(deployments.stacks.records.get(environment)?.deployed?.template).toBe('t1');
  });

  it('ends its verification when it is aborted meanwhile, and keeps what is deployed', async () => {
    await deployments.running(
      verified,
      async (handle) => {
        await deployments.until(handle, ({ phase }) => phase === 'verifying');
        await rig.env.sleep('2m');
        await handle.signal(abortSignal, { by: 'bob', reason: 'seen enough' });
        const { stacks, aborted, verification } = await handle.result();
        expect(stacks).toMatchObject([{ outcome: 'updated' }]);
        expect(aborted).toBeUndefined();
        expect(verification?.passed).toBe(false);
      },
      activitiesWith(),
    );
    expect(hands.verified.filter(({ passed }) => passed)).toEqual([]);
  });

  it('is not verified where the plan names nothing to verify', async () => {
    const result = await deployments.resultOf({});
    expect(result).toMatchObject({ stacks: [{ outcome: 'updated' }] });
    expect(result.verification).toBeUndefined();
  });
});

import { withProof } from '../../../client/input/proof';
import { Target } from '../../../client/target';
import type { RolloutView } from '../../../client/temporal/find-rollout';
import type { Command } from '../../../workflows/messages';
import { aPlan } from '../../helpers/samples/plans';

const before = { ...process.env };
let warned = '';
beforeEach(() => {
  warned = '';
  process.env['AWS_ACCESS_KEY_ID'] = 'AKIAIOSFODNN7EXAMPLE';
  process.env['AWS_SECRET_ACCESS_KEY'] = 'secret';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => ((warned += String(text)), true));
});
afterEach(() => {
  process.env = { ...before };
  jest.restoreAllMocks();
});

const PERMISSIONS = { proof: 'required', raise: [], at: 'permissions' } as const;

/** Whether a resume is signed for a rollout that does not answer, with this plan file. */
async function isSigned(plan: ReturnType<typeof aPlan> | undefined, firstRunId?: string): Promise<boolean> {
  const target = new Target('prod', {});
  jest.spyOn(target.planFile, 'planned').mockImplementation(() => {
    if (plan === undefined) throw new Error('there is no plan file');
    return { plan, file: 'rollout.yaml' };
  });
  const status = { environment: 'prod', workflowId: 'rollout-pavi-prod' } as RolloutView['status'];
  const seen = { status, running: true, runId: 'r2', firstRunId, queryError: 'no worker polls' };
  const command: Command = { by: 'ada' };
  return (await withProof(target, 'resume', command, seen)).proof !== undefined;
}

describe('a resume for a rollout that does not answer', () => {
  it('is signed as the plan file asks, for the first run that Temporal names', async () => {
    expect(await isSigned(aPlan({ permissions: PERMISSIONS }), 'r1')).toBe(true);
    expect(warned).toBe('');
  });

  it('is not signed where the plan file asks for no proof', async () => {
    expect(await isSigned(aPlan(), 'r1')).toBe(false);
    expect(warned).toBe('');
  });

  it('is sent without a proof, and says so, when plan file or first run are not known', async () => {
    expect(await isSigned(undefined, 'r1')).toBe(false);
    expect(warned).toContain('the resume is sent without a proof');
    expect(await isSigned(aPlan({ permissions: PERMISSIONS }))).toBe(false);
    expect(warned).toContain('its run is not known');
  });
});

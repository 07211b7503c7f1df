import fc from 'fast-check';
import type { DeploymentLook } from '../../../rules/stacks/deployed-state';
import { judgeDeployedState, deployedStateWords } from '../../../rules/stacks/deployed-state';
import type { Refusal } from '../../../rules/refusal';
import type { Deployed, Verified } from '../../../rules/stacks/deployment-record';
import { STABLE } from '../../../rules/stacks/stack-status';

const NOON = Date.UTC(2026, 10, 24, 12);
const run = { atMs: NOON, by: 'ada', workflowId: 'w', runId: 'r', template: 't1' };
const deployed = (changes: Partial<Deployed> = {}): Deployed => ({
  ...{ ...run, nextTemplates: {}, states: { Compute: 'c1', Pipeline: 'p1' } },
  ...changes,
});
const verified = (changes: Partial<Verified> = {}): Verified => ({ ...run, passed: true, why: 'all', ...changes });
const stack = (name: string, state: string, status = 'UPDATE_COMPLETE') => ({ name, status, state });
const whole = [stack('Compute', 'c1', 'CREATE_COMPLETE'), stack('Pipeline', 'p1')];

const look = (changes: { deployed?: Deployed; verified?: Verified; stacks?: DeploymentLook['stacks'] }) => {
  const { stacks = whole, ...parts } = changes;
  return { record: { schema: 1 as const, ...parts }, stacks };
};
const both = { deployed: deployed(), verified: verified() };

type Row = readonly [what: string, look: DeploymentLook, why: RegExp, remedy: RegExp];
const DEPLOY = /^run `rollout deploy prod`/;
const rows: readonly Row[] = [
  ['nothing is deployed', look({ verified: verified() }), /of prod: nothing is known to be deployed$/, DEPLOY],
  [
    'it never was verified',
    look({ deployed: deployed() }),
    /t1 is deployed, but was never v/,
    /^run `rollout verify prod`$/,
  ],
  [
    'another template was verified',
    look({ ...both, verified: verified({ template: 't0' }) }),
    /the verification was of template t0/,
    /^run `rollout verify prod`$/,
  ],
  [
    'its verification failed',
    look({ ...both, verified: verified({ passed: false, why: 'health failed: 503' }) }),
    /failed its verification at Tue 24 Nov 2026 12:00:00 UTC: health failed: 503$/,
    /^repair it, then run `rollout deploy prod` or `rollout verify prod`$/,
  ],
  [
    'a stack was changed by hand',
    look({ ...both, stacks: [stack('Compute', 'c1'), stack('Pipeline', 'p2')] }),
    /t1 is recorded as deployed at Tue 24 Nov .*Pipeline was changed from outside since/,
    DEPLOY,
  ],
  [
    'a stack is gone',
    look({ ...both, stacks: [stack('Compute', 'absent', 'absent'), stack('Pipeline', 'p1')] }),
    /the stack Compute does not exist/,
    DEPLOY,
  ],
  [
    'a stack is just being changed',
    look({ ...both, stacks: [stack('Compute', 'c1', 'UPDATE_IN_PROGRESS'), stack('Pipeline', 'p1')] }),
    /Compute is UPDATE_IN_PROGRESS/,
    /as soon as no operation is under way/,
  ],
  [
    'the plan names a stack more',
    look({ ...both, stacks: [...whole, stack('Api', 'a1')] }),
    /without Api, which the plan deploys/,
    DEPLOY,
  ],
  ['the plan names a stack less', look({ ...both, stacks: [stack('Pipeline', 'p1')] }), /with Compute, which/, DEPLOY],
  [
    'it was recorded without what stood',
    look({ ...both, deployed: { ...run, nextTemplates: {} } }),
    /but without the state of its stacks/,
    DEPLOY,
  ],
];

describe('judgeStanding', () => {
  it.each(rows)('refuses when %s, and says what to do', (_what, looked, ...[why, remedy]) => {
    const { refusal } = judgeDeployedState('prod', 'verified', looked) as { readonly refusal?: Refusal };
    expect(refusal).toMatchObject({ rule: 'deployment', remedy: expect.stringMatching(remedy) });
    expect(refusal?.why).toMatch(/^prod must be verified before its rollout; of prod: /);
    expect(refusal?.why).toMatch(why);
  });

  it('says what is deployed, when it was verified and by whom', () => {
    const { standing } = judgeDeployedState(
      'prod',
      'verified',
      look({ ...both, deployed: deployed({ revision: 'abc' }) }),
    );
    expect(standing).toEqual({
      ...{ template: 't1', revision: 'abc', atMs: NOON, by: 'ada' },
      verified: { atMs: NOON, by: 'ada' },
    });
    expect(standing && deployedStateWords(standing)).toBe(
      't1 (revision abc), deployed Tue 24 Nov 2026 12:00:00 UTC by ada, verified Tue 24 Nov 2026 12:00:00 UTC by ada',
    );
  });

  it('asks for no verification where the plan asks for a deployment only', () => {
    expect(judgeDeployedState('dev', 'deployed', look({ deployed: deployed() })).standing).toEqual({
      ...{ template: 't1', atMs: NOON, by: 'ada' },
    });
    const failed = look({ ...both, verified: verified({ passed: false }) });
    expect(judgeDeployedState('dev', 'deployed', failed).standing).toMatchObject({ template: 't1' });
  });

  it('accepts only what is byte for byte what was recorded, stable, and passed', () => {
    const state = fc.constantFrom('s1', 's2', 'absent');
    const status = fc.constantFrom(
      'UPDATE_COMPLETE',
      'CREATE_COMPLETE',
      'UPDATE_IN_PROGRESS',
      'UPDATE_FAILED',
      'absent',
    );
    const names = fc.constantFrom('A', 'B', 'C');
    const stacks = fc.uniqueArray(fc.record({ name: names, status, state }), { selector: ({ name }) => name });
    const template = fc.constantFrom('t1', 't2');
    fc.assert(
      fc.property(
        stacks,
        fc.dictionary(names, state),
        fc.option(fc.record({ template, passed: fc.boolean() }), { nil: undefined }),
        (found, states, about) => {
          const looked = look({
            ...{ deployed: deployed({ states }), stacks: found },
            verified: about === undefined ? undefined : verified(about),
          });
          const same =
            found.length === Object.keys(states).length &&
            found.every(({ name, status: word, state: now }) => STABLE.has(word) && states[name] === now);
          const passed = about?.passed === true && about.template === 't1';
          expect(judgeDeployedState('prod', 'verified', looked).standing !== undefined).toBe(same && passed);
          expect(judgeDeployedState('prod', 'deployed', looked).standing !== undefined).toBe(same);
        },
      ),
    );
  });
});

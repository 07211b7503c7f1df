import fc from 'fast-check';
import type { EnvironmentPlan } from '../../../rules/plan/environment-plan';
import { planHash } from '../../../rules/plan/plan-hash';
import { aPlan } from '../../helpers/samples/plans';

const { sides: _sides, ...flag } = aPlan().flag;
const plan = aPlan({ flag });
const { infrastructure, verification } = plan;

/** The same value with the keys of every object in another order. */
function shuffled<T>(value: T, order: (names: readonly string[]) => readonly string[]): T {
  if (Array.isArray(value)) return value.map((item: unknown) => shuffled(item, order)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const names = order(Object.keys(value));
  return Object.fromEntries(names.map((name) => [name, shuffled(value[name as keyof T], order)])) as T;
}

describe('planHash', () => {
  it('is twelve hexadecimal characters, the same on every machine and in every version', () => {
    // A SHA-256 by another program: printf '%s' "$(jq -cjS 'del(.infrastructure.directory)' plan.json)" | sha256sum
    expect(planHash(plan)).toBe('5e92efac9309');
  });

  it('does not depend on the order of keys', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const order = (names: readonly string[]): readonly string[] =>
          [...names].sort((a, b) => ((a.length * 31 + seed) % 7) - ((b.length * 31 + seed) % 7) || (a < b ? 1 : -1));
        expect(planHash(shuffled(plan, order))).toBe(planHash(plan));
      }),
    );
  });

  it('survives the way through JSON', () => {
    expect(planHash(JSON.parse(JSON.stringify(plan)) as EnvironmentPlan)).toBe(planHash(plan));
  });

  it('does not depend on where the plan file lies', () => {
    const on = (folder: string): EnvironmentPlan => ({
      ...plan,
      infrastructure: { ...infrastructure, directory: folder },
      verification: { ...verification, testJob: `${folder}/job.json` },
    });
    expect(planHash(on('/home/ann/rollouts'))).toBe(planHash(on('C:\\rollouts')));
  });

  const changes: readonly (readonly [string, Partial<EnvironmentPlan>])[] = [
    ['a soak', { steps: plan.steps.map((step, i) => (i === 1 ? { ...step, soakMs: step.soakMs + 1 } : step)) }],
    ['the order of steps', { steps: plan.steps.toReversed() }],
    ['what an alarm does', { watch: { ...plan.watch, alarms: [{ name: 'a', onBreach: 'hold' }] } }],
    ['the environment', { environment: 'staging' }],
    ['the command that builds', { infrastructure: { ...infrastructure, app: 'node other.js' } }],
    ['the test job', { verification: { ...verification, testJob: 'other.json' } }],
    ['a freeze', { freezes: [{ fromMs: 1, toMs: 2, reason: 'holidays' }] }],
    ['the number of approvals', { approvals: { ...plan.approvals, required: 1 } }],
  ];
  it.each(changes)('changes with %s', (_what, change) => {
    expect(planHash({ ...plan, ...change })).not.toBe(planHash(plan));
  });
});

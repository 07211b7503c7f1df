import fc from 'fast-check';
import type { Check } from '../../../rules/checks/check';
import { type Moved, notOwnCheck, notOwnPlan, trustsOnlyOwnPlans } from '../../../rules/identity/own-plan';
import type { Permissions } from '../../../rules/identity/permissions';
import { aPlan } from '../../helpers/samples/plans';

const role = (name: string): string => `arn:aws:iam::111122223333:role/${name}`;
const required = (lists: Partial<Permissions> = {}): Permissions => ({
  ...{ proof: 'required', raise: [role('Release')], approve: [role('Lead')], at: 'permissions' },
  ...lists,
});
const approvals = { ...aPlan().approvals, required: 2 };
const plan = aPlan({ permissions: required(), approvals, audit: { bucket: 'records' } as never });
const why = (asked: Partial<Moved>, own: Partial<Moved> = {}) =>
  notOwnPlan([{ ...plan, ...own }], { ...plan, ...asked });

describe('a worker that trusts only its own plans', () => {
  it.each<[string, Partial<Moved>]>([
    ['the same plan', {}],
    [
      'the same flag, its keys in another order',
      { flag: Object.fromEntries(Object.entries(plan.flag).reverse()) as never },
    ],
    ['fewer people', { permissions: required({ approve: [] }) }],
    ['permissions from another place of the plan', { permissions: required({ at: 'environments[1].permissions' }) }],
  ])('takes %s', (_what, asked) => expect(why(asked)).toBeUndefined());

  it.each<[string, Partial<Moved>, string]>([
    ['no permissions', { permissions: undefined }, '`permissions` is missing'],
    ['typed names', { permissions: required({ proof: 'claimed' }) }, '`permissions.proof` is not required'],
    ['one more person', { permissions: required({ raise: [role('Release'), role('Me')] }) }, `also has ${role('Me')}`],
    ['sessions that count as people', { permissions: required({ people: [role('Release')] }) }, '`permissions.people`'],
    ['another flag', { flag: { ...plan.flag, parameter: '/pavi/prod/other' } }, '`flag` is not the same'],
    ['another account', { aws: { ...plan.aws, account: '999999999999' } }, '`aws` is not the same'],
    ['another delivery', { delivery: { kind: 'lambda' } as never }, '`delivery` is not the same'],
    ['fewer approvals', { approvals: { ...plan.approvals, required: 0 } }, '`approvals` is not the same'],
    ['no audit record', { audit: undefined }, '`audit` is not the same'],
    ['another service', { service: 'shop' }, 'has none of shop'],
    ['another environment', { environment: 'dev' }, 'has none of pavi dev'],
  ])('refuses %s', (_what, asked, said) => expect(why(asked)).toContain(said));

  it('says all differences at once', () =>
    expect(why({ permissions: undefined, flag: { ...plan.flag, salt: 'x' } })).toMatch(
      /`flag`.*`permissions` is missing$/,
    ));

  it('leaves an environment open whose own plan has no permissions, but not its flag', () => {
    const own = { permissions: undefined };
    expect(why({ permissions: undefined }, own)).toBeUndefined();
    expect(why({ flag: { ...plan.flag, salt: 'x' } }, own)).toContain('`flag`');
  });

  it('refuses what a build tells that does not know the setting', () =>
    expect(notOwnPlan([plan], { service: 'pavi', environment: plan.environment })).toContain(
      '`permissions` is missing',
    ));

  it('never permits anybody whom its own plan does not name', () => {
    const people = fc.uniqueArray(fc.constantFrom(...['a', 'b', 'c', 'd'].map(role)));
    fc.assert(
      fc.property(people, people, people, people, (ownRaise, ownApprove, raise, approve) => {
        const own = { permissions: required({ raise: ownRaise, approve: ownApprove }) };
        const refused = why({ permissions: required({ raise, approve }) }, own) !== undefined;
        const more = [...raise.map((one) => ownRaise.includes(one)), ...approve.map((one) => ownApprove.includes(one))];
        expect(refused).toBe(more.includes(false));
      }),
    );
  });

  const command = {
    kind: 'command',
    name: 'smoke',
    run: ['./smoke'],
    directory: '/app',
    withinMs: 1_000,
  } as unknown as Check;
  it.each<[string, Check, boolean]>([
    ['runs a command of its own', command, true],
    ['runs none that a plan brings', { ...command, run: ['sh', '-c', 'aws ssm put-parameter'] } as Check, false],
    ['runs none elsewhere', { ...command, directory: '/tmp' } as Check, false],
    ['calls no function that a plan brings', { ...command, kind: 'lambda' } as unknown as Check, false],
    ['asks any address', { ...command, kind: 'http' } as unknown as Check, true],
  ])('%s', (_what, check, asks) => expect(notOwnCheck([{ checks: [command] }, {}], check) === undefined).toBe(asks));

  it.each([
    [undefined, false],
    ['', false],
    ['any', false],
    [' own ', true],
  ])('is what ROLLOUT_PERMISSIONS=%s means: %s', (word, own) =>
    expect(trustsOnlyOwnPlans({ ROLLOUT_PERMISSIONS: word })).toBe(own),
  );

  it('refuses another word', () =>
    expect(() => trustsOnlyOwnPlans({ ROLLOUT_PERMISSIONS: 'mine' })).toThrow('is "mine": write own or any'));
});

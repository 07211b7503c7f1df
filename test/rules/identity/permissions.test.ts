import {
  denial,
  hasRight,
  nameHasRight,
  type Permissions,
  raises,
  unproved,
} from '../../../rules/identity/permissions';
import { principalOf } from '../../../rules/identity/principal';

const ACCOUNT = '111122223333';
const role = (name: string): string => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const session = (name: string, who: string): string => `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/${who}`;

describe('the principal behind an ARN', () => {
  it.each<[string, string, string | undefined]>([
    ['a user is a person', `arn:aws:iam::${ACCOUNT}:user/team/ada`, `arn:aws:iam::${ACCOUNT}:user/team/ada`],
    ['root is one', `arn:aws:iam::${ACCOUNT}:root`, `arn:aws:iam::${ACCOUNT}:root`],
    ['all sessions of a role are one person', session('Release', 'ada'), role('Release')],
    ['a session of Identity Center is its user', session('AWSReservedSSO_Admin_1a2b', 'ada@x.org'), 'ada@x.org'],
    ['so is one of another of its roles', session('AWSReservedSSO_Read_9f', 'ada@x.org'), 'ada@x.org'],
    ['a role of people has persons', session('Okta-Dev', 'ada'), 'ada'],
    ['a queue is nobody', 'arn:aws:sqs:us-east-1:111122223333:q', undefined],
    ['neither is nothing', '', undefined],
    ['nor a session without a name', `arn:aws:sts::${ACCOUNT}:assumed-role/Release`, undefined],
  ])('%s', (_what, arn, person) => expect(principalOf(arn, [role('Okta-*')])?.person).toBe(person));
});

describe('rights', () => {
  const permissions: Permissions = {
    proof: 'required',
    at: 'permissions',
    raise: [role('Release-*'), `arn:aws:iam::${ACCOUNT}:user/bob`],
    approve: [session('AWSReservedSSO_A_1', 'ada@x.org')],
  };
  const may = (right: 'raise' | 'approve', arn: string): boolean => hasRight(permissions, right, principalOf(arn)!);

  it.each<[boolean, 'raise' | 'approve', string]>([
    [true, 'raise', session('Release-prod', 'ci')],
    [true, 'raise', `arn:aws:iam::${ACCOUNT}:user/bob`],
    [false, 'raise', `arn:aws:iam::${ACCOUNT}:user/bobby`],
    [false, 'raise', session('ReleaseX', 'Release-prod')],
    [false, 'raise', session('Release-prod', 'ci').replace(ACCOUNT, '999999999999')],
    [false, 'approve', session('Release-prod', 'ci')],
    [true, 'approve', session('AWSReservedSSO_A_1', 'ada@x.org')],
    [false, 'approve', session('AWSReservedSSO_A_1', 'eve@x.org')],
  ])('%s: %s by %s', (expected, right, arn) => expect(may(right, arn)).toBe(expected));

  it('nobody has a right that no list gives, and claimed names have all unless there is a list', () => {
    const none: Permissions = { proof: 'required', at: 'permissions' };
    expect(hasRight(none, 'raise', principalOf(`arn:aws:iam::${ACCOUNT}:root`)!)).toBe(false);
    const claimed: Permissions = { proof: 'claimed', at: 'permissions', approve: ['Ada'] };
    expect(nameHasRight(claimed, 'raise', undefined)).toBe(true);
    expect(nameHasRight(claimed, 'approve', 'ada')).toBe(true);
    expect(nameHasRight(claimed, 'approve', undefined)).toBe(false);
  });

  it('a refusal says who it is, who may, and where the plan says so', () => {
    const { why, remedy } = denial(permissions, 'approve', session('Release-prod', 'ci'));
    expect(why).toContain(
      'assumed-role/Release-prod/ci may not approve: permissions.approve of the plan names arn:aws',
    );
    expect(remedy).toContain('permissions.approve');
    expect(unproved('tick', 'bob', 'prod')).toMatchObject({
      why: 'tick by bob has no proof of who sent it, and changes nothing',
      remedy: 'send it with `rollout checklist prod --tick ITEM` and your AWS credentials',
    });
  });

  it('users of a federation token are one person: who asks for it chooses the name', () => {
    const federated = (name: string) => principalOf(`arn:aws:sts::111122223333:federated-user/${name}`);
    expect(federated('ada')?.person).toBe(federated('bob')?.person);
    expect(federated('ada')?.canonical).not.toBe(federated('bob')?.canonical);
  });

  it('names verbs as people type them, and says that an unproved start holds', () => {
    expect(unproved('accept-undelivered', 'bob', 'prod').why).toMatch(/^abort --undelivered by bob/);
    expect(denial(permissions, 'accept-undelivered', 'bob').why).toMatch(/^bob may not abort --undelivered/);
    expect(unproved('start', 'bob', 'prod').why).toMatch(
      /holds at 0 % until it is proved who started it; an abort writes 0 %, also over/,
    );
  });

  it('what lowers traffic or stops raises needs none', () => {
    expect(['abort', 'pause', 'reject', 'extend', 'toString'].filter(raises)).toEqual([]);
  });
});

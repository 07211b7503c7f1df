import { userInfo } from 'node:os';
import { actor, actorOfZero } from '../../../client/input/actor';

afterEach(() => delete process.env['ROLLOUT_ACTOR']);

it.each([
  ['Ada', 'Ada'],
  ['  Ada\u00a0Lovelace\n', 'Ada Lovelace'],
  ['\uff21da', 'Ada'],
])('takes %j for %s', (typed, name) => {
  expect(actor(typed)).toBe(name);
  process.env['ROLLOUT_ACTOR'] = typed;
  expect(actor(undefined)).toBe(name);
  expect(actorOfZero(undefined)).toBe(name);
});

it.each(['a\u200bda', '\u202eada', '   ', '', '\u3164', '\0'])(
  'refuses %j as wrong usage, and not on the way to zero',
  (typed) => {
    expect(() => actor(typed)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining('can') }),
    );
    expect(['ada', userInfo().username]).toContain(actorOfZero(typed));
  },
);

it('knows the user by the machine where no name is given', () => {
  process.env['ROLLOUT_ACTOR'] = ' ';
  expect(actor(undefined)).toBe(userInfo().username);
});

import { CliError } from '../../../client/terminal/cli-error';
import { verdictOn } from '../../../client/deployment/infra-rollback';
import type { InfraRollbackResult } from '../../../rules/stacks/results';
import { aPlan } from '../../helpers/samples/plans';

const back: InfraRollbackResult = { outcome: 'back', why: 'as before', stacks: [], notes: [] };
const undelivered = '0 % is NOT delivered to service api (to 1 of 3 instances)';

describe('a way back of the stacks', () => {
  it('says where the traffic is, and ends with 0', () => {
    const text = '**pavi prod: the stacks are back, the traffic is at 0 %.**';
    expect(verdictOn(aPlan(), back)).toMatchObject({ text, exitCode: 0 });
  });

  it('says so too when there is nothing to take back: that is what was asked for first', () => {
    const nothing: InfraRollbackResult = { ...back, outcome: 'nothing-to-do', why: 'each stack is as before' };
    const text = '**pavi prod: the traffic is at 0 %; nothing to take back: each stack is as before.**';
    expect(verdictOn(aPlan(), nothing)).toMatchObject({ text, exitCode: 0 });
  });

  it.each(['back', 'nothing-to-do'] as const)(
    'that is %s and has not delivered 0 %% says so, and ends with 1',
    (outcome) => {
      const result = { ...back, outcome, undelivered };
      const { text, exitCode } = verdictOn(aPlan(), result);
      expect(text).toContain(undelivered);
      expect(text).not.toContain('the traffic is at 0 %');
      expect(exitCode).toBe(1);
    },
  );

  it.each([
    ['failed', { ...back, outcome: 'failed', undelivered } as const, 1],
    [
      'refused',
      { ...back, outcome: 'refused', undelivered, refusal: { rule: 'state', why: 'x', remedy: 'y' } } as const,
      3,
    ],
  ])('that %s says so too', (_how, result, exitCode) => {
    try {
      verdictOn(aPlan(), result);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      expect([error.exitCode, error.message]).toEqual([exitCode, expect.stringContaining(undelivered)]);
      return;
    }
    throw new Error('nothing was thrown');
  });
});

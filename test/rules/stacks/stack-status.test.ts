import { StackStatus } from '@aws-sdk/client-cloudformation';
import { deployStart } from '../../../rules/stacks/stack-status';

const start = (status: string, terminationProtected = false) =>
  deployStart({ name: 'S', status, terminationProtected });

describe('a deployment that finds a stack', () => {
  it.each([
    ['absent', 'deploy'],
    ['REVIEW_IN_PROGRESS', 'deploy'],
    ['DELETE_COMPLETE', 'deploy'],
    ['CREATE_COMPLETE', 'deploy'],
    ['UPDATE_COMPLETE', 'deploy'],
    ['UPDATE_ROLLBACK_COMPLETE', 'deploy'],
    ['IMPORT_COMPLETE', 'deploy'],
    ['IMPORT_ROLLBACK_COMPLETE', 'deploy'],
    ['ROLLBACK_COMPLETE', 'deploy'],
    ['CREATE_IN_PROGRESS', 'wait'],
    ['UPDATE_IN_PROGRESS', 'wait'],
    ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'wait'],
    ['UPDATE_ROLLBACK_IN_PROGRESS', 'wait'],
    ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'wait'],
    ['ROLLBACK_IN_PROGRESS', 'wait'],
    ['IMPORT_IN_PROGRESS', 'wait'],
    ['IMPORT_ROLLBACK_IN_PROGRESS', 'wait'],
    ['DELETE_IN_PROGRESS', 'refuse'],
    ['DELETE_FAILED', 'refuse'],
    ['CREATE_FAILED', 'refuse'],
    ['ROLLBACK_FAILED', 'refuse'],
    ['UPDATE_FAILED', 'refuse'],
    ['UPDATE_ROLLBACK_FAILED', 'refuse'],
    ['IMPORT_ROLLBACK_FAILED', 'refuse'],
    ['SOMETHING_NEW', 'refuse'],
  ])('in %s does: %s', (status, expected) => expect(start(status).do).toBe(expected));

  it('has an answer of its own for every state that CloudFormation names', () => {
    for (const status of Object.values(StackStatus)) expect(JSON.stringify(start(status))).not.toContain('nobody here');
  });

  it('does not delete a stack that is protected from it, also when nothing is in it', () => {
    expect(start('ROLLBACK_COMPLETE', true)).toMatchObject({
      do: 'refuse',
      remedy: expect.stringContaining('protection'),
    });
    expect(start('UPDATE_COMPLETE', true)).toEqual({ do: 'deploy' });
  });
});

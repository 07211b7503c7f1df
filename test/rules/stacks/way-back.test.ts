import { StackStatus } from '@aws-sdk/client-cloudformation';
import * as fc from 'fast-check';
import type { KeptStack } from '../../../rules/stacks/kept';
import type { StackLook, WayBack } from '../../../rules/stacks/way-back';
import { takesBack, wayBack } from '../../../rules/stacks/way-back';

const kept: KeptStack = { name: 'S', template: 'aa', state: 'before' };
const look = (changes: Partial<StackLook>): StackLook => ({
  name: 'S',
  status: 'UPDATE_COMPLETE',
  terminationProtected: false,
  template: 'bb',
  state: 'now',
  hadStableState: true,
  failedResources: [],
  ...changes,
});

describe('the way back of a stack', () => {
  it.each<[string, Partial<StackLook>, KeptStack | undefined, WayBack['do']]>([
    ['after a successful deployment', {}, kept, 'redeploy'],
    ['after the first deployment, of which nothing was kept', { status: 'CREATE_COMPLETE' }, undefined, 'refuse'],
    [
      'that was not there before',
      { status: 'CREATE_COMPLETE' },
      { ...kept, template: 'absent', state: 'absent' },
      'refuse',
    ],
    ['that is as it was', { state: 'before' }, kept, 'nothing'],
    ['that CloudFormation took back', { status: 'UPDATE_ROLLBACK_COMPLETE', state: 'before' }, kept, 'nothing'],
    ['whose way back failed and was undone', { status: 'UPDATE_ROLLBACK_COMPLETE' }, kept, 'redeploy'],
    ['whose update failed', { status: 'UPDATE_FAILED' }, kept, 'rollback-stack'],
    ['whose update failed, without anything kept', { status: 'UPDATE_FAILED' }, undefined, 'rollback-stack'],
    [
      'whose update failed and that never was whole',
      { status: 'UPDATE_FAILED', hadStableState: false },
      kept,
      'refuse',
    ],
    ['whose creation failed', { status: 'CREATE_FAILED', hadStableState: false }, undefined, 'refuse'],
    ['whose creation failed after it was whole once', { status: 'CREATE_FAILED' }, kept, 'rollback-stack'],
    ['whose way back failed', { status: 'UPDATE_ROLLBACK_FAILED' }, kept, 'continue-rollback'],
    ['that goes back by itself', { status: 'UPDATE_ROLLBACK_IN_PROGRESS' }, kept, 'wait'],
    ['that cleans up after an update', { status: 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS' }, kept, 'wait'],
    ['that is being updated', { status: 'UPDATE_IN_PROGRESS' }, kept, 'refuse'],
    ['that is being created', { status: 'CREATE_IN_PROGRESS' }, kept, 'refuse'],
    ['that is being deleted', { status: 'DELETE_IN_PROGRESS' }, kept, 'refuse'],
    ['that is not there', { status: 'absent' }, kept, 'refuse'],
    ['with nothing in it', { status: 'REVIEW_IN_PROGRESS' }, kept, 'refuse'],
    ['whose creation was rolled back', { status: 'ROLLBACK_COMPLETE' }, kept, 'refuse'],
    ['whose deletion failed', { status: 'DELETE_FAILED' }, kept, 'refuse'],
  ])('%s', (_name, changes, keptOf, expected) => expect(wayBack(look(changes), keptOf).do).toBe(expected));

  it('names the resources that block it', () => {
    const stack = look({ status: 'UPDATE_ROLLBACK_FAILED', failedResources: ['Role: in use', 'Bucket: not empty'] });
    expect(wayBack(stack, kept).why).toContain('Role: in use; Bucket: not empty');
  });

  it('is one step: what CloudFormation has just taken back is not taken back once more', () => {
    expect(wayBack(look({ status: 'UPDATE_ROLLBACK_COMPLETE' }), kept, true).do).toBe('nothing');
    expect(wayBack(look({ status: 'UPDATE_ROLLBACK_FAILED' }), kept, true).do).toBe('continue-rollback');
  });

  it.each<[WayBack['do'], string, boolean]>([
    ['rollback-stack', 'UPDATE_FAILED', true],
    ['continue-rollback', 'UPDATE_ROLLBACK_FAILED', true],
    ['wait', 'UPDATE_ROLLBACK_IN_PROGRESS', true],
    ['wait', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', false],
    ['redeploy', 'UPDATE_ROLLBACK_COMPLETE', false],
  ])('%s from %s counts as taken back by CloudFormation: %s', (way, status, expected) =>
    expect(takesBack(way, status)).toBe(expected),
  );

  it('never asks for RollbackStack where that deletes the stack, whatever its state', () => {
    const statuses = fc.constantFrom('absent', ...Object.values(StackStatus));
    fc.assert(
      fc.property(statuses, fc.boolean(), fc.option(fc.constant(kept), { nil: undefined }), (status, again, keptOf) => {
        const way = wayBack(look({ status, hadStableState: false }), keptOf, again);
        expect(way.do).not.toBe('rollback-stack');
        expect(way.why).toContain('S');
      }),
    );
  });
});

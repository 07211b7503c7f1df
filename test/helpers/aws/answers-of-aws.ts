/**
 * What CloudFormation says and no emulator here does: the one place for recorded answers about stacks. Everything else about
 * stacks is produced on the emulator, in `test/aws/act/stacks/stack-states.test.ts`, `test/aws/act/stacks/stack-back.test.ts` and `test/aws/act/stacks/deploy-*.test.ts`.
 */
import type { DescribeStacksOutput, Stack } from '@aws-sdk/client-cloudformation';
import { answerAlso } from '../samples/looks';

/** States in which the emulator cannot be made to leave, or keep for long enough, a stack. */
export const STATES_OF_AWS_ALONE = [
  'DELETE_IN_PROGRESS',
  'DELETE_FAILED',
  'IMPORT_ROLLBACK_FAILED',
  'UPDATE_ROLLBACK_FAILED',
  'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
  'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
] as const;

/** From now on the stacks that are described are also this. */
export function stacksAre(client: unknown, also: Partial<Stack>): void {
  answerAlso(client, 'DescribeStacksCommand', ({ Stacks = [] }: DescribeStacksOutput) => ({
    Stacks: Stacks.map((stack) => ({ ...stack, ...also })),
  }));
}

/** A stack that has rollback triggers from an earlier deployment. */
export const withTrigger = (Arn: string): Partial<Stack> => ({
  RollbackConfiguration: { RollbackTriggers: [{ Arn, Type: 'AWS::CloudWatch::Alarm' }] },
});

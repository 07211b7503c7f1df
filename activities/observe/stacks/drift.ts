import type { CloudFormationClient, StackResourceDrift } from '@aws-sdk/client-cloudformation';
import {
  DescribeStackDriftDetectionStatusCommand,
  DescribeStackResourceDriftsCommand,
  DetectStackDriftCommand,
} from '@aws-sdk/client-cloudformation';
import { Context } from '@temporalio/activity';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { AwsFor } from '../../aws';
import { failure, toFailure } from '../../failures';
import { poll } from '../../poll';
import { uncounted } from '../../../rules/stacks/results';

export interface DriftOrder {
  readonly aws: AwsTarget;
  readonly stack: string;
  /** Rollouts write it: a value and pattern that differ from the template are no drift. */
  readonly flagParameter: string;
}

/**
 * Compares the resources of a stack with its template, as far as CloudFormation can. Returns those that differ, as
 * `LogicalId: /Property, /Property` or `LogicalId: deleted`. Fails with `Unavailable` when the detection failed. `pollMs`:
 * time between two polls of the detection.
 */
export function createDriftObservations(
  awsFor: AwsFor,
  { pollMs = 2_000 }: { readonly pollMs?: number } = {},
): { detectDrift(order: DriftOrder): Promise<string[]> } {
  return {
    detectDrift: async (order) => {
      const { cloudformation } = awsFor(order.aws);
      try {
        await detected(cloudformation, order.stack, pollMs);
        const drifts = await driftsOf(cloudformation, order.stack);
        return drifts.map((drift) => differences(drift, order.flagParameter)).filter((text) => text !== undefined);
      } catch (error) {
        throw toFailure(error, `detecting drift of ${order.stack}`);
      }
    },
  };
}

async function detected(client: CloudFormationClient, StackName: string, pollMs: number): Promise<void> {
  const { StackDriftDetectionId } = await client.send(new DetectStackDriftCommand({ StackName }));
  const asked = new DescribeStackDriftDetectionStatusCommand({ StackDriftDetectionId });
  const { DetectionStatus, DetectionStatusReason } = await poll(() => client.send(asked), {
    until: (answer) => /^DETECTION_(COMPLETE|FAILED)$/.test(answer.DetectionStatus ?? ''),
    meanwhile: () => Context.current().heartbeat(uncounted(StackName, 'checking for drift')),
    everyMs: pollMs,
  });
  if (DetectionStatus === 'DETECTION_FAILED')
    throw failure('Unavailable', `drift of ${StackName} could not be detected: ${DetectionStatusReason}`);
}

async function driftsOf(client: CloudFormationClient, StackName: string): Promise<readonly StackResourceDrift[]> {
  const drifts: StackResourceDrift[] = [];
  let NextToken: string | undefined;
  do {
    const answer = await client.send(
      new DescribeStackResourceDriftsCommand({
        StackName,
        StackResourceDriftStatusFilters: ['MODIFIED', 'DELETED'],
        NextToken,
      }),
    );
    drifts.push(...(answer.StackResourceDrifts ?? []));
    NextToken = answer.NextToken;
  } while (NextToken !== undefined);
  return drifts;
}

/** A write of the value names no pattern, and may leave the parameter without one. */
const WRITTEN_BY_ROLLOUTS: ReadonlySet<string> = new Set(['/Value', '/AllowedPattern']);

function differences(drift: StackResourceDrift, flagParameter: string): string | undefined {
  const name = drift.LogicalResourceId ?? '?';
  if (drift.StackResourceDriftStatus === 'DELETED') return `${name}: deleted`;
  const isFlag = drift.PhysicalResourceId === flagParameter;
  const paths = (drift.PropertyDifferences ?? [])
    .map(({ PropertyPath }) => PropertyPath ?? '?')
    .filter((path) => !(isFlag && WRITTEN_BY_ROLLOUTS.has(path)));
  return paths.length === 0 ? undefined : `${name}: ${paths.join(', ')}`;
}

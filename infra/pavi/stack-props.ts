import { Tags, type StackProps } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import type { PipelineEnvironment } from './environments';

/** Where a stack goes: the literal account and region, unless the context names others. */
export function stackProps(scope: Construct, props: PipelineEnvironment, description: string): StackProps {
  const fromContext = (key: string): string | undefined => {
    const value: unknown = scope.node.tryGetContext(key);
    return value === undefined ? undefined : String(value);
  };
  return {
    env: { account: fromContext('account') ?? props.account, region: fromContext('region') ?? props.region },
    description,
  };
}

/** PAVI's cost tags, on everything of the stack that takes tags. */
export function tagAll(scope: IConstruct): void {
  Tags.of(scope).add('Product', 'PAVI');
  Tags.of(scope).add('CreatedBy', 'PAVI');
  Tags.of(scope).add('AppComponent', 'pipeline');
}

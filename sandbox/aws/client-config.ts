import { credentialsOf } from '../../activities/credentials';
import type { AwsTarget } from '../../rules/plan/environment-plan';

export interface AwsClientConfig {
  readonly region: string;
  readonly profile?: string;
  readonly credentials: ReturnType<typeof credentialsOf>['provide'];
  readonly maxAttempts: number;
  readonly requestHandler: { readonly connectionTimeout: number; readonly requestTimeout: number };
}

/** The configuration of any AWS client for one environment. The endpoint comes from AWS_ENDPOINT_URL. */
export function awsClient(aws: AwsTarget): AwsClientConfig {
  return {
    region: aws.region,
    profile: aws.profile,
    credentials: credentialsOf(aws).provide,
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000 },
  };
}

export const stateMachineArn = (aws: AwsTarget, name: string): string =>
  `arn:aws:states:${aws.region}:${aws.account}:stateMachine:${name}`;

export const executionArn = (stateMachine: string, execution: string): string =>
  `${stateMachine.replace(':stateMachine:', ':execution:')}:${execution}`;

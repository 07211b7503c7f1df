import type { Agent as HttpsAgent } from 'node:https';
import type { ICloudAssemblySource, IIoHost, Toolkit } from '@aws-cdk/toolkit-lib';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import type { AwsTarget, Infrastructure } from '../../../rules/plan/environment-plan';
import { lastWords } from '../../../rules/format';
import type { AwsClients } from '../../aws';
import { credentialsOf } from '../../credentials';
import { cameFromAws, failure, innerFailure, keysAreRefused, messageOf, toFailure } from '../../failures';
import { cdkToolkit } from '../../optional-packages';
import { agentIfProxied } from '../../proxy-agent';

export interface CdkRun {
  readonly infrastructure: Infrastructure;
  readonly aws: AwsTarget;
  readonly toolkit: Toolkit;
}

/**
 * CDK's own toolkit in one account, with the credentials of the worker's other clients. It asks no questions: `ioHost`
 * answers.
 */
export function toolkitFor(aws: AwsTarget, ioHost: IIoHost): Toolkit {
  const { BaseCredentials, Toolkit } = cdkToolkit();
  const baseCredentials = BaseCredentials.custom({ provider: credentialsOf(aws).provide, region: aws.region });
  // The type requires an agent for `https:`; CDK's own CLI gives it one for both, as this one is.
  const agent = agentIfProxied() as unknown as HttpsAgent | undefined;
  const sdkConfig = { baseCredentials, httpOptions: { agent } };
  return new Toolkit({ ioHost, emojis: false, color: false, sdkConfig });
}

/**
 * The plan's account and region go in as context, so that an app can bind its stacks to them. The output goes to its own
 * folder: two environments may be deployed at once. The library's built-in validation stays off: it only warns, takes a
 * second of CPU per stack, and CloudFormation checks the template anyway.
 */
export function cdkApp({ infrastructure, aws, toolkit }: CdkRun, outdir: string): Promise<ICloudAssemblySource> {
  const { app, directory } = infrastructure;
  const { account, region } = aws;
  return toolkit.fromCdkApp(app, {
    workingDirectory: directory,
    outdir,
    contextStore: new (cdkToolkit().CdkAppMultiContext)(directory, { account, region }),
    synthOptions: { validation: false },
  });
}

/**
 * Checks that AWS accepts the credentials before an app runs: without them CDK synthesizes all the same, for no account,
 * perhaps with another result. Fails with `Unavailable` when they are missing or refused.
 */
export async function ensureCredentials({ sts }: AwsClients): Promise<void> {
  try {
    await sts.send(new GetCallerIdentityCommand({}));
  } catch (error) {
    throw toFailure(error, 'asking AWS for the account of the CDK app');
  }
}

/** Name of the cause in which CDK's toolkit passes the app's standard error: `exec.js` of toolkit-lib. */
const APP_SAID = 'ExecutionError';
const SAID_LENGTH = 2_000;

/** `InvalidRequest` when the app failed, and AWS's error when AWS or its credentials failed. */
export function synthesisFailure(error: unknown): Error {
  const doing = 'synthesizing the CDK app';
  const said = error instanceof Error && error.cause instanceof Error ? error.cause : undefined;
  // The app's output may be megabytes; the error is at its end.
  if (said?.name === APP_SAID)
    return failure(
      keysAreRefused(said) ? 'Unavailable' : 'InvalidRequest',
      `${doing} (see the worker's log for its full output): ${messageOf(error)}: ${lastWords(said.message, SAID_LENGTH)}`,
    );
  if (cameFromAws(error)) return innerFailure(error, doing);
  const isWithoutKeys =
    cdkToolkit().ToolkitError.isAuthenticationError(error) && !/current credentials are for/.test(error.message);
  return failure(isWithoutKeys ? 'Unavailable' : 'InvalidRequest', `${doing}: ${messageOf(error)}`, error);
}

import { BaseCredentials, CdkAppMultiContext, Toolkit } from '@aws-cdk/toolkit-lib';
import type { ICloudAssemblySource, IIoHost } from '@aws-cdk/toolkit-lib';
import type { AwsTarget, Infrastructure } from '../../rules/plan/environment-plan';

export interface CdkRun {
  readonly infrastructure: Infrastructure;
  readonly aws: AwsTarget;
  readonly toolkit: Toolkit;
}

/** CDK's own toolkit in one account. It asks nobody: `ioHost` answers. */
export function toolkitFor(aws: AwsTarget, ioHost: IIoHost): Toolkit {
  const profile = aws.profile === undefined ? {} : { profile: aws.profile };
  const baseCredentials = BaseCredentials.awsCliCompatible({ defaultRegion: aws.region, ...profile });
  return new Toolkit({ ioHost, emojis: false, color: false, sdkConfig: { baseCredentials } });
}

/**
 * The plan's account and region go in as context, so that an app can bind its stacks to them. The output goes to a folder
 * of its own: two environments may be deployed at once. The library's built-in validation stays off: it only warns, takes
 * a second of CPU per stack, and CloudFormation checks the template anyway.
 */
export function cdkApp({ infrastructure, aws, toolkit }: CdkRun, outdir: string): Promise<ICloudAssemblySource> {
  const { app, directory } = infrastructure;
  const { account, region } = aws;
  return toolkit.fromCdkApp(app, {
    workingDirectory: directory,
    outdir,
    contextStore: new CdkAppMultiContext(directory, { account, region }),
    synthOptions: { validation: false },
  });
}

import {
  BaseCredentials,
  BootstrapEnvironments,
  BootstrapStackParameters,
  type IIoHost,
  type IoRequest,
  Toolkit,
} from '@aws-cdk/toolkit-lib';

export interface BootstrapTarget {
  /** Twelve digits. */
  readonly account: string;
  readonly region: string;
  readonly profile: string;
}

/** Hides the toolkit's messages and answers its questions with their defaults. */
const quiet: IIoHost = {
  notify: () => Promise.resolve(),
  requestResponse: <T>({ defaultResponse }: IoRequest<unknown, T>) => Promise.resolve(defaultResponse),
};

/**
 * Prepares an account for CDK deployments: the `CDKToolkit` stack with its bucket and roles. On a prepared account it
 * changes nothing and answers `no-op`.
 */
export async function bootstrapAccount({ account, region, profile }: BootstrapTarget): Promise<'success' | 'no-op'> {
  const baseCredentials = BaseCredentials.awsCliCompatible({ profile, defaultRegion: region });
  const toolkit = new Toolkit({ ioHost: quiet, emojis: false, color: false, sdkConfig: { baseCredentials } });
  const { environments } = await toolkit.bootstrap(BootstrapEnvironments.fromList([`aws://${account}/${region}`]), {
    parameters: BootstrapStackParameters.withExisting({
      cloudFormationExecutionPolicies: ['arn:aws:iam::aws:policy/AdministratorAccess'],
    }),
  });
  return environments.every(({ status }) => status === 'no-op') ? 'no-op' : 'success';
}

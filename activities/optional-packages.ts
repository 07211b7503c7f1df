import { failure, messageOf } from './failures';

/** Packages that only a deployment needs: an installed package comes without them. */
const DEPLOYING = ['@aws-cdk/toolkit-lib', '@aws-cdk/cloudformation-diff', 'aws-cdk-lib', 'constructs'] as const;

/**
 * CDK's toolkit, loaded when a plan deploys.
 * @throws ApplicationFailure of type `InvalidRequest` when it is not installed: the message says what to install.
 */
export const cdkToolkit = (): typeof import('@aws-cdk/toolkit-lib') =>
  installed('@aws-cdk/toolkit-lib', () => require('@aws-cdk/toolkit-lib') as typeof import('@aws-cdk/toolkit-lib'));

/** CDK's comparison of templates; throws as `cdkToolkit` does. */
export const templateDiff = (): typeof import('@aws-cdk/cloudformation-diff') =>
  installed(
    '@aws-cdk/cloudformation-diff',
    () => require('@aws-cdk/cloudformation-diff') as typeof import('@aws-cdk/cloudformation-diff'),
  );

function installed<T>(name: (typeof DEPLOYING)[number], load: () => T): T {
  try {
    return load();
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND' && messageOf(error).includes(name);
    if (!isMissing) throw error;
    const { optional } = require('../package.json') as { readonly optional?: Optional };
    const words = DEPLOYING.map((one) => `${one}@${optional?.deployment[one] ?? 'latest'}`);
    throw failure(
      'InvalidRequest',
      `this worker cannot deploy, because ${name} is not installed; install it in the worker's folder and start the worker again: \`npm install ${words.join(' ')}\``,
    );
  }
}

/** `dist/package.json` of the package, as `npm run build` writes it. */
interface Optional {
  readonly deployment: Readonly<Record<string, string | undefined>>;
}

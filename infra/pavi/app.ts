/**
 * The CDK app: three stacks per environment. People deploy the last one, the permissions. Run it with `npm run synth`, or
 * through a deployment.
 *
 * Context keys `account` and `region` replace the literal ones, so that a sandbox can put each environment into an account
 * of its own. A deployment always takes them from the plan: with credentials of another account it is then refused.
 */
import { App } from 'aws-cdk-lib';
import { RolloutAccessStack } from './access-stack';
import { ComputeStack } from './compute-stack';
import { dev, prod, staging } from './environments';
import { PipelineStack } from './pipeline-stack';

const app = new App({ outdir: process.env['CDK_OUTDIR'] ?? 'cdk.out' });

new ComputeStack(app, 'PaviComputeStack-dev', dev);
new PipelineStack(app, 'PaviStepFunctionsStack-dev', dev);
new RolloutAccessStack(app, 'PaviRolloutAccessStack-dev', dev);

new ComputeStack(app, 'PaviComputeStack-staging', staging);
new PipelineStack(app, 'PaviStepFunctionsStack-staging', staging);
new RolloutAccessStack(app, 'PaviRolloutAccessStack-staging', staging);

new ComputeStack(app, 'PaviComputeStack-prod', prod);
new PipelineStack(app, 'PaviStepFunctionsStack-prod', prod);
new RolloutAccessStack(app, 'PaviRolloutAccessStack-prod', prod);

app.synth();

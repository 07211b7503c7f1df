/**
 * The pipeline's stack under the environment name `tests`, so that its global bucket name meets no other:
 * `pipeline-app.ts <limit of the execution time alarm in ms>`.
 */
import { App } from 'aws-cdk-lib';
import { dev } from '../../infra/environments';
import { PipelineStack } from '../../infra/pipeline-stack';

const averageExecutionMs = Number(process.argv[2]);
const app = new App();
new PipelineStack(app, 'PaviStepFunctionsStack-tests', {
  ...dev,
  environment: 'tests',
  alarms: { ...dev.alarms, averageExecutionMs },
});
app.synth();

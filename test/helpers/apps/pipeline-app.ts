/**
 * The pipeline's stack, and that of its rollouts, under the environment name `tests`, so that its global bucket name meets no other:
 * `pipeline-app.ts <limit of the execution time alarm in ms>`.
 */
import { App } from 'aws-cdk-lib';
import { dev } from '../../../infra/pavi/environments';
import { pipelineNames } from '../../../infra/pavi/names';
import { PipelineStack } from '../../../infra/pavi/pipeline-stack';
import { RolloutStack } from '../../../infra/rollout-stack';
import { guardedParts } from '../samples/guarded-parts';

const names = pipelineNames('tests');
const ofTests = {
  flag: { parameter: names.flagParameter, salt: names.flagSalt },
  push: names.alarmPush,
  guardian: 'pavi-rollout-guardian-tests',
};

const averageExecutionMs = Number(process.argv[2]);
const app = new App();
new PipelineStack(app, 'PaviStepFunctionsStack-tests', {
  ...dev,
  environment: 'tests',
  alarms: { ...dev.alarms, averageExecutionMs },
});
new RolloutStack(app, { ...guardedParts, environment: 'tests', ...ofTests });
app.synth();

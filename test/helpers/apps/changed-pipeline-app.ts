/**
 * The pipeline's stacks with one alarm changed, for tests of deployments in the sandbox: `changed-pipeline-app.ts <limit of the
 * execution time alarm in ms> [broken|slow]`. Broken, a parameter under the name of the flag comes after the alarm, which
 * CloudFormation cannot create. Slow, it waits for a signal there.
 */
import { App, CfnResource } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';
import { dev, prod, staging } from '../../../infra/pavi/environments';
import { PipelineStack } from '../../../infra/pavi/pipeline-stack';

const [limit = '0', how] = process.argv.slice(2);
const app = new App();
for (const environment of [dev, staging, prod]) {
  const alarms = { ...environment.alarms, averageExecutionMs: Number(limit) };
  const name = environment.environment;
  const stack = new PipelineStack(app, `PaviStepFunctionsStack-${name}`, { ...environment, alarms });
  const changed = stack.node.findAll().filter((one) => one instanceof CfnAlarm);
  if (how === 'broken') {
    const second = { type: 'String', name: `/pavi/${name}/step-functions-rollout`, value: '{}' };
    const parameter = new CfnParameter(stack, 'Second', second);
    for (const alarm of changed) parameter.addDependency(alarm);
  }
  if (how === 'slow') {
    const handle = new CfnResource(stack, 'Handle', { type: 'AWS::CloudFormation::WaitConditionHandle' });
    const properties = { Handle: handle.ref, Timeout: '120' };
    const wait = new CfnResource(stack, 'Wait', { type: 'AWS::CloudFormation::WaitCondition', properties });
    for (const alarm of changed) wait.addDependency(alarm);
  }
}
app.synth();

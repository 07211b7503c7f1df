/**
 * A CDK app of one stack, for tests of deployments: `sample-app.ts <value> [broken|slow|huge]…`. Broken, it holds a second
 * parameter under the name of the first, which CloudFormation cannot create. Slow, it waits for a signal before the last
 * parameter is made. Huge, its template is larger than what can be sent along with a request.
 */
import { App, CfnResource, Stack } from 'aws-cdk-lib';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';

const [value = 'first', ...words] = process.argv.slice(2);
const app = new App();
const stack = new Stack(app, 'SampleStack', {
  env: { account: String(app.node.getContext('account')), region: String(app.node.getContext('region')) },
});
const first = new CfnParameter(stack, 'First', { type: 'String', name: '/sample/first', value });
stack.exportValue(first.ref, { name: 'FirstName' });
if (words.includes('broken')) {
  const second = new CfnParameter(stack, 'Second', { type: 'String', name: '/sample/first', value });
  second.addDependency(first);
}
if (words.includes('slow')) {
  const handle = new CfnResource(stack, 'Handle', { type: 'AWS::CloudFormation::WaitConditionHandle' });
  const wait = new CfnResource(stack, 'Wait', {
    type: 'AWS::CloudFormation::WaitCondition',
    properties: { Handle: handle.ref, Timeout: '30' },
  });
  wait.addDependency(first);
  const last = new CfnParameter(stack, 'Last', { type: 'String', name: '/sample/last', value });
  last.addDependency(wait);
}
if (words.includes('huge')) stack.addMetadata('ballast', 'b'.repeat(60_000));
new Stack(app, 'UnlistedStack', { env: { account: stack.account, region: stack.region } });
app.synth();

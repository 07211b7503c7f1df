/**
 * A CDK app of one stack, for tests of deployments: `sample-app.ts <value> [broken]`. Broken, it holds a second parameter
 * under the name of the first, which CloudFormation cannot create.
 */
import { App, Stack } from 'aws-cdk-lib';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';

const [value = 'first', broken] = process.argv.slice(2);
const app = new App();
const stack = new Stack(app, 'SampleStack', {
  env: { account: String(app.node.getContext('account')), region: String(app.node.getContext('region')) },
});
const first = new CfnParameter(stack, 'First', { type: 'String', name: '/sample/first', value });
stack.exportValue(first.ref, { name: 'FirstName' });
if (broken === 'broken') {
  const second = new CfnParameter(stack, 'Second', { type: 'String', name: '/sample/first', value });
  second.addDependency(first);
}
new Stack(app, 'UnlistedStack', { env: { account: stack.account, region: stack.region } });
app.synth();

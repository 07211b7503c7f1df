/** A CDK app of one small stack: `app.ts VALUE`. */
import { App, Stack } from 'aws-cdk-lib';
import { CfnParameter } from 'aws-cdk-lib/aws-ssm';

const [value = 'first'] = process.argv.slice(2);
const app = new App();
const account = String(app.node.getContext('account'));
const stack = new Stack(app, 'BenchStack', { env: { account, region: String(app.node.getContext('region')) } });
new CfnParameter(stack, 'Value', { type: 'String', name: '/bench/value', value });
app.synth();

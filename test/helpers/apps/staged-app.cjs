// A CDK app with a stack of a name of its own, and one in a stage. Its argument is the value of their parameters.
const { App, Stack, Stage } = require('aws-cdk-lib');
const { StringParameter } = require('aws-cdk-lib/aws-ssm');

const app = new App({ outdir: process.env.CDK_OUTDIR });
const env = { account: app.node.tryGetContext('account'), region: app.node.tryGetContext('region') };
const stack = (scope, id, stackName) => {
  const made = new Stack(scope, id, { env, stackName });
  new StringParameter(made, 'Parameter', { parameterName: `/${made.stackName}`, stringValue: process.argv[2] });
};
stack(app, 'Shop', 'shop-prod');
stack(new Stage(app, 'Prod', { env }), 'Cart', undefined);
app.synth();

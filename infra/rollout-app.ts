/**
 * The CDK app of `RolloutStack-{service}-{env}`. Its only argument is `RolloutParts` as JSON in base64url, so that it needs no plan file;
 * account and region come as context, as a deployment always gives them.
 */
import { App } from 'aws-cdk-lib';
import type { RolloutParts } from '../rules/plan/rollout-parts';
import { RolloutStack } from './rollout-stack';

const parts = JSON.parse(Buffer.from(process.argv[2] ?? '', 'base64url').toString('utf8')) as RolloutParts;
const app = new App({ outdir: process.env['CDK_OUTDIR'] ?? 'cdk.out' });
const [account, region] = ['account', 'region'].map((key) => String(app.node.tryGetContext(key)));
new RolloutStack(app, parts, { env: { account, region } });
app.synth();

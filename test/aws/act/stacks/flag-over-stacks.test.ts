import { CreateStackCommand, UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { Stack } from 'aws-cdk-lib';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { createKeepActivities, type Kept } from '../../../../activities/act/keep-stacks';
import { createBackActivities } from '../../../../activities/act/stack-back';
import { createAwsFor } from '../../../../activities/aws';
import { createDriftObservations } from '../../../../activities/observe/stacks/drift';
import { formatFlags } from '../../../../flags/contract';
import { zeroOver } from '../../../../flags/zero';
import { flagParameter } from '../../../../infra/flag-parameter';
import { pipelineNames } from '../../../../infra/pavi/names';
import { bootstrapAccount } from '../../../../sandbox/bootstrap';
import { GUARDIAN } from '../../../../rules/rollout/outside/emergency-writers';
import { freshAccounts } from '../../../helpers/aws/accounts';
import { activityEnvironment } from '../../../helpers/activity-environment';
import { anApp } from '../../../helpers/infra/an-app';
import { templateOf } from '../../../helpers/infra/template-of';

const names = pipelineNames('prod');
const S = 'Flagged';
const aws = freshAccounts(1)();
const awsFor = createAwsFor();
const { cloudformation, ssm } = awsFor(aws);
const { takeBack } = createBackActivities(awsFor, { pollMs: 50 });
const { detectDrift } = createDriftObservations(awsFor, { pollMs: 50 });
const { keepStacks } = createKeepActivities(awsFor);

/** The flag as its stack has it, beside something that is deployed again. */
function template(beside: string): string {
  const stack = new Stack(anApp(), S);
  flagParameter(stack, 'Flag', { parameter: names.flagParameter, salt: names.flagSalt });
  new StringParameter(stack, 'Beside', { parameterName: '/beside', stringValue: beside });
  const { Parameters: _parameters, Rules: _rules, ...json } = templateOf(stack).toJSON();
  return JSON.stringify(json);
}
/** Everything is updated, then something whose name is taken already cannot be made. */
function failing(): string {
  const { Resources, ...rest } = JSON.parse(template('3')) as { Resources: Record<string, object> };
  const Twice = {
    Type: 'AWS::SSM::Parameter',
    DependsOn: Object.keys(Resources),
    Properties: { Type: 'String', Name: names.flagParameter, Value: 'taken' },
  };
  return JSON.stringify({ ...rest, Resources: { ...Resources, Twice } });
}

const settled = (): Promise<string> =>
  activityEnvironment().run(takeBack, { aws, stack: S, way: 'wait' as const, token: 'w' });
async function deploy(TemplateBody: string): Promise<string> {
  await cloudformation.send(new UpdateStackCommand({ StackName: S, TemplateBody }));
  return settled();
}
const put = (Value: string) => ssm.send(new PutParameterCommand({ Name: names.flagParameter, Value, Overwrite: true }));
const valueOf = async (Name: string) => (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;

const fields = { schema: 1, generation: 7, writer: 'rollout-pavi-prod/1', reason: '', salt: names.flagSalt } as const;
const at25 = formatFlags({ ...fields, percentage: 25 });
const byGuardian = formatFlags(
  zeroOver(undefined, { writer: GUARDIAN, reason: 'no answer', salt: names.flagSalt, above: 3, nowMs: Date.now() }),
);

it.each([
  ['a rollout has raised', at25],
  ['the guardian has put to 0', byGuardian],
])(
  'no deployment and no way back of the stacks changes a flag that %s, and none of them takes it for drift',
  async (_who, text) => {
    await bootstrapAccount(aws);
    await cloudformation
      .send(new CreateStackCommand({ StackName: S, TemplateBody: template('1') }))
      .catch(() => undefined);
    await settled();
    await put(text);
    const standing = { aws, service: 'pavi', environment: 'prod', stacks: [S] };
    const run = { workflowId: 'deployment-pavi-prod', runId: `run-${text.length}` };
    const { deployment: kept }: Kept = await activityEnvironment().run(keepStacks, { ...standing, ...run });

    expect(await deploy(template('2'))).toBe('UPDATE_COMPLETE');
    expect([await valueOf('/beside'), await valueOf(names.flagParameter)]).toEqual(['2', text]);
    expect(await deploy(failing())).toBe('UPDATE_ROLLBACK_COMPLETE');
    expect([await valueOf('/beside'), await valueOf(names.flagParameter)]).toEqual(['2', text]);

    const order = { aws, stack: S, way: 'redeploy', token: `back-${text.length}`, kept } as const;
    expect(await activityEnvironment().run(takeBack, order)).toBe('UPDATE_COMPLETE');
    expect([await valueOf('/beside'), await valueOf(names.flagParameter)]).toEqual(['1', text]);
    const drift = { aws, stack: S, flagParameter: names.flagParameter };
    expect(await activityEnvironment().run(detectDrift, drift)).toEqual([]);
  },
);

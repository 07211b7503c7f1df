import { RolloutStack } from '../../../infra';
import { rolloutPartsOf } from '../../../rules/plan/rollout-parts';
import type { Guard } from '../../../rules/guards/guard';
import { anApp } from '../../helpers/infra/an-app';
import { templateOf } from '../../helpers/infra/template-of';
import { aPlan } from '../../helpers/samples/plans';

const env = { account: '333333333333', region: 'us-east-1' };
const jobs: Guard = {
  ...{ name: 'jobs', kind: 'executions', onBreach: 'rollback', stateMachine: 'orders', userErrors: [] },
  breach: { failedWithin: { count: 3, ofMs: 60_000 } },
};
const far: Guard = { ...jobs, name: 'far', stateMachine: 'far', aws: { ...env, region: 'eu-west-1' } };
const watch = { ...aPlan().watch, pushQueue: 'changes', events: true, guards: [jobs, { ...jobs, name: 'again' }, far] };
const made = (changes: object) => templateOf(new RolloutStack(anApp(), rolloutPartsOf(aPlan(changes)), { env }));

interface Statement {
  readonly Effect: string;
  readonly Principal: { readonly Service?: string };
  readonly Action: string;
  readonly Condition: object;
}

describe('a plan with events', () => {
  const template = made({ watch });
  const rules = Object.entries(template.findResources('AWS::Events::Rule'));
  const straight = rules.filter(([, { Properties }]) => JSON.stringify(Properties.Targets).includes('AlarmPushQueue'));

  it('sends the executions that failed, of the state machines that its guards count here, and the changes of its alarms', () => {
    expect(straight.map(([, { Properties }]) => Properties.EventPattern)).toEqual([
      {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: {
          stateMachineArn: [expect.objectContaining({ 'Fn::Join': expect.anything() })],
          status: ['FAILED', 'TIMED_OUT', 'ABORTED'],
        },
      },
      {
        source: ['aws.cloudwatch'],
        'detail-type': ['CloudWatch Alarm State Change'],
        detail: { alarmName: watch.alarms.map(({ name }) => name) },
      },
    ]);
    const arn = JSON.stringify(straight[0]?.[1].Properties.EventPattern.detail.stateMachineArn);
    expect(arn).toContain(':states:us-east-1:333333333333:stateMachine:orders');
  });

  it('carries no input and output of a job, and keeps what could not be sent', () => {
    for (const [, { Properties }] of straight) {
      const [target] = Properties.Targets;
      expect(JSON.stringify(target.InputTransformer)).not.toMatch(/input"|output|\$\.detail"/);
      expect(target.DeadLetterConfig).toEqual({ Arn: expect.anything() });
    }
  });

  it('lets its own rules alone send to the queues, beside the topic', () => {
    const policies = Object.values(template.findResources('AWS::SQS::QueuePolicy'));
    const statements = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement as Statement[]);
    const events = statements.filter(({ Principal }) => Principal.Service === 'events.amazonaws.com');
    expect(events).toHaveLength(4);
    for (const statement of events) {
      expect(statement.Effect).toBe('Allow');
      expect(
        straight.map(([id]) => ({ ArnEquals: { 'aws:SourceArn': { 'Fn::GetAtt': [id, 'Arn'] } } })),
      ).toContainEqual(statement.Condition);
    }
  });
});

it('makes no rule to the queue for a plan without events', () => {
  made({ watch: { ...watch, events: undefined } }).resourceCountIs('AWS::Events::Rule', 1);
});

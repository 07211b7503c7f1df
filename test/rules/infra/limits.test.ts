import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';
import { RolloutStack } from '../../../infra';
import { withGuardianCode } from '../../../infra/guardian-code';
import { rolloutPartsOf } from '../../../rules/plan/rollout-parts';
import type { Guard } from '../../../rules/guards/guard';
import { anApp } from '../../helpers/infra/an-app';
import { templateOf } from '../../helpers/infra/template-of';
import { aPlan } from '../../helpers/samples/plans';

const env = { account: '333333333333', region: 'ap-southeast-1' };
const named = (count: number, length: number): string[] =>
  Array.from({ length: count }, (_unused, i) => `shop-${i}-`.padEnd(length, 'x'));

function made({ alarms, machines, service }: { alarms: string[]; machines: string[]; service?: string }): Template {
  const guards = machines.map((stateMachine): Guard => {
    const breach = { failedWithin: { count: 3, ofMs: 60_000 } };
    return { name: stateMachine, kind: 'executions', onBreach: 'hold', stateMachine, userErrors: [], breach };
  });
  const watch = {
    ...aPlan().watch,
    ...{ pushQueue: undefined, events: true, guards },
    alarms: alarms.map((name) => ({ name, onBreach: 'rollback' as const })),
  };
  const plan = aPlan({ watch, ...(service === undefined ? {} : { service, environment: 'e'.repeat(32) }) });
  return templateOf(new RolloutStack(anApp(), rolloutPartsOf(plan), { env }));
}
const of = (template: Template, type: string) =>
  Object.values(template.findResources(type)).map((one) => one.Properties);

/** As EventBridge counts: with every ARN written out. */
const written = (pattern: unknown): string =>
  JSON.stringify(pattern, (_key, value: { readonly 'Fn::Join'?: [string, unknown[]] }) =>
    value?.['Fn::Join'] === undefined
      ? value
      : value['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : 'aws-us-gov')).join(''),
  );

describe('a plan with many alarms and state machines', () => {
  const [alarms, machines] = [named(120, 200), named(40, 80)];
  const template = made({ alarms, machines });
  const patterns = of(template, 'AWS::Events::Rule').map(({ EventPattern }) => EventPattern);

  it('has patterns that EventBridge takes, and all of them together name everything once for each target', () => {
    for (const pattern of patterns) expect(written(pattern).length).toBeLessThanOrEqual(2_048);
    const listed = patterns.flatMap(({ detail }) => (detail.alarmName as string[] | undefined) ?? []);
    expect(listed.toSorted()).toEqual([...alarms, ...alarms].toSorted());
    const counted = patterns.flatMap(({ detail }) => (detail.stateMachineArn as unknown[] | undefined) ?? []);
    expect(counted.map((arn) => written(arn).split(':').at(-1)?.replace('"', '')).toSorted()).toEqual(
      machines.toSorted(),
    );
  });

  it('lets each of its rules publish', () => {
    const toTopic = Object.entries(template.findResources('AWS::Events::Rule')).filter(([, { Properties }]) =>
      JSON.stringify(Properties.Targets).includes('AlarmPushTopic'),
    );
    expect(toTopic.length).toBeGreaterThan(1);
    const policy = JSON.stringify(of(template, 'AWS::SNS::TopicPolicy'));
    for (const [id] of toTopic) expect(policy).toContain(`{"Fn::GetAtt":["${id}","Arn"]}`);
  });

  it('has a guardian whose variables AWS takes: its settings are beside its code', () => {
    const [guardian] = of(template, 'AWS::Lambda::Function');
    expect(guardian?.Environment).toBeUndefined();
    const settings = '{"parameter":"/shop"}';
    withGuardianCode(settings, (folder) => {
      expect(readFileSync(join(folder, 'settings.json'), 'utf8')).toBe(settings);
      expect(readFileSync(join(folder, 'index.js'), 'utf8')).toContain('settings.json');
    });
  });

  it('filters what the guardian gets by as many values as SNS takes', () => {
    const filtered = (count: number) =>
      of(made({ alarms: named(count, 20), machines: [] }), 'AWS::SNS::Subscription').flatMap(({ FilterPolicy }) =>
        FilterPolicy === undefined ? [] : [FilterPolicy as { AlarmName?: string[] }],
      );
    expect(filtered(149)[0]?.AlarmName).toHaveLength(150);
    expect(filtered(150)).toEqual([{ NewStateValue: ['ALARM'] }]);
  });
});

it('has names that AWS takes for the longest service and environment, different for different services', () => {
  const namesOf = (service: string) => {
    const template = made({ alarms: ['a'], machines: [], service });
    const queues = of(template, 'AWS::SQS::Queue').map(({ QueueName }) => QueueName as string);
    const functions = of(template, 'AWS::Lambda::Function').map(({ FunctionName }) => FunctionName as string);
    return { queues, functions };
  };
  const long = namesOf('s'.repeat(64));
  for (const name of long.queues) expect(name).toMatch(/^[\w-]{1,80}$/);
  for (const name of long.functions) expect(name).toMatch(/^[\w-]{1,64}$/);
  expect(new Set([...long.queues, ...namesOf(`${'s'.repeat(63)}t`).queues]).size).toBe(8);
});

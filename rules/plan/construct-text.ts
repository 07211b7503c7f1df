import { rolloutPartsOf } from './rollout-parts';
import type { EnvironmentPlan } from './environment-plan';

/**
 * The CDK constructs of one environment as TypeScript to paste: rights in a stack that no rollout deploys, and flag, alarm push
 * and guardian as `rollout setup` makes them. Imports and `app` are part of it; it ends without a new line.
 */
export function constructText(plan: EnvironmentPlan): string {
  const { service, environment, aws, watch, audit } = plan;
  const { flag, push, alarms, events, rollbackAlarms, unwatched, graceMs, fullForMs, topics } = rolloutPartsOf(plan);
  const stack = service
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
  const json = (value: unknown): string => JSON.stringify(value);
  const access = {
    flagParameter: flag.parameter,
    pushQueue: push,
    dashboard: watch.dashboard,
    noticeTopics: topics,
    audit,
  };
  const given = Object.entries(access).filter(
    ([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0),
  );
  const hears = topics.map((arn, i) => `Topic.fromTopicArn(rollout, 'People${i}', ${json(arn)})`);
  return [
    `import { App, Duration, Stack } from 'aws-cdk-lib';`,
    ...(hears.length === 0 ? [] : [`import { Topic } from 'aws-cdk-lib/aws-sns';`]),
    `import { AlarmPush, RolloutAccess, RolloutFlag, Watchdog } from 'rollout-orchestrator/cdk';`,
    '',
    `const at = ${json({ service, environment })};`,
    `const env = ${json({ account: aws.account, region: aws.region })};`,
    'const app = new App();',
    `const access = new Stack(app, '${stack}RolloutAccess-${environment}', { env });`,
    `new RolloutAccess(access, 'Access', { ...at, ${given.map(([key, value]) => `${key}: ${json(value)}`).join(', ')} });`,
    `const rollout = new Stack(app, '${stack}Rollout-${environment}', { env });`,
    `const flag = new RolloutFlag(rollout, 'Flag', ${json({ parameter: flag.parameter, salt: flag.salt, format: flag.format })});`,
    `const push = new AlarmPush(rollout, 'Push', ${json(push)});`,
    ...(alarms.length === 0 ? [] : [`push.carryByEvents(${json(alarms)});`]),
    ...(events === undefined ? [] : [`push.carryEvents(${json({ alarms, ...events })});`]),
    `new Watchdog(rollout, 'Watchdog', {`,
    `  ...{ ...at, flag, push, rollbackAlarms: ${json(rollbackAlarms)}, topics: [${hears.join(', ')}] },`,
    `  grace: Duration.millis(${graceMs}),`,
    `  unwatchedAfter: Duration.millis(${unwatched.afterMs}),`,
    `  lastSoak: Duration.millis(${fullForMs}),`,
    `});`,
  ].join('\n');
}

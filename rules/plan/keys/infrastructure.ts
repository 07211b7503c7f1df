import * as names from '../names';
import { z } from 'zod';
import { awsName, duration, key, list, text } from '../problems/schema-key';
import { durationMs } from '../duration';
import { listAt, valueAt, type Finding } from '../problems/plan-problem';
import { environmentPaths } from '../problems/places';

/** `infrastructure`: the stacks that are deployed before the rollout, and how long that may take. */
export const infrastructureSchema = key(
  z.strictObject({
    app: key(text(), {
      is: 'Command that synthesizes the CDK app, in any language, like `app` in cdk.json.',
      remedy: 'write the command, such as python3 app.py or node --require tsx/cjs infra/app.ts',
    }),
    directory: key(text(), {
      is: 'Folder the command runs in, relative to this plan.',
      remedy: 'write a folder relative to this plan, such as ..',
    }),
    stacks: key(
      list(
        key(awsName(names.STACK, 'may have only letters, digits and -, and begins with a letter', true), {
          is: 'Name of a CloudFormation stack, with {env}.',
          remedy: 'write the name of the stack, such as ShopStack-{env}',
        }),
        'must name at least one stack',
      ),
      {
        is: 'CloudFormation stacks, deployed in this order.',
        remedy: 'write a list of stack names, such as ShopStack-{env}',
      },
    ),
    monitor: duration('0s', '180m', {
      is: 'How long CloudFormation itself watches the alarms with onBreach rollback after every resource exists; it rolls the stack back when one fires. Whole minutes; 0s: it watches only while it deploys. Default: CloudFormation watches no alarm.',
      remedy: 'write a duration such as 10m',
    }).optional(),
    atMost: duration('1m', '5h', {
      is: 'Longest time of one deployment, monitoring included; then it is cancelled and rolled back. Default: 4h.',
      remedy: 'write a duration such as 2h',
    }).optional(),
  }),
  {
    is: 'The CDK app whose stacks `rollout deploy` deploys before the rollout. Default: nothing is deployed.',
    remedy: 'write the keys app, directory and stacks under it, or remove the key',
  },
);

/** Problems of `infrastructure`, and of keys that have no meaning without it. */
export const infrastructureFindings = (raw: unknown): readonly Finding[] =>
  valueAt(raw, ['infrastructure']) === undefined ? deploymentsOfNothing(raw) : tooLongMonitored(raw);

function deploymentsOfNothing(raw: unknown): readonly Finding[] {
  return environmentPaths(raw).flatMap((environment) => {
    const kept = listAt(raw, [...environment, 'checklist']).flatMap((item, i) =>
      valueAt(item, ['proof']) === 'rollback-template-kept' ? [[...environment, 'checklist', i, 'proof']] : [],
    );
    const deployment = [...environment, 'deployment'];
    return [...(valueAt(raw, deployment) === undefined ? [] : [deployment]), ...kept].map((path) => ({
      path,
      problem: 'has no meaning without infrastructure: this plan deploys no stacks',
      remedy: 'remove the key, or add infrastructure with app, directory and stacks to the plan',
    }));
  });
}

/** Stacks are monitored one after the other: all of it must fit into the time of a deployment. */
function tooLongMonitored(raw: unknown): readonly Finding[] {
  const at = (name: string): number | undefined => {
    const value = valueAt(raw, ['infrastructure', name]);
    return typeof value === 'string' ? durationMs(value) : undefined;
  };
  const [monitorMs, atMostMs = DEFAULT_DEPLOYMENT_MS] = [at('monitor'), at('atMost')];
  const stacks = Math.max(1, listAt(raw, ['infrastructure', 'stacks']).length);
  if (monitorMs === undefined || monitorMs * stacks < atMostMs) return [];
  const problem = `leaves no time to deploy: ${stacks} × monitor is as long as atMost, or longer`;
  return [{ path: ['infrastructure', 'monitor'], problem, remedy: 'write a shorter monitor, or a longer atMost' }];
}

/** Default of `infrastructure.atMost`. */
const DEFAULT_DEPLOYMENT_MS = 4 * 3_600_000;

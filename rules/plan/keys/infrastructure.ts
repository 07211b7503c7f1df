import * as names from '../names';
import { z } from 'zod';
import { awsName, duration, key, list, text } from '../problems/schema-key';
import { durationMs } from '../duration';
import { listAt, valueAt, type Finding } from '../problems/plan-problem';

/** `infrastructure`: what is deployed before the rollout, and how long that may take. */
export const infrastructureSchema = key(
  z.strictObject({
    app: key(text(), {
      is: 'Command that synthesizes the CDK app, as in cdk.json.',
      remedy: 'write the command, as node --require tsx/cjs infra/app.ts',
    }),
    directory: key(text(), {
      is: 'Folder the command runs in, relative to this plan.',
      remedy: 'write a folder relative to this plan, as ..',
    }),
    stacks: key(
      list(
        key(awsName(names.STACK, 'may have only letters, digits and -, and begins with a letter', true), {
          is: 'Name of a CloudFormation stack, with {env}.',
          remedy: 'write the name of the stack, as PaviStepFunctionsStack-{env}',
        }),
        'must name at least one stack',
      ),
      {
        is: 'CloudFormation stacks, deployed in this order.',
        remedy: 'write a list of stack names, as PaviStepFunctionsStack-{env}',
      },
    ),
    monitor: duration('0s', '180m', {
      is: 'How long CloudFormation itself watches the alarms with onBreach rollback once every resource is made; it takes the stack back when one rings. Counted in whole minutes; 0s watches while it deploys. Left out, CloudFormation watches no alarm.',
      remedy: 'write a duration as 10m',
    }).optional(),
    atMost: duration('1m', '5h', {
      is: 'Longest time of one deployment, monitoring included; then it is cancelled and taken back. Without it 4h.',
      remedy: 'write a duration as 2h',
    }).optional(),
  }),
  { is: 'What is deployed before the rollout.', remedy: 'write the keys app, directory and stacks under it' },
);

/** Every stack is monitored after the one before it: all of that has to fit into the time of a deployment. */
export function infrastructureFindings(raw: unknown): readonly Finding[] {
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

/** Of `infrastructure.atMost` when nothing is written. */
const DEFAULT_DEPLOYMENT_MS = 4 * 3_600_000;

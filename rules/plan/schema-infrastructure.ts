import { z } from 'zod';
import * as names from './names';
import { awsName, duration, key, list, text } from './problems/schema-key';

/** `infrastructure`: what is deployed before the rollout, and how long that may take. */
export const infrastructureSchema = key(
  z.strictObject({
    app: key(text(), {
      is: 'Command that synthesizes the CDK app, as in cdk.json.',
      remedy: 'write the command, as node --require tsx/cjs infra/pavi/app.ts',
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

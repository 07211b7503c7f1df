import { z } from 'zod';
import { PAVI_VARIABLES } from '../delivery/delivery';
import * as names from './names';
import { awsName, duration, key, matching, text } from './problems/schema-key';

const variable = (what: string, standard: string) =>
  key(matching(names.VARIABLE, 'must be the name of an environment variable'), {
    is: `Name of the variable ${what}. Without it ${standard}.`,
    remedy: `write a name as ${standard}, or take the key out`,
  });

const beanstalk = (shared: boolean) =>
  key(
    z.strictObject({
      application: key(text().max(100, { error: 'must have 100 characters at the most' }), {
        is: 'Name of the application; only needed where two of them have an environment of that name.',
        remedy: 'write the name of the application, or take the key out',
      }).optional(),
      environment: key(awsName(names.BEANSTALK, 'may have only letters, digits and - inside', shared), {
        is: 'Name of the Elastic Beanstalk environment that serves the API.',
        remedy: "write the name of the environment, in quotes, as 'PAVI-api-{env}'",
      }),
    }),
    {
      is: 'An environment of Elastic Beanstalk with enhanced health reporting; its option settings are changed.',
      remedy: "write `{ environment: 'PAVI-api-{env}' }`",
    },
  );

const ecs = (shared: boolean) =>
  key(
    z.strictObject({
      cluster: key(awsName(names.ECS, 'may have only letters, digits, - and _', false), {
        is: 'Name of the ECS cluster.',
        remedy: 'write the name of the cluster',
      }),
      service: key(awsName(names.ECS, 'may have only letters, digits, - and _', shared), {
        is: 'Name of the ECS service that serves the API; it gets a new revision of its task definition.',
        remedy: "write the name of the service, in quotes, as 'pavi-api-{env}'",
      }),
      container: key(awsName(names.ECS, 'may have only letters, digits, - and _', false), {
        is: 'Name of the container in the task definition whose environment is set.',
        remedy: 'write the name of the container, as api',
      }),
    }),
    {
      is: 'A service of ECS with rolling deployments.',
      remedy: "write `{ cluster: pavi, service: 'pavi-api-{env}', container: api }`",
    },
  );

const variables = key(
  z
    .strictObject({
      use: variable('that switches Step Functions on', PAVI_VARIABLES.use),
      enable: variable('that makes the percentage count', PAVI_VARIABLES.enable),
      percentage: variable('that holds the percentage', PAVI_VARIABLES.percentage),
    })
    .partial(),
  { is: "Names of the three variables, where they are not PAVI's.", remedy: 'write only the names that differ' },
);

/** `flag.delivery`, and an environment's own, which needs no `{env}`. */
export const deliverySchema = (shared: boolean) =>
  key(
    z.strictObject({
      elasticBeanstalk: beanstalk(shared).optional(),
      ecs: ecs(shared).optional(),
      variables: variables.optional(),
      healthUrl: key(matching(names.ADDRESS, 'must be an http or https address'), {
        is: "Address where the instances say what they go by. Without it healthUrl of the environment's verification, or /api/health of its apiUrl.",
        remedy: 'write an address as https://api.example.org/api/health, or take the key out',
      }).optional(),
      instanceField: key(text(), {
        is: 'Field of that answer with the id of the instance: of EC2, or of the ECS task. Without it instance. An API with a single instance needs none.',
        remedy: 'write the name of a field, or take the key out',
      }).optional(),
      within: duration('5s', '1d', {
        is: 'How long the delivery of a raise may take; then the rollout holds. Without it 15m.',
        remedy: 'write a duration as 15m',
      }).optional(),
    }),
    {
      is: 'For an API that knows only environment variables: where they are set after the flag document was written, and where its instances say that they go by them.',
      remedy: "write `{ elasticBeanstalk: { environment: 'PAVI-api-{env}' } }`, or take the key out",
    },
  );

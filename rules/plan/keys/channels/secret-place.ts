import { z } from 'zod';
import * as names from '../../names';
import { key, matching } from '../../problems/schema-key';

/** Where the worker finds a secret; the plan holds its name alone. */
export const secretPlace = (what: string, example: string) =>
  key(
    z.strictObject({
      parameter: key(matching(names.SSM_PARAMETER, 'must be the full path of an SSM parameter'), {
        is: `Name of the SSM parameter of type SecureString that holds ${what}, with {env} when each environment has its own.`,
        remedy: `write a path such as /shop/{env}/${example}`,
      }).optional(),
      secret: key(matching(names.SECRET, 'must be the name of a secret, and not its ARN'), {
        is: `Name of the secret of Secrets Manager that holds ${what} and nothing else, with {env} when each environment has its own.`,
        remedy: `write a name such as shop/{env}/${example}`,
      }).optional(),
      variable: key(matching(/^[A-Z][A-Z0-9_]*$/, 'must be capital letters, digits and _'), {
        is: `Name of the environment variable of the worker that holds ${what}.`,
        remedy: `write a name such as ${example.toUpperCase().replaceAll('-', '_')}`,
      }).optional(),
    }),
    {
      is: `Where the worker finds ${what}: a secret, which is never written here.`,
      remedy: `write where it is kept, such as \`{ parameter: /shop/{env}/${example} }\``,
    },
  );

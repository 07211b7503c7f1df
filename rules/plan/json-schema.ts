import { z } from 'zod';
import { planSchema } from './schema';

/** The shape of a plan file as JSON Schema, draft 7, the one that editors know best. */
export function planJsonSchema(): object {
  return z.toJSONSchema(planSchema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema }) => {
      // Wherever a key would be unknown: what anchors share, and merge keys, for an editor that does not merge them itself.
      if (jsonSchema.additionalProperties === false) jsonSchema.patternProperties = { '^x-': {}, '^<<$': {} };
    },
  });
}

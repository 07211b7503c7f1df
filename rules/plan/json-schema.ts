import { z } from 'zod';
import { planSchema } from './schema';

/** The shape of a plan file as JSON Schema, draft 7, which editors support best. */
export function planJsonSchema(): object {
  return z.toJSONSchema(planSchema, {
    io: 'input',
    target: 'draft-7',
    override: ({ jsonSchema }) => {
      // Allow `x-…` keys for shared anchors, and merge keys for editors that do not merge them, in every strict object.
      if (jsonSchema.additionalProperties === false) jsonSchema.patternProperties = { '^x-': {}, '^<<$': {} };
    },
  });
}

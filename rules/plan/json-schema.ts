import { z } from 'zod';
import { planSchema } from './schema';

/** The shape of a plan file as JSON Schema, draft 7, the one that editors know best. */
export function planJsonSchema(): object {
  return z.toJSONSchema(planSchema, { io: 'input', target: 'draft-7' });
}

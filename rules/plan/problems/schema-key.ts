import { z } from 'zod';
import { DURATION, durationMs } from '../duration';
import { HAS_ENV } from '../names';

/** What to write instead, by schema: an instruction that follows a semicolon. */
export const remedies = z.registry<{ readonly remedy: string }>();

interface Guide {
  readonly is: string;
  readonly remedy: string;
}

/** A key of the plan file: `is` is shown by editors, `remedy` when the value is wrong. */
export function key<T extends z.ZodType>(schema: T, { is, remedy }: Guide): T {
  const described = schema.meta({ description: is });
  remedies.add(described, { remedy });
  return described;
}

export const text = () => z.string().min(1, { error: 'must not be empty', abort: true });
export const matching = (pattern: RegExp, error: string) => text().regex(pattern, { error });
export const list = <T extends z.ZodType>(item: T, error: string) => z.array(item).min(1, { error });

export const kebab = 'must be lower-case words joined by hyphens';
/** A duration within limits, both included. */
export function duration(least: string, most: string, guide: Guide): z.ZodString {
  const within = (value: string): boolean => {
    const valueMs = durationMs(value);
    return valueMs === undefined || (valueMs >= limitMs(least) && valueMs <= limitMs(most));
  };
  const written = matching(DURATION, 'must be a number and a unit: s, m, h, d or w');
  return key(written.refine(within, { error: `must be from ${least} to ${most}` }), guide);
}

const limitMs = (limit: string): number => durationMs(limit) ?? 0;

/** A name of something in AWS. Shared names carry `{env}`; an environment's own may be written out. */
export function awsName(pattern: RegExp, error: string, shared: boolean): z.ZodString {
  const name = matching(pattern, error);
  return shared
    ? name.regex(HAS_ENV, { error: 'must contain {env}, otherwise all environments would share it' })
    : name;
}

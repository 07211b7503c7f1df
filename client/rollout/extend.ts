import type { ExtendCommand } from '../../workflows/messages';
import { extendUpdate } from '../../workflows/messages';
import { futureMs, lengthMs, type Typed, zoneOf } from '../input/times';
import type { CommandOptions } from '../options';
import { defineVerb } from '../program/verb';
import { CliError } from '../terminal/cli-error';
import { steer } from './steer';

export interface ExtendOptions extends CommandOptions {
  /** A duration from now, such as `6h`. */
  readonly for?: string;
  /** ISO 8601. */
  readonly until?: string;
}

export const verb = defineVerb<ExtendOptions>({
  name: 'extend',
  argument: '<env>',
  group: 'Raise',
  summary: 'holds the present percentage for longer',
  examples: [['rollout extend prod --for 6h', 'hold this percentage for six hours more, from now']],
  reason: 'optional',
  options: [
    { flags: '--for <length>', summary: 'from now, such as 90m, 6h or 2d' },
    { flags: '--until <time>', summary: 'until then, ISO 8601; a date includes all of its day' },
  ],
  leadsToZero: true,
  handler: async (target, options) => {
    const zone = zoneOf(target);
    // Report wrong usage before contacting Temporal.
    extension(options, { nowMs: -Infinity, zone });
    return steer(target, options, extendUpdate, (command, _seen, nowMs) => ({
      ...command,
      ...extension(options, { nowMs, zone }),
    }));
  },
});

/** Always a moment, also for a typed duration, so that repeating the request changes nothing. */
export function extension(options: ExtendOptions, { nowMs, zone }: Typed): Required<Pick<ExtendCommand, 'untilMs'>> {
  const { for: length, until } = options;
  if (length !== undefined && until === undefined) return { untilMs: nowMs + lengthMs('--for', length) };
  if (length === undefined && until !== undefined) return { untilMs: futureMs('--until', until, { nowMs, zone }) };
  throw new CliError(2, 'Say how long to hold the percentage: either --for LENGTH, such as 6h, or --until TIME.');
}

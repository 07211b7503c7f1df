import type { ExtendCommand } from '../../workflows/messages';
import { extendUpdate } from '../../workflows/messages';
import { futureMs, lengthMs, type Typed, zoneOf } from '../input/times';
import type { CommandOptions } from '../options';
import { defineVerb } from '../program/verb';
import { Failure } from '../terminal/failure';
import { steer } from './steer';

export interface ExtendOptions extends CommandOptions {
  /** A length of time, as `6h`, from now. */
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
    { flags: '--for <length>', summary: 'from now, as 90m, 6h or 2d' },
    { flags: '--until <time>', summary: 'until then, ISO 8601; a date includes all of its day' },
  ],
  leadsToZero: true,
  handler: async (target, options) => {
    const zone = zoneOf(target);
    // Report wrong usage before asking anything.
    extension(options, { nowMs: -Infinity, zone });
    return steer(target, options, extendUpdate, (command, _seen, nowMs) => ({
      ...command,
      ...extension(options, { nowMs, zone }),
    }));
  },
});

/** A moment, also where a length was typed, so that the request may be repeated. */
export function extension(options: ExtendOptions, { nowMs, zone }: Typed): Required<Pick<ExtendCommand, 'untilMs'>> {
  const { for: length, until } = options;
  if (length !== undefined && until === undefined) return { untilMs: nowMs + lengthMs('--for', length) };
  if (length === undefined && until !== undefined) return { untilMs: futureMs('--until', until, { nowMs, zone }) };
  throw new Failure(2, 'Say how long the percentage is held: either --for LENGTH, as 6h, or --until TIME.');
}

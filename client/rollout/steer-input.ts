import type { Freeze } from '../../rules/plan/environment-plan';
import type { Command, ExtendCommand, PromoteCommand } from '../../workflows/messages';
import { actor } from '../input/actor';
import { Failure } from '../terminal/failure';
import type { Seen } from '../temporal/find-rollout';
import type { CommandOptions, ExtendOptions, FreezeOptions, PromoteOptions, StepOptions } from '../options';
import { futureMs, lengthMs, momentMs } from '../input/times';

/** When something is typed, and the zone that a time without one is meant in. */
export interface Typed {
  readonly nowMs: number;
  readonly zone: string;
}

/** Who asks, and why. */
export function commandOf(options: CommandOptions): Command & { readonly by: string } {
  return { by: actor(options.by), reason: options.reason };
}

/** The raise that the one who asks has in mind: the one typed, else the next one as the rollout shows it now. */
export function meant(options: StepOptions, { status }: Pick<Seen, 'status'>): { readonly percentage?: number } {
  const percentage = options.percentage ?? status.next;
  return { percentage };
}

export function promotion(options: PromoteOptions): Omit<PromoteCommand, keyof Command> {
  if (options.override === true && options.reason === undefined)
    throw new Failure(2, 'An override of windows and freezes is recorded with its reason: add --reason TEXT.');
  const { full, override } = options;
  return { ...(full === true ? { full } : {}), ...(override === true ? { override } : {}) };
}

/** The environment in which 0 % is left undelivered: never another one by mistake, and never without a word. */
export function leaving(environment: string | undefined, { reason }: CommandOptions): string {
  if (environment === undefined) throw new Failure(2, 'Name the environment in which 0 % is left undelivered.');
  if (reason === undefined)
    throw new Failure(2, 'That 0 % is left undelivered is recorded with its reason: add --reason TEXT.');
  return environment;
}

/** A moment, also where a length was typed, so that the request may be repeated. */
export function extension(options: ExtendOptions, { nowMs, zone }: Typed): Required<Pick<ExtendCommand, 'untilMs'>> {
  const { for: length, until } = options;
  if (length !== undefined && until === undefined) return { untilMs: nowMs + lengthMs('--for', length) };
  if (length === undefined && until !== undefined) return { untilMs: futureMs('--until', until, { nowMs, zone }) };
  throw new Failure(2, 'Say how long the percentage is held: either --for LENGTH, as 6h, or --until TIME.');
}

export function freezeOf(options: FreezeOptions, by: string, { nowMs, zone }: Typed): Freeze {
  const { reason, from, until } = options;
  const toMs = futureMs('--until', until, { nowMs, zone });
  const fromMs = from === undefined ? nowMs : momentMs('--from', from, zone);
  if (fromMs >= toMs) throw new Failure(2, `--from ${from} is not before --until ${until}.`);
  return { fromMs, toMs, reason, by };
}

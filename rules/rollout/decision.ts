import type { Hook } from '../checks/hooks';
import type { FlagReading } from './state/flag';
import type { Outcome } from './status/status';
import type { TimedOut, WaitDecision } from './wait';

/** What to do next, and why. A closed set: a new kind is a compile error until every reader handles it. */
export type Decision =
  | { readonly do: 'read-flag'; readonly why: string }
  | { readonly do: 'read-freezes'; readonly why: string }
  | { readonly do: 'take-owner'; readonly why: string }
  | { readonly do: 'look-at-deployment'; readonly why: string }
  | { readonly do: 'look'; readonly why: string }
  | { readonly do: 'prove'; readonly items: readonly string[]; readonly why: string }
  | { readonly do: 'probe'; readonly why: string }
  | { readonly do: 'ask-hooks'; readonly hooks: readonly Hook[]; readonly why: string }
  | { readonly do: 'set-traffic'; readonly percentage: number; readonly stepIndex: number; readonly why: string }
  | {
      readonly do: 'restore-traffic';
      readonly percentage: number;
      readonly stepIndex: number;
      readonly over: FlagReading;
      readonly why: string;
    }
  | WaitDecision
  | TimedOut
  | { readonly do: 'roll-back'; readonly why: string }
  | { readonly do: 'check-zero'; readonly why: string }
  | { readonly do: 'finish'; readonly outcome: Outcome; readonly why: string };

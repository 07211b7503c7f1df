import type { Freeze, Window } from '../plan/environment-plan';
import { describeWindow, isOpen, nextOpening } from './window';
import { formatTime, singleLine } from '../format';

/** When the percentage may be raised next, according to windows and freezes. Rollbacks ignore both. */
export interface NextRaise {
  /** The first moment from now on at which both allow it: now if they do, Infinity if they never do. */
  readonly atMs: number;
  /** What forbids it now; absent when nothing does. */
  readonly blocked?: Blocked;
}

export interface Blocked {
  /** As in a `Refusal`. A freeze comes first, because it was decided for this day. */
  readonly rule: 'freeze' | 'window';
  /** As `frozen until Mon 4 Jan 00:00:00 EST: year-end holidays`. */
  readonly why: string;
  /** What to do: an instruction. */
  readonly remedy: string;
}

/** The freeze that forbids a raise now; of several, the one that ends last. */
export function frozenBy(freezes: readonly Freeze[], nowMs: number): Freeze | undefined {
  let found: Freeze | undefined;
  for (const freeze of freezes) {
    if (nowMs < freeze.fromMs || nowMs >= freeze.toMs) continue;
    if (found === undefined || freeze.toMs > found.toMs) found = freeze;
  }
  return found;
}

/**
 * The first moment from now on at which windows and freezes allow a raise; Infinity if they never do. Builds no texts and is
 * therefore much cheaper than `nextRaise`.
 */
export function raiseAllowedAt(windows: readonly Window[], freezes: readonly Freeze[], nowMs: number): number {
  let atMs = nowMs;
  // Every round passes one freeze, so there are no more rounds than freezes.
  for (;;) {
    atMs = nextOpening(windows, atMs);
    const frozen = Number.isFinite(atMs) ? frozenBy(freezes, atMs) : undefined;
    if (frozen === undefined) return atMs;
    atMs = frozen.toMs;
  }
}

/**
 * The first moment from now on at which a raise is allowed, and what forbids it now.
 * @param zone IANA name of the zone for times in texts; that of the first window when left out.
 */
export function nextRaise(
  windows: readonly Window[],
  freezes: readonly Freeze[],
  nowMs: number,
  zone = windows[0]?.zone ?? 'UTC',
): NextRaise {
  const frozen = frozenBy(freezes, nowMs);
  const open = isOpen(windows, nowMs);
  if (frozen === undefined && open) return { atMs: nowMs };
  const atMs = raiseAllowedAt(windows, freezes, nowMs);
  const until = Number.isFinite(atMs)
    ? `wait until ${formatTime(atMs, zone, nowMs)}`
    : 'change the plan: it never allows a raise again';
  if (frozen !== undefined) {
    const byHand = frozen.by === undefined ? '' : ', or remove the freeze with unfreeze';
    const closed = open ? '' : `, and ${outside(windows)}`;
    return {
      atMs,
      blocked: { rule: 'freeze', why: describeFreeze(frozen, zone, nowMs) + closed, remedy: until + byHand },
    };
  }
  const opensMs = nextOpening(windows, nowMs);
  const then = Number.isFinite(opensMs) ? frozenBy(freezes, opensMs) : undefined;
  const why =
    then === undefined ? outside(windows) : `${outside(windows)}, and then ${describeFreeze(then, zone, nowMs)}`;
  return { atMs, blocked: { rule: 'window', why, remedy: until } };
}

/** As `frozen until Mon 4 Jan 00:00:00 EST by alice: year-end holidays`. */
export function describeFreeze({ toMs, reason, by }: Freeze, zone: string, nowMs: number): string {
  return `frozen until ${formatTime(toMs, zone, nowMs)}${by === undefined ? '' : ` by ${singleLine(by)}`}: ${singleLine(reason)}`;
}

const outside = (windows: readonly Window[]): string =>
  `outside the maintenance window (${windows.map(describeWindow).join(', ')})`;

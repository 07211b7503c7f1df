import type { Finding } from './doctor-report';
import { formatDuration } from '../format';

/** AWS refuses a request whose signature is more than five minutes off. Source: AWS Signature Version 4. */
const REFUSED_SKEW_MS = 5 * 60_000;
/** With a larger skew, an alarm of this minute may be attributed to the minute before. */
const TOLERATED_SKEW_MS = 10_000;
const WORKERS = "synchronize the clock of the worker's machine with NTP";

/** The worker's clock compared with AWS's, which is `skewMs` ahead. */
export function clockFinding(skewMs: number): Finding {
  const level =
    Math.abs(skewMs) >= REFUSED_SKEW_MS ? 'problem' : Math.abs(skewMs) > TOLERATED_SKEW_MS ? 'warning' : 'ok';
  return clock('clock', level, { what: off(skewMs, 'AWS'), remedy: WORKERS });
}

/** The worker's clock compared with Temporal's: `workerMs` was read between `fromMs` and `toMs` of Temporal's clock (ms since 1970). */
export function workerClockFinding(
  workerMs: number,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): Finding {
  const skewMs = workerMs < fromMs ? fromMs - workerMs : Math.min(0, toMs - workerMs);
  const level = Math.abs(skewMs) > TOLERATED_SKEW_MS ? 'warning' : 'ok';
  return clock("clock beside Temporal's", level, { what: off(skewMs, "Temporal's server"), remedy: WORKERS });
}

/** The clock of the operator's machine; `skewMs` is undefined when Temporal's server does not report its time. */
export function machineClockFinding(skewMs: number | undefined): Finding {
  const subject = 'clock of this machine';
  const remedy = 'synchronize the clock of this machine with NTP';
  if (skewMs === undefined) {
    const what = "its skew is NOT KNOWN: Temporal's server did not report its time";
    return { subject, level: 'warning', what, remedy: 'compare it with another clock before you freeze or extend' };
  }
  const level = Math.abs(skewMs) > TOLERATED_SKEW_MS ? 'warning' : 'ok';
  return clock(subject, level, { what: off(skewMs, "Temporal's server"), remedy });
}

function clock(subject: string, level: Finding['level'], { what, remedy }: { what: string; remedy: string }): Finding {
  return level === 'ok' ? { subject, level, what } : { subject, level, what, remedy };
}

/** Whole seconds up to an hour: small differences matter there. */
function off(skewMs: number, of: string): string {
  const length = Math.abs(skewMs);
  if (length < 1_000) return `agrees with ${of}`;
  const words = length <= 3_600_000 ? `${Math.round(length / 1_000)} s` : formatDuration(length);
  return `${words} ${skewMs > 0 ? 'behind' : 'ahead of'} ${of}`;
}

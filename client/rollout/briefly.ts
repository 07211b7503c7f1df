import { formatDuration, formatTime } from '../../rules/format';
import { percentageSource } from '../../rules/report/rollout';
import { headline, zeroConfirmed } from '../../rules/report/rollout-headline';
import type { RolloutStatus } from '../../rules/rollout/status/status';
import { commandLine, type CommonOptions } from '../options';
import type { RolloutView } from '../temporal/find-rollout';
import { localZone } from '../terminal/render';

/** The answer of a verb that steers, in three lines: what it did, how the rollout is now, and where to see all of it. */
export function briefly(answer: string, { status, running }: RolloutView, options: CommonOptions): string {
  const see = commandLine(running ? 'watch' : 'status', status.environment, options);
  return [
    `**${answer}**`,
    `Now: ${stateNow(status, Date.now(), localZone())}`,
    `${running ? 'Follow it' : 'See all of it'}: \`${see}\``,
  ].join('\n');
}

/** The headline without the name, which the answer has; a pause and a zero say how they go on. */
export function stateNow(status: RolloutStatus, nowMs: number, zone: string): string {
  const { environment, phase, wait, service } = status;
  if (phase === 'paused')
    return `nothing is raised until \`rollout resume ${environment}\`; alarms still return traffic to 0 %.`;
  if (phase === 'rolling-back' && zeroConfirmed(status) && wait?.untilMs !== undefined) {
    const left = formatDuration(wait.untilMs - nowMs);
    return `a second check follows in ${left}, ${formatTime(wait.untilMs, zone, nowMs)}; then the rollout ends and the flag is free.`;
  }
  // Of a rollout that does not answer, the answer has said why; the flag itself may be known.
  if (phase === 'not-known') return percentageSource(status, { nowMs, zone }) ?? 'the state is NOT KNOWN.';
  const name = `${service} ${environment}:`;
  const whole = headline(status, nowMs, zone);
  return whole.startsWith(name) ? whole.slice(name.length).trim() : whole;
}

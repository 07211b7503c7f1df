import { formatDuration } from '../../format';
import type { Bounds, Guard } from '../../guards/guard';
import type { EnvironmentPlan } from '../../plan/environment-plan';

/** A guard or alarm as the plan has it. */
export interface PlannedGuard {
  readonly name: string;
  readonly kind: Guard['kind'] | 'alarm';
  /** What is a breach, in words. */
  readonly limit: string;
  /** Its finding rests on a number, and not on a state. */
  readonly hasValue: boolean;
}

export const plannedGuards = ({ watch }: Pick<EnvironmentPlan, 'watch'>): readonly PlannedGuard[] => [
  ...watch.alarms.map(({ name }) => ({
    name,
    kind: 'alarm' as const,
    limit: 'as the alarm in CloudWatch says',
    hasValue: false,
  })),
  ...watch.guards.map((guard) => ({
    name: guard.name,
    kind: guard.kind,
    limit: limitOf(guard),
    hasValue: guard.kind !== 'follows',
  })),
];

function limitOf(guard: Guard): string {
  switch (guard.kind) {
    case 'metric':
      return boundWords(guard.breach, guard.unit);
    case 'logs':
      return boundWords(guard.breach, 'lines');
    case 'results':
      return `breach below ${guard.breach.successRateBelow} %`;
    case 'follows':
      return `breach after ${formatDuration(guard.withinMs)}`;
    case 'executions': {
      const { successRateBelow, averageDurationAboveMs, failedWithin } = guard.breach;
      return words([
        successRateBelow === undefined ? undefined : `below ${successRateBelow} %`,
        averageDurationAboveMs === undefined ? undefined : `above ${formatDuration(averageDurationAboveMs)}`,
        failedWithin && `${failedWithin.count} failures within ${formatDuration(failedWithin.ofMs)}`,
      ]);
    }
    case 'comparison': {
      const { slowerByPercent, failuresHigherByPoints } = guard.breach;
      return words([
        slowerByPercent === undefined ? undefined : `slower by more than ${slowerByPercent} %`,
        failuresHigherByPoints === undefined
          ? undefined
          : `failures higher by more than ${failuresHigherByPoints} points`,
      ]);
    }
  }
}

const boundWords = ({ above, below }: Bounds, unit = ''): string =>
  words([
    above === undefined ? undefined : `above ${above} ${unit}`.trim(),
    below === undefined ? undefined : `below ${below} ${unit}`.trim(),
  ]);

const words = (limits: readonly (string | undefined)[]): string => {
  const known = limits.filter((limit) => limit !== undefined);
  return known.length === 0 ? 'none' : `breach ${known.join(', ')}`;
};

import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { GuardHealth } from '../../rules/guards/verdict';
import type { RolloutStatus } from '../../rules/rollout/status/status';

/** The newest check of a rollout, whether or not it found news. */
export interface LastLook {
  readonly atMs: number;
  readonly guards: readonly GuardHealth[];
}

interface Described {
  readonly raw: {
    readonly pendingActivities?:
      | readonly {
          readonly activityType?: { readonly name?: string | null } | null;
          readonly heartbeatDetails?: { readonly payloads?: readonly Payload[] | null } | null;
        }[]
      | null;
  };
}

/**
 * From the heartbeats of the watch (`activities/observe/watch.ts`): the rollout itself learns only what changes. Undefined where a
 * worker of another version writes something else.
 */
export function lastLookOf({ raw }: Described): LastLook | undefined {
  const looks = (raw.pendingActivities ?? []).flatMap(({ activityType, heartbeatDetails }) => {
    const [payload] = activityType?.name === 'watchAlarms' ? (heartbeatDetails?.payloads ?? []) : [];
    const look = payload === undefined ? undefined : readLook(payload);
    return look === undefined ? [] : [look];
  });
  return looks.toSorted((a, b) => b.atMs - a.atMs)[0];
}

function readLook(payload: Payload): LastLook | undefined {
  try {
    const { lookedAtMs, guards } = defaultPayloadConverter.fromPayload<Record<string, unknown>>(payload);
    if (typeof lookedAtMs !== 'number' || !Array.isArray(guards)) return undefined;
    return { atMs: lookedAtMs, guards: guards as readonly GuardHealth[] };
  } catch {
    return undefined;
  }
}

/** The status with what the guards measured last. News of the rollout itself are never replaced by an older check. */
export function withLook(status: RolloutStatus, look: LastLook | undefined): RolloutStatus {
  if (look === undefined || look.atMs < status.health.atMs || look.guards.length === 0) return status;
  return { ...status, guards: look.guards, checkedAtMs: look.atMs };
}

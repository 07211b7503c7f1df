import type { Duration } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IStringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { FlagFormat } from '../flags/format';
import { GUARDIAN_GRACE_MS, guardianOf, UNWATCHED_AFTER_MS } from '../rules/plan/rollout-parts';
import { unwatchedAlarmOf } from '../rules/rollout/outside/unwatched';
import type { AlarmPush } from './alarm-push';
import { Guardian } from './guardian';

/** What the guardian protects, and how long it waits. */
export interface WatchdogProps {
  /** `service` of the plan. */
  readonly service: string;
  readonly environment: string;
  /** The flag: a `RolloutFlag`, or the parameter of another stack with the salt and the format of the plan. */
  readonly flag: {
    /** Name of the parameter, with its leading slash. */
    readonly name: string;
    readonly parameter: IStringParameter;
    readonly salt: string;
    readonly format?: FlagFormat;
  };
  /** Carries the alarms. */
  readonly push: AlarmPush;
  /** Names of the alarms with `onBreach: rollback`. */
  readonly rollbackAlarms: readonly string[];
  /** How long a rollout has to answer an alarm; default: 2 min, as in the plan's `watch.guardianGrace`. */
  readonly grace?: Duration;
  /** The longest time without a check before the dead man's alarm fires; `watch.unwatchedAfter`. Default: 5 min, for plans that check at least every 100 s. */
  readonly unwatchedAfter?: Duration;
  /** How long 100 % still belongs to a rollout: the last soak of the plan. */
  readonly lastSoak: Duration;
  /** Who hears that no rollout watches the traffic. */
  readonly topics?: readonly ITopic[];
}

/**
 * The guardian and the dead man's alarm of one environment: a Lambda function that writes 0 % when an alarm fired and no rollout
 * answered within the grace, without Temporal and without a worker. It may write that one parameter only. Its code is in this
 * package.
 */
export class Watchdog extends Construct {
  constructor(scope: Construct, id: string, props: WatchdogProps) {
    super(scope, id);
    const { service, environment, flag, push, rollbackAlarms, topics = [] } = props;
    new Guardian(this, 'Guardian', {
      push,
      flag: flag.parameter,
      parts: {
        service,
        environment,
        flag: { parameter: flag.name, salt: flag.salt, format: flag.format },
        guardian: guardianOf({ service, environment }),
        rollbackAlarms,
        unwatched: {
          alarm: unwatchedAlarmOf({ service, environment }),
          afterMs: props.unwatchedAfter?.toMilliseconds() ?? UNWATCHED_AFTER_MS,
        },
        graceMs: props.grace?.toMilliseconds() ?? GUARDIAN_GRACE_MS,
        fullForMs: props.lastSoak.toMilliseconds(),
        topics: topics.map(({ topicArn }) => topicArn),
      },
    });
  }
}

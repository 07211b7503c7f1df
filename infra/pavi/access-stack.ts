import { Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { RolloutAccess } from '../rollout-access';
import { imageRegistry, type PipelineEnvironment } from './environments';
import { pipelineNames } from './names';
import { stackProps, tagAll } from './stack-props';

export const SERVICE = 'pavi';

/** `PaviRolloutAccessStack-{env}`: who may do what with PAVI's flag, for people to deploy. */
export class RolloutAccessStack extends Stack {
  constructor(scope: Construct, id: string, props: PipelineEnvironment) {
    super(scope, id, stackProps(scope, props, `Who may do what with the rollout flag of PAVI, ${props.environment}`));
    const { environment, jobs, noticeTopics, noticeSecrets, delivery, checks } = props;
    const names = pipelineNames(environment);
    const repositories = [...new Set(Object.values(jobs).map(({ repository }) => repository))];
    // `Default` leaves no trace in logical ids.
    new RolloutAccess(this, 'Default', {
      ...{ service: SERVICE, environment, noticeTopics, noticeSecrets, delivery, checks },
      flagParameter: names.flagParameter,
      webhookParameters: [names.webhookParameter],
      dashboard: names.dashboard,
      pushQueue: names.alarmPush,
      // The job definitions name no log group: their jobs write into Batch's own.
      logGroups: [names.apiLogGroup, names.logGroup, '/aws/batch/job'],
      stateMachines: [names.stateMachine],
      buckets: [names.bucket],
      batch: true,
      stacks: [names.pipelineStack, names.computeStack],
      repositories: repositories.map((name) => ({ name, ...imageRegistry })),
    });
    tagAll(this);
  }
}

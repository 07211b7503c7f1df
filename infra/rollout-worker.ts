import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IAlarm, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2';
import {
  AvailabilityZoneRebalancing,
  Cluster,
  type ContainerDefinitionOptions,
  type ContainerImage,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  type ICluster,
  LogDrivers,
  OperatingSystemFamily,
  Secret,
} from 'aws-cdk-lib/aws-ecs';
import type { IManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { HEALTH_FILE, HEALTH_STALE_AFTER_MS, HEALTHY_WITHIN_MS, SHUTDOWN } from '../rules/worker-process';

/** Where Temporal is. */
export interface TemporalPlace {
  /** `host:port`. */
  readonly address: string;
  readonly namespace: string;
  /** The API key, as the whole value of a secret. With it the connection uses TLS. */
  readonly apiKey?: ISecret;
}

/** A relay in each task of the worker: it tells readers of a changed flag at once. */
export interface WorkerRelay {
  /** Default: 8443. Open it to the readers in the security group of the service. */
  readonly port?: number;
  /** The token of the readers, as the whole value of a secret: 16 characters or more. */
  readonly token: ISecret;
  /** Certificate with its chain, and key, each as PEM and as the whole value of a secret. */
  readonly certificate: ISecret;
  readonly key: ISecret;
  /**
   * Addresses at which the tasks reach each other's relay, as `https://relay.shop.internal:8443`: a name that leads to
   * every task (`service.enableCloudMap`). Without it readers of the other task follow within a second.
   */
  readonly urls?: readonly string[];
}

/** Where the worker of one environment runs, with which rights, and who hears of its absence. */
export interface RolloutWorkerProps {
  /** `service` of the plan, in names. */
  readonly service: string;
  readonly environment: string;
  /** Needs private subnets with a way out, in two availability zones or more. */
  readonly vpc: IVpc;
  /** An image with this package, `@temporalio/worker` and the plan: docs/production.md has its Dockerfile. */
  readonly image: ContainerImage;
  /** Paths of the plan files in the image. */
  readonly plans: readonly string[];
  readonly temporal: TemporalPlace;
  /** What the worker may do: `RolloutAccess.worker`, and `.deployer` if it deploys. */
  readonly policies: readonly IManagedPolicy[];
  /**
   * Port at which each task serves metrics to Prometheus. Open it to Prometheus alone in the security group of the service: it
   * asks for no password. Default: no metrics.
   */
  readonly metricsPort?: number;
  /** Default: no relay, and no port. It needs no right that the worker does not have. */
  readonly relay?: WorkerRelay;
  /**
   * Temporal gives tasks to one build alone: a new one takes over once it has replayed what runs, and never looks healthy when it cannot, so
   * that ECS goes back. Default: true. False for a Temporal without worker deployments.
   */
  readonly versioning?: boolean;
  /**
   * The worker starts only rollouts that `plans` permit: with their `flag`, `delivery`, `aws`, `approvals` and `audit`, and nobody more in
   * `permissions`. Without it, everybody who can write to the namespace chooses these. Default: false.
   */
  readonly onlyOwnPlans?: boolean;
  /** Where the alarms on absence report; without one they only change their state. */
  readonly alarmTopics?: readonly ITopic[];
  /** Default: a cluster of its own. */
  readonly cluster?: ICluster;
  /** Default: 512 units of CPU, 2048 MiB. */
  readonly cpu?: number;
  readonly memoryLimitMiB?: number;
  /** Default: that of the image's builder, X86_64. */
  readonly cpuArchitecture?: CpuArchitecture;
  /** Default: 90 days. */
  readonly logRetention?: RetentionDays;
}

const RELAY_PORT = 8_443;
const TASKS = 2;
/** ECS sends SIGTERM, and SIGKILL after this: the worker needs it to end its activities and to close its connections. */
const STOP_TIMEOUT = Duration.millis(SHUTDOWN.forceMs + 10_000);

/**
 * The worker of one environment on ECS Fargate: two tasks over two availability zones in private subnets, without a public
 * address and, unless it has a relay or serves metrics, without a port. A task that does not work is replaced; a deployment that does not get healthy goes back by
 * itself. Two alarms say when a worker is missing and when there is none; the traffic itself is the guardian's part.
 * @throws Error when the VPC has private subnets with a way out in fewer than two availability zones.
 */
export class RolloutWorker extends Construct {
  readonly service: FargateService;
  readonly logGroup: LogGroup;
  /** No worker runs. */
  readonly absent: IAlarm;
  /** Fewer than two run. */
  readonly reduced: IAlarm;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RolloutWorkerProps,
  ) {
    super(scope, id);
    const subnets = props.vpc.selectSubnets({ subnetType: SubnetType.PRIVATE_WITH_EGRESS });
    const zones = new Set(subnets.availabilityZones).size;
    if (zones < TASKS)
      throw new Error(
        `${this.node.path}: the VPC has private subnets with a way out in ${zones} availability zone, and the two tasks need two; add a subnet with a route to a NAT gateway in another zone`,
      );
    this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/rollout/${this.name}`,
      retention: props.logRetention ?? RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const cluster = props.cluster ?? new Cluster(this, 'Cluster', { clusterName: this.name, vpc: props.vpc });
    this.service = new FargateService(this, 'Service', {
      serviceName: this.name,
      cluster,
      taskDefinition: this.task(),
      desiredCount: TASKS,
      vpcSubnets: { subnets: subnets.subnets },
      assignPublicIp: false,
      // A new version starts beside the old one, and takes over when it has replayed what runs.
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { rollback: true },
      availabilityZoneRebalancing: AvailabilityZoneRebalancing.ENABLED,
      enableECSManagedTags: true,
    });
    this.absent = this.alarm('Absent', 1, 'No worker runs: rollouts wait, and the guardian returns the traffic to 0 %');
    this.reduced = this.alarm('Reduced', TASKS, 'Only one worker runs');
  }

  private get name(): string {
    const { service, environment } = this.props;
    return `${service}-rollout-worker-${environment}`;
  }

  private get relaySettings(): {
    readonly environment: Record<string, string>;
    readonly secrets: Record<string, Secret>;
  } {
    const { relay } = this.props;
    if (relay === undefined) return { environment: {}, secrets: {} };
    const environment: Record<string, string> = {
      ROLLOUT_RELAY_HOST: '0.0.0.0',
      ROLLOUT_RELAY_PORT: String(relay.port ?? RELAY_PORT),
    };
    if (relay.urls !== undefined) environment['ROLLOUT_RELAY_URL'] = relay.urls.join(',');
    return {
      environment,
      secrets: {
        ROLLOUT_RELAY_TOKEN: Secret.fromSecretsManager(relay.token),
        ROLLOUT_RELAY_TLS_CERT: Secret.fromSecretsManager(relay.certificate),
        ROLLOUT_RELAY_TLS_KEY: Secret.fromSecretsManager(relay.key),
      },
    };
  }

  private settings(): Pick<ContainerDefinitionOptions, 'environment' | 'secrets'> {
    const { plans, temporal, versioning = true, onlyOwnPlans = false, metricsPort } = this.props;
    const { apiKey } = temporal;
    const { environment, secrets } = this.relaySettings;
    const key: Record<string, Secret> = {};
    if (apiKey !== undefined) {
      key['TEMPORAL_API_KEY'] = Secret.fromSecretsManager(apiKey);
      environment['TEMPORAL_TLS'] = 'true';
    }
    if (metricsPort !== undefined) environment['ROLLOUT_METRICS'] = `0.0.0.0:${metricsPort}`;
    return {
      environment: {
        ROLLOUT_PLAN: plans.join(','),
        ROLLOUT_HEALTH_FILE: HEALTH_FILE,
        ROLLOUT_WORKER_VERSIONING: versioning ? 'on' : 'off',
        ROLLOUT_PERMISSIONS: onlyOwnPlans ? 'own' : 'any',
        TEMPORAL_ADDRESS: temporal.address,
        TEMPORAL_NAMESPACE: temporal.namespace,
        ...environment,
      },
      secrets: { ...key, ...secrets },
    };
  }

  /** The task role holds the worker's rights; the execution role only reads image and key, and writes logs. */
  private task(): FargateTaskDefinition {
    const { image, policies, relay, metricsPort, cpu = 512, memoryLimitMiB = 2048 } = this.props;
    const ports = [relay === undefined ? undefined : (relay.port ?? RELAY_PORT), metricsPort].filter(
      (port) => port !== undefined,
    );
    const task = new FargateTaskDefinition(this, 'Task', {
      family: this.name,
      cpu,
      memoryLimitMiB,
      runtimePlatform: {
        cpuArchitecture: this.props.cpuArchitecture ?? CpuArchitecture.X86_64,
        operatingSystemFamily: OperatingSystemFamily.LINUX,
      },
    });
    policies.forEach((policy) => task.taskRole.addManagedPolicy(policy));
    task.addContainer('worker', {
      image,
      essential: true,
      logging: LogDrivers.awsLogs({ logGroup: this.logGroup, streamPrefix: 'worker' }),
      ...this.settings(),
      portMappings: ports.length === 0 ? undefined : ports.map((containerPort) => ({ containerPort })),
      stopTimeout: STOP_TIMEOUT,
      healthCheck: {
        command: ['CMD', 'node', '-e', HEALTH],
        interval: Duration.seconds(10),
        timeout: Duration.seconds(5),
        retries: 3,
        // The longest that ECS takes. Were it healthy while it replays, ECS would stop the workers of the build before.
        startPeriod: Duration.millis(HEALTHY_WITHIN_MS),
      },
    });
    return task;
  }

  /**
   * ECS reports its CPU use once a minute and task, so that the number of reports is the number of tasks. Source: "Amazon ECS
   * service utilization metrics", section about the RUNNING task count, of the developer guide.
   */
  private alarm(id: string, atLeast: number, alarmDescription: string): Alarm {
    const alarm = new Alarm(this, id, {
      alarmName: `${this.name}-${id.toLowerCase()}`,
      alarmDescription,
      metric: new Metric({
        namespace: 'AWS/ECS',
        metricName: 'CPUUtilization',
        dimensionsMap: { ClusterName: this.service.cluster.clusterName, ServiceName: this.service.serviceName },
        statistic: Stats.SAMPLE_COUNT,
        period: Duration.minutes(1),
      }),
      threshold: atLeast,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 3,
      treatMissingData: TreatMissingData.BREACHING,
    });
    for (const topic of this.props.alarmTopics ?? []) {
      alarm.addAlarmAction(new SnsAction(topic));
      alarm.addOkAction(new SnsAction(topic));
    }
    return alarm;
  }
}

/** The worker touches the file as long as it works. */
const HEALTH = `process.exit(Date.now() - require('fs').statSync(process.env.ROLLOUT_HEALTH_FILE).mtimeMs < ${HEALTH_STALE_AFTER_MS} ? 0 : 1)`;

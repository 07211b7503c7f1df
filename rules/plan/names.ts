import { murmur3 } from '../../flags/murmur3';

/**
 * What AWS accepts as a name, with `{env}` allowed inside. Lengths are checked after `{env}` is replaced
 * (`rules/plan/problems/cross-checks.ts`). Sources: the API references of SSM, CloudWatch, CloudWatch Logs, Step Functions,
 * SQS, CloudFormation, Batch, S3, Lambda, Elastic Beanstalk, ECS and Elastic Load Balancing.
 */

/** Stands for the environment's name in every text of a plan. */
export const ENV = '{env}';

/** Service, environment and checklist ids: `step-functions`, `prod`. */
export const KEBAB_CASE = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;
export const KEBAB_CASE_OR_DIGIT = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

export const ADDRESS = /^https?:\/\/[^\s]+$/;

/** Plain http reaches this machine alone. */
export const SAFE_ADDRESS = /^(?:https:\/\/|http:\/\/(?:127\.0\.0\.1|localhost)[:/])[^\s]+$/;
/** Channels, private channels and direct messages. */
export const SLACK_CHANNEL = /^[CGD][A-Z0-9]{2,20}$/;

export const HAS_ENV = /\{env\}/;

/** Full path, at most 15 levels. */
export const SSM_PARAMETER = /^(?:\/(?:[A-Za-z0-9_.-]|\{env\})+){1,15}$/;
/** Of Secrets Manager, by its name: an ARN ends in letters that nobody can write with {env}. */
export const SECRET = /^(?!arn:)(?:[A-Za-z0-9/_+=.@-]|\{env\})+$/;
/** AWS reserves names that begin with aws or ssm. */
export const NOT_RESERVED_PARAMETER = /^(?!\/?(?:[aA][wW][sS]|[sS][sS][mM]))/;
/** Any text without control characters; spaces around the name are always a mistake. */
export const ALARM = /^(?! )[^\u0000-\u001f\u007f]*[^\u0000-\u0020\u007f]$/;
export const DASHBOARD = /^(?:[A-Za-z0-9_-]|\{env\})+$/;
/** A standard queue: a FIFO queue cannot be fed by a standard topic. */
export const QUEUE = /^(?:[A-Za-z0-9_-]|\{env\})+$/;
export const LOG_GROUP = /^(?:[A-Za-z0-9_/.#-]|\{env\})+$/;
export const STATE_MACHINE = /^(?:[A-Za-z0-9_-]|\{env\})+$/;
/** A Lambda function by its name alone. */
export const FUNCTION_NAME = /^(?:[A-Za-z0-9_-]|\{env\})+$/;
/** Only digits would be a version. */
export const ALIAS = /^(?!\d+$)(?:[A-Za-z0-9_-]|\{env\}){1,128}$/;
/** Of a Lambda function, with an alias or a version. */
export const FUNCTION = /^(?:[A-Za-z0-9_-]|\{env\})+(?::(?:\$LATEST|(?:[A-Za-z0-9_-]|\{env\})+))?$/;
/** Queues, compute environments and job definitions of AWS Batch. */
export const BATCH = /^(?:[A-Za-z0-9]|\{env\})(?:[A-Za-z0-9_-]|\{env\})*$/;
export const BUCKET = /^(?:[a-z0-9]|\{env\})(?:[a-z0-9.-]|\{env\})*$/;
/** 4 to 40 characters, no hyphen at the ends. */
export const BEANSTALK = /^(?:[A-Za-z0-9]|\{env\})(?:[A-Za-z0-9-]|\{env\})*(?:[A-Za-z0-9]|\{env\})$/;
/** Clusters, services and containers. */
export const ECS = /^(?:[A-Za-z0-9_-]|\{env\})+$/;
export const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
export const STACK = /^[A-Za-z](?:[A-Za-z0-9-]|\{env\})*$/;

/** FIFO topics are excluded: their messages need a group. */
export const TOPIC = /^arn:aws[\w-]*:sns:[a-z0-9-]+:\d{12}:(?:[A-Za-z0-9_-]|\{env\})+$/;

/** Of an Application Load Balancer: load balancer, its id, listener and rule. */
export const LISTENER_RULE =
  /^arn:aws[\w-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:listener-rule\/app\/[A-Za-z0-9-]+(?:\/[0-9a-f]+){3}$/;
export const TARGET_GROUP =
  /^arn:aws[\w-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:targetgroup\/[A-Za-z0-9-]+\/[0-9a-f]+$/;

export const ACCOUNT = /^\d{12}$/;
export const REGION = /^[a-z]{2,4}(?:-[a-z]+)+-\d{1,2}$/;
/** A profile of the AWS configuration files. */
export const PROFILE = /^[^\s[\]]+$/;

/** Longest name of an environment. */
export const LONGEST_ENVIRONMENT = 32;
/** Longest names, `{env}` replaced. */
export const LONGEST = {
  ...{ parameter: 1011, alarm: 255, dashboard: 255, queue: 80, stack: 128 },
  ...{ logGroup: 512, stateMachine: 80, batch: 128, bucket: 63 },
  ...{ beanstalk: 40, ecs: 255 },
  // Name, colon, alias or version.
  ...{ function: 64 + 1 + 128 },
} as const;

/** As a function of Lambda: its name alone. */
export const LONGEST_FUNCTION = 64;

/** A name that AWS takes: one that is too long ends in a hash of the whole, so that two of them stay different. */
export function fittingName(name: string, most: number): string {
  if (name.length <= most) return name;
  const hash = murmur3(name).toString(16).padStart(8, '0');
  return `${name.slice(0, most - hash.length - 1).replace(/-$/, '')}-${hash}`;
}

/** The parameter that `rollout freeze` writes when the plan names none. */
export const freezeParameterOf = (service: string): string => `/${service}/${ENV}/rollout-freezes`;

export function withEnvironment(text: string, environment: string): string {
  return text.replaceAll(ENV, environment);
}

/** The same value with `{env}` replaced in every text. */
export function replaced<T>(value: T, environment: string): T {
  if (typeof value === 'string') return withEnvironment(value, environment) as T;
  if (Array.isArray(value)) return value.map((item: unknown) => replaced(item, environment)) as T;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, replaced(item as unknown, environment)]);
  return Object.fromEntries(entries) as T;
}

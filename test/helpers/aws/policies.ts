import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Template } from 'aws-cdk-lib/assertions';

export interface Statement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: unknown;
}

/** The statements of one managed policy as AWS sees them, with the partition filled in. */
export function statementsIn(template: Template, name: string): readonly Statement[] {
  const found = Object.values(template.findResources('AWS::IAM::ManagedPolicy')).filter(
    ({ Properties }) => Properties.ManagedPolicyName === name,
  );
  expect(found).toHaveLength(1);
  const { Statement } = found[0]!['Properties'].PolicyDocument as { Statement: readonly Record<string, unknown>[] };
  return Statement.map(({ Action, Resource, Condition, ...rest }) => ({
    ...(rest as Pick<Statement, 'Effect'>),
    Action: [Action].flat() as string[],
    Resource: [Resource].flat().map(textOf),
    Condition: Condition === undefined ? undefined : filledIn(Condition),
  }));
}

const isIntrinsic = (value: object): boolean => 'Fn::Join' in value || 'Ref' in value;

function filledIn(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isIntrinsic(value)) return textOf(value);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filledIn(one)]));
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': joined, Ref } = value as { 'Fn::Join'?: [string, unknown[]]; Ref?: string };
  if (Ref === 'AWS::Partition') return 'aws';
  if (joined === undefined) throw new Error(`not literal: ${JSON.stringify(value)}`);
  return joined[1].map(textOf).join(joined[0]);
}

export const allows = (statements: readonly Statement[], action: string): boolean =>
  statements.some(({ Action }) => Action.some((one) => new RegExp(`^${one.replaceAll('*', '.*')}$`).test(action)));

const ROOT = resolve(__dirname, '../../..');
/** The service of IAM where it is not called like the SDK's client. */
const SERVICES: Readonly<Record<string, string>> = {
  sfn: 'states',
  'cloudwatch-logs': 'logs',
  'elastic-beanstalk': 'elasticbeanstalk',
  'elastic-load-balancing-v2': 'elasticloadbalancing',
};
const ACTIONS: Readonly<Record<string, string>> = {
  's3:HeadBucket': 's3:ListBucket',
  's3:ListObjectsV2': 's3:ListBucket',
  's3:ListObjectVersions': 's3:ListBucketVersions',
  's3:GetObjectLockConfiguration': 's3:GetBucketObjectLockConfiguration',
  // "Amazon SQS API permissions" of the SQS developer guide: a batch needs the permission of its single action.
  'sqs:DeleteMessageBatch': 'sqs:DeleteMessage',
};

/** Every action of AWS that the code of the worker asks for, and where. */
export const askedByTheWorker = (): readonly (readonly [string, string])[] =>
  ['activities', 'worker'].flatMap((folder) =>
    readdirSync(resolve(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        actionsIn(readFileSync(resolve(ROOT, folder, file), 'utf8')).map((one) => [one, file] as const),
      ),
  );

/** A client that is loaded only where it is needed is taken apart instead of imported by name. */
const IMPORTS = [
  /import \{([^}]+)\} from '@aws-sdk\/client-([a-z0-9-]+)'/g,
  /const \{([^}]+)\} =\s*await import\('@aws-sdk\/client-([a-z0-9-]+)'\)/g,
];

function actionsIn(text: string): readonly string[] {
  return IMPORTS.flatMap((pattern) => [...text.matchAll(pattern)])
    .flatMap(([, imported = '', client = '']) =>
      [...imported.matchAll(/(?:\b([A-Z]\w+)Command\b|\bpaginate(\w+))/g)].map(
        ([, command, pages]) => `${SERVICES[client] ?? client}:${command ?? pages}`,
      ),
    )
    .map((action) => ACTIONS[action] ?? action);
}

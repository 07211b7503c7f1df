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
  if (found.length !== 1) throw new Error(`${found.length} policies are called ${name}`);
  return statementsFrom(found);
}

/** The statements of all policies inside roles of a stack. */
export const inlineStatements = (template: Template): readonly Statement[] =>
  statementsFrom(Object.values(template.findResources('AWS::IAM::Policy')));

const statementsFrom = (policies: readonly Record<string, { readonly PolicyDocument?: unknown }>[]) =>
  policies.flatMap(({ Properties }) => {
    const { Statement } = Properties?.PolicyDocument as { Statement: readonly Record<string, unknown>[] };
    return Statement.map(filled);
  });

function filled({ Action, Resource, Condition, ...rest }: Record<string, unknown>): Statement {
  return {
    ...(rest as Pick<Statement, 'Effect'>),
    Action: [Action].flat() as string[],
    Resource: [Resource].flat().map(textOf),
    Condition: Condition === undefined ? undefined : filledIn(Condition),
  };
}

interface Intrinsic {
  readonly 'Fn::Join'?: [string, unknown[]];
  readonly 'Fn::GetAtt'?: readonly string[];
  readonly Ref?: string;
}

const isIntrinsic = (value: object): boolean => 'Fn::Join' in value || 'Ref' in value;

function filledIn(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isIntrinsic(value)) return textOf(value);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, filledIn(one)]));
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': joined, 'Fn::GetAtt': of, Ref } = value as Intrinsic;
  if (Ref === 'AWS::Partition') return 'aws';
  // Of a resource in the same template.
  if (Ref !== undefined || of !== undefined) return `{${Ref ?? of?.join('.')}}`;
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
  // The name of the permission is the one of API version 2015-03-31.
  'lambda:Invoke': 'lambda:InvokeFunction',
};

/** Every action of AWS that the code of the worker asks for, and where. */
export const askedByTheWorker = (): Asked => askedIn(['activities', 'worker']);

export type Asked = readonly (readonly [action: string, file: string])[];

/** Every action of AWS that the code in these folders asks for, and the file inside them. */
export const askedIn = (folders: readonly string[]): Asked =>
  folders.flatMap((folder) =>
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

import type { Stack } from '@aws-sdk/client-cloudformation';
import { type _Object, GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { describeStack } from '../stacks';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { partitionOf } from '../../../rules/partition';
import { asciiJson, mayShowAs } from '../../../rules/stacks/template';
import type { AwsClients } from '../../aws';
import { nameOf, failure } from '../../failures';
import { contentOf, type StackContent } from '../stacks';

/** The content of a stack, as a deployment would have to send it. */
export interface SentContent extends StackContent {
  /** Whether it is certainly what was sent; else its texts may hold `?` in place of other characters. */
  readonly isSure: boolean;
  /** The template as CloudFormation shows it. */
  readonly shown: string;
}

/** CDK's key for a template: the hash of its content. */
const TEMPLATE_KEY = /^[0-9a-f]{64}\.json$/;
/** 1,000 objects each. */
const MOST_PAGES = 20;
const MOST_READ = 20;
/** Bytes of UTF-8 for one character that is shown as one. */
const MOST_EXTRA_BYTES = 3;

/**
 * The content of a stack with its template as it was sent. When CloudFormation's own answer may differ, searches the
 * templates that CDK has put into its bucket, and is sure when exactly one of them would be shown like this.
 */
export async function sentContentOf(clients: AwsClients, aws: AwsTarget, stack: Stack): Promise<SentContent> {
  const content = await contentOf(clients.cloudformation, stack);
  const { template: shown, asOf } = content;
  if (asOf === undefined || !isJson(shown)) return { ...content, shown, isSure: asOf === undefined };
  const found = await templatesLike(clients, aws, stack, shown);
  const only = found.length === 1 ? found[0] : undefined;
  return { ...content, shown, template: asciiJson(only ?? shown), isSure: only !== undefined };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

async function objectsIn({ s3 }: AwsClients, Bucket: string): Promise<readonly _Object[]> {
  const objects: _Object[] = [];
  let ContinuationToken: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken }));
    objects.push(...(answer.Contents ?? []));
    ContinuationToken = answer.NextContinuationToken;
    if (ContinuationToken === undefined) return objects;
  }
  // Another match may be on a later page.
  return [];
}

/** Without duplicates. Without the permission or the bucket, none. */
async function templatesLike(
  clients: AwsClients,
  aws: AwsTarget,
  { LastUpdatedTime, CreationTime }: Stack,
  shown: string,
): Promise<readonly string[]> {
  const bytes = Buffer.byteLength(shown);
  const most = bytes + MOST_EXTRA_BYTES * (shown.split('?').length - 1);
  const untilMs = (LastUpdatedTime ?? CreationTime ?? new Date()).getTime();
  try {
    const Bucket = await assetsBucket(clients, aws);
    const fitting = (await objectsIn(clients, Bucket))
      .filter(({ Key = '', Size = 0 }) => TEMPLATE_KEY.test(Key) && Size >= bytes && Size <= most)
      .filter(({ LastModified }) => (LastModified?.getTime() ?? 0) <= untilMs)
      .sort((one, other) => (other.LastModified?.getTime() ?? 0) - (one.LastModified?.getTime() ?? 0));
    const found = new Set<string>();
    for (const { Key } of fitting.slice(0, MOST_READ)) {
      const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket, Key }));
      const text = (await Body?.transformToString()) ?? '';
      if (mayShowAs(text, shown)) found.add(text);
    }
    // There are more than were read: another match may be among them.
    return fitting.length > MOST_READ ? [] : [...found];
  } catch (error) {
    if (/AccessDenied|NoSuchBucket|NoSuchKey|ApplicationFailure|ParameterMissing/.test(nameOf(error))) return [];
    throw error;
  }
}

/** The stack of `cdk bootstrap`; its bucket holds all templates and assets of CDK. */
const BOOTSTRAP_STACK = 'CDKToolkit';

/** @throws `ParameterMissing` when the account is not bootstrapped. */
export async function assetsBucket({ cloudformation }: AwsClients, aws: AwsTarget): Promise<string> {
  const stack = await describeStack(cloudformation, BOOTSTRAP_STACK);
  const bucket = stack?.Outputs?.find(({ OutputKey }) => OutputKey === 'BucketName')?.OutputValue;
  if (bucket !== undefined) return bucket;
  throw failure(
    'ParameterMissing',
    `account ${aws.account} has no stack ${BOOTSTRAP_STACK} in ${aws.region} with a bucket: bootstrap it (\`cdk bootstrap\`)`,
  );
}

/** Where CloudFormation reads a template from a bucket of that account and region. */
export const templateAddress = ({ region }: AwsTarget, bucket: string, key: string): string =>
  `https://s3.${region}.${partitionOf(region).domain}/${bucket}/${key}`;

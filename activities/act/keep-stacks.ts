import { Context } from '@temporalio/activity';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import type { IndexedDeployment, KeptDeployment, KeptStack } from '../../rules/stacks/kept';
import {
  ABSENT,
  keptForms,
  keptKeys,
  keptListKey,
  keptParameter,
  UNSURE_TEMPLATE,
  withKept,
  without,
} from '../../rules/stacks/kept';
import { parseKept, parseKeptList } from '../../rules/stacks/parse-kept';
import { imageWords, type TaggedImage } from '../../rules/stacks/images';
import type { AwsClients, AwsFor } from '../aws';
import { failure, toFailure } from '../failures';
import { assetsBucket } from '../observe/stacks/sent-template';
import { readParameter } from '../observe/flag/flags';
import { imagesOf } from '../observe/stacks/images';
import { type SentContent, sentContentOf } from '../observe/stacks/sent-template';
import type { StackContent } from '../observe/stacks';
import { describeStack, hashOf, stateHash } from '../observe/stacks';
import { putDocument } from './flag/put-document';

export interface KeepOrder {
  readonly aws: AwsTarget;
  readonly service: string;
  readonly environment: string;
  readonly stacks: readonly string[];
  readonly workflowId: string;
  readonly runId: string;
}

export interface Kept {
  readonly deployment: KeptDeployment;
  /** Images that the kept templates name by a tag, which a way back may not restore, as `imageWords`. */
  readonly mutableImages: readonly string[];
  /** Stacks that a way back does not restore exactly, as sentences. */
  readonly unsure: readonly string[];
}

export interface KeepActivities {
  keepStacks(order: KeepOrder): Promise<Kept>;
  readKept(order: Omit<KeepOrder, 'stacks' | 'workflowId' | 'runId'>): Promise<KeptDeployment[]>;
  forgetKept(order: Omit<KeepOrder, 'stacks' | 'workflowId'>): Promise<void>;
}

/**
 * Keeps a snapshot of the stacks before a deployment: template, parameters, tags, capabilities and digests of images in the
 * bucket of CDK's assets,
 * and an index of them in one SSM parameter per environment. Call it before a deployment starts, while no operation runs.
 * Idempotent for one run. Fails with `ParameterMissing` when the account is not bootstrapped.
 */
export function createKeepActivities(awsFor: AwsFor): KeepActivities {
  return {
    keepStacks: (order) => keepStacks(awsFor, order),
    readKept: async (order) => withStacks(awsFor(order.aws), await readIndex(awsFor, order)),
    forgetKept: async (order) => {
      const known = await readIndex(awsFor, order);
      const left = without(known, order.runId);
      if (left.length < known.length) await writeIndex(awsFor, order, left);
    },
  };
}

async function keepStacks(awsFor: AwsFor, order: KeepOrder): Promise<Kept> {
  const { aws, workflowId, runId } = order;
  const clients = awsFor(aws);
  try {
    const bucket = await assetsBucket(clients, aws);
    const stacks: KeptStack[] = [];
    const mutable: string[] = [];
    for (const name of order.stacks) {
      Context.current().heartbeat(name);
      const stack = await describeStack(clients.cloudformation, name);
      const empty = stack === undefined || stack.StackStatus === 'REVIEW_IN_PROGRESS';
      const content = empty ? undefined : await sentContentOf(clients, aws, stack);
      const kept = keptStack(name, content);
      stacks.push(kept);
      if (content === undefined) continue;
      const parameters = Object.fromEntries(content.parameters.map(({ key, value }) => [key, value]));
      const images = await imagesOf(clients, aws, [{ name, template: content.template, parameters }]);
      await putContent(clients, bucket, keptKeys({ workflowId, runId }, kept), { ...content, images });
      mutable.push(...images.map(imageWords));
    }
    const indexed = { workflowId, runId, atMs: Date.now(), bucket };
    const deployment = { ...indexed, stacks };
    const list = { Bucket: bucket, Key: keptListKey(deployment), Body: JSON.stringify(stacks) };
    await clients.s3.send(new PutObjectCommand(list));
    await writeIndex(awsFor, order, withKept(await readIndex(awsFor, order), indexed));
    const unsure = stacks.flatMap((stack) => (stack.unsure === true ? [`${stack.name}: ${UNSURE_TEMPLATE}`] : []));
    return { deployment, mutableImages: mutable, unsure };
  } catch (error) {
    throw toFailure(error, `keeping what is in ${order.stacks.join(', ')}`);
  }
}

function keptStack(name: string, content: SentContent | undefined): KeptStack {
  if (content === undefined) return { name, template: ABSENT, state: ABSENT };
  const { template, shown, isSure } = content;
  const state = stateHash({ ...content, template: shown });
  const known = { name, template: hashOf(template), state };
  if (content.asOf === undefined) return known;
  return { ...known, back: stateHash({ ...content, asOf: undefined }), unsure: !isSure };
}

async function putContent(
  { s3 }: AwsClients,
  bucket: string,
  keys: ReturnType<typeof keptKeys>,
  { template, ...rest }: StackContent & { readonly images: readonly TaggedImage[] },
): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: keys.template, Body: template }));
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: keys.state, Body: JSON.stringify(rest) }));
}

type Place = Pick<KeepOrder, 'aws' | 'service' | 'environment'>;

async function readIndex(awsFor: AwsFor, { aws, service, environment }: Place): Promise<readonly IndexedDeployment[]> {
  const name = keptParameter(service, environment);
  const text = await readParameter(awsFor, aws, name);
  const known = text === undefined ? [] : parseKept(text);
  if (known !== undefined) return known;
  throw failure('Unreadable', `parameter ${name} is not an index of kept templates: correct it, or delete it`);
}

/** An older deployment whose list is gone from the bucket is left out; a way back needs the newest. */
async function withStacks(clients: AwsClients, known: readonly IndexedDeployment[]): Promise<KeptDeployment[]> {
  const read = async (one: IndexedDeployment): Promise<KeptDeployment> => ({
    ...one,
    stacks: one.stacks ?? (await listOf(clients, one)),
  });
  const found = await Promise.allSettled(known.map(read));
  const newest = found.at(-1);
  if (newest?.status === 'rejected') throw newest.reason;
  return found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
}

async function listOf({ s3 }: AwsClients, one: IndexedDeployment): Promise<readonly KeptStack[]> {
  const Key = keptListKey(one);
  let text: string | undefined;
  try {
    text = await (await s3.send(new GetObjectCommand({ Bucket: one.bucket, Key }))).Body?.transformToString();
  } catch (error) {
    throw toFailure(error, `reading ${Key} in bucket ${one.bucket}`);
  }
  const stacks = parseKeptList(text ?? '');
  if (stacks !== undefined) return stacks;
  throw failure('Unreadable', `${Key} in bucket ${one.bucket} is not a list of kept stacks`);
}

async function writeIndex(
  awsFor: AwsFor,
  { aws, service, environment }: Place,
  known: readonly IndexedDeployment[],
): Promise<void> {
  const name = keptParameter(service, environment);
  try {
    await putDocument(awsFor(aws).ssm, { name, forms: keptForms(known) });
  } catch (error) {
    throw toFailure(error, `writing parameter ${name}`);
  }
}

import { SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam';
import { GetBucketPolicyCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import type { BucketSign, RoleSign } from '../../../rules/diagnosis/signs';
import { s3ArnIn } from '../../../rules/partition';
import type { DiagnosisPlaces } from '../../../rules/plan/environment-plan';
import { nameOf } from '../../failures';
import { nameInArn, type Notes } from './notes';
import type { Observation } from '../guards/observation';

/** The bucket of the jobs, its region, and its policy; undefined when AWS did not answer. */
export async function readBucket(name: string, look: Observation, notes: Notes): Promise<BucketSign | undefined> {
  const bucket = await notes.ask(
    'HeadBucket',
    name,
    () => headOf(name, look),
    ({ kind, region }) => `${kind}${region === undefined ? '' : `, region ${region}`}`,
  );
  if (bucket?.kind !== 'found') return bucket;
  const policy = await notes.ask(
    'GetBucketPolicy',
    name,
    () => policyOf(name, look),
    (text) => (text === undefined ? 'none' : `${text.length} characters`),
  );
  return { ...bucket, policy };
}

/**
 * HEAD has no body, so status and one header are its whole answer, also in a refusal: 301 for another region, 403 for
 * another account's bucket or a missing permission.
 */
async function headOf(name: string, { clients, abortSignal }: Observation): Promise<BucketSign> {
  try {
    const { BucketRegion: region } = await clients.s3.send(new HeadBucketCommand({ Bucket: name }), { abortSignal });
    return { name, kind: 'found', region };
  } catch (error) {
    const { statusCode, headers } = responseOf(error);
    const region = headers?.['x-amz-bucket-region'];
    const named = { name, region };
    if (statusCode === 404) return { ...named, kind: 'missing' };
    if (statusCode === 301 || statusCode === 400) return { ...named, kind: 'elsewhere' };
    if (statusCode === 403) return { ...named, kind: 'hidden' };
    throw error;
  }
}

interface Response {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

const responseOf = (error: unknown): Response => (error as { readonly $response?: Response }).$response ?? {};

async function policyOf(name: string, { clients, abortSignal }: Observation): Promise<string | undefined> {
  try {
    return (await clients.s3.send(new GetBucketPolicyCommand({ Bucket: name }), { abortSignal })).Policy;
  } catch (error) {
    if (nameOf(error) === 'NoSuchBucketPolicy') return undefined;
    throw error;
  }
}

/** What the roles of the jobs may do in the bucket, from IAM's own simulator, which knows boundaries and wildcards. */
export async function readRoles(
  roleArns: readonly string[],
  { bucket, prefixes = [''] }: DiagnosisPlaces,
  look: Observation,
  notes: Notes,
): Promise<readonly RoleSign[]> {
  if (bucket === undefined) return [];
  const arn = s3ArnIn(look.aws.region, bucket);
  const questions = [
    { resource: arn, actions: ['s3:ListBucket'] },
    ...prefixes.map((prefix) => ({
      resource: `${arn}/${prefix}rollout-diagnosis`,
      actions: ['s3:GetObject', 's3:PutObject'],
    })),
  ];
  const signs = await Promise.all(
    roleArns.map((role) =>
      notes.ask(
        'SimulatePrincipalPolicy',
        role,
        () => simulate(role, questions, look),
        ({ found, refused }) => (found ? `${refused.length} refused of what jobs need in ${bucket}` : 'no such role'),
      ),
    ),
  );
  return signs.filter((sign) => sign !== undefined);
}

async function simulate(
  role: string,
  questions: readonly { readonly resource: string; readonly actions: readonly string[] }[],
  { clients, abortSignal }: Observation,
): Promise<RoleSign> {
  const ask = async ({ resource, actions }: (typeof questions)[number]): Promise<RoleSign['refused']> => {
    const command = new SimulatePrincipalPolicyCommand({
      PolicySourceArn: role,
      ActionNames: [...actions],
      ResourceArns: [resource],
    });
    const { EvaluationResults = [] } = await clients.iam.send(command, { abortSignal });
    return EvaluationResults.filter(({ EvalDecision }) => EvalDecision !== 'allowed').map(
      ({ EvalActionName: action = '', EvalDecision: decision = '' }) => ({ action, resource, decision }),
    );
  };
  try {
    return { arn: role, found: true, refused: (await Promise.all(questions.map(ask))).flat() };
  } catch (error) {
    if (!/NoSuchEntity/.test(nameOf(error))) throw error;
    return { arn: role, found: false, refused: [] };
  }
}

/** Without duplicates: definitions of one stack share a role. */
export const distinctRoles = (arns: readonly (string | undefined)[]): readonly string[] => {
  const known = new Map(arns.filter((arn) => arn !== undefined).map((arn) => [nameInArn(arn), arn]));
  return [...known.values()];
};

import { DescribeImagesCommand } from '@aws-sdk/client-ecr';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import { ecrImage, type EcrImage, type TaggedImage, taggedImages } from '../../../rules/stacks/images';
import type { SynthesizedStack } from '../../../rules/stacks/synthesis';
import type { AwsClients } from '../../aws';
import { messageOf, nameOf, toFailure } from '../../failures';

/** Whose template, as JSON or as text. */
type Holder = Pick<SynthesizedStack, 'name' | 'template' | 'parameters'>;

/** Answers of ECR that another attempt would get again; any other answer says nothing about the image. */
const SETTLED: ReadonlySet<string> = new Set([
  'AccessDenied',
  'AccessDeniedException',
  'ImageNotFoundException',
  'InvalidParameterException',
  'RepositoryNotFoundException',
]);

/**
 * The images that the templates name by a tag, and the digests of those tags now, from ECR. Images of other registries, and
 * those unknown to ECR, have no digest but a reason. Fails with `Unavailable` when ECR does not answer: a digest that is
 * missing in one read and not in the next would be another template.
 */
export async function imagesOf(
  clients: AwsClients,
  { account, region }: AwsTarget,
  stacks: readonly Holder[],
): Promise<readonly TaggedImage[]> {
  const images = stacks.flatMap(({ name, template, parameters }) => {
    const text = typeof template === 'string' ? template : JSON.stringify(template);
    return taggedImages(name, text, { account, region, parameters });
  });
  return Promise.all(images.map(async (one) => ({ ...one, ...(await meaningOf(clients, one.image)) })));
}

async function meaningOf(clients: AwsClients, image: string): Promise<Pick<TaggedImage, 'digest' | 'why'>> {
  const named = ecrImage(image);
  if (named === undefined) return { why: 'it is not an ECR image with a completely known name' };
  try {
    const digest = await digestOf(clients, named);
    return digest === undefined ? { why: `${named.repository} has no image with the tag ${named.tag}` } : { digest };
  } catch (error) {
    if (SETTLED.has(nameOf(error))) return { why: `${nameOf(error)}: ${messageOf(error)}` };
    throw toFailure(error, `asking ECR what ${image} is`);
  }
}

async function digestOf(
  clients: AwsClients,
  { account: registryId, region, repository: repositoryName, tag: imageTag }: EcrImage,
): Promise<string | undefined> {
  const asked = new DescribeImagesCommand({ registryId, repositoryName, imageIds: [{ imageTag }] });
  return (await clients.ecr(region).send(asked)).imageDetails?.[0]?.imageDigest;
}

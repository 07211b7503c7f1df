import { GetObjectCommand } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { movedImages, type TaggedImage } from '../../../rules/stacks/images';
import { ABSENT, keptKeys } from '../../../rules/stacks/kept';
import type { AwsFor } from '../../aws';
import { toFailure } from '../../failures';
import type { BackChangesOrder } from '../changes';
import { imagesOf } from './images';

/** What `keepStacks` wrote beside the template; older snapshots have no images. */
const Sent = z.object({
  parameters: z.array(z.object({ key: z.string(), value: z.string() })),
  images: z
    .array(
      z.object({ stack: z.string(), image: z.string(), digest: z.string().optional(), why: z.string().optional() }),
    )
    .default([]),
});

/** Tags of the kept templates that now name other images than before the deployment, as sentences. */
export function createKeptImages(awsFor: AwsFor): { movedImagesOf(order: BackChangesOrder): Promise<string[]> } {
  return {
    movedImagesOf: async (order) => {
      try {
        return await movedImagesOf(awsFor, order);
      } catch (error) {
        throw toFailure(error, 'reading the digests of image tags');
      }
    },
  };
}

async function movedImagesOf(awsFor: AwsFor, { aws, kept }: BackChangesOrder): Promise<string[]> {
  const clients = awsFor(aws);
  const read = async (Key: string): Promise<string> => {
    const { Body } = await clients.s3.send(new GetObjectCommand({ Bucket: kept.bucket, Key }));
    return (await Body?.transformToString()) ?? '';
  };
  const moved: string[] = [];
  for (const stack of kept.stacks) {
    if (stack.template === ABSENT) continue;
    const keys = keptKeys(kept, stack);
    const sent = Sent.parse(JSON.parse(await read(keys.state)));
    // Parsed JSON has no undefined keys.
    const before = sent.images as readonly TaggedImage[];
    if (before.every(({ digest }) => digest === undefined)) continue;
    const parameters = Object.fromEntries(sent.parameters.map(({ key, value }) => [key, value]));
    const now = await imagesOf(clients, aws, [{ name: stack.name, template: await read(keys.template), parameters }]);
    moved.push(...movedImages(before, now));
  }
  return moved;
}

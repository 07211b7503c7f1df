import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { TemplateDiff } from '@aws-cdk/cloudformation-diff';
import { formatDifferences, formatSecurityChanges, fullDiff } from '@aws-cdk/cloudformation-diff';
import type { ICloudAssemblySource, Toolkit } from '@aws-cdk/toolkit-lib';
import { DiffMethod, StackSelectionStrategy } from '@aws-cdk/toolkit-lib';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { StackChanges } from '../../rules/stacks/deployment';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import { ABSENT, type KeptDeployment, keptKeys } from '../../rules/stacks/kept';
import type { AwsFor } from '../aws';
import { toFailure } from '../failures';
import { contentOf, describeStack } from './stacks';

export interface BackChangesOrder {
  readonly aws: AwsTarget;
  readonly kept: KeptDeployment;
}

export interface ChangeObservations {
  changesOfBack(order: BackChangesOrder): Promise<StackChanges[]>;
}

/** A payload of Temporal holds 2 MiB. */
const SHOWN_CHARACTERS = 100_000;
/** More than any comparison has: it is written before it is read. */
const HELD_BYTES = 2 ** 30;

/** What the way back would change: what is kept against what is deployed. */
export function createChangeObservations(awsFor: AwsFor): ChangeObservations {
  return {
    changesOfBack: async ({ aws, kept }) => {
      try {
        return await changesOfBack(awsFor, aws, kept);
      } catch (error) {
        throw toFailure(error, 'comparing what is kept with what is deployed');
      }
    },
  };
}

/** What a synthesized app would change in what is deployed. */
export async function changesIn(
  toolkit: Toolkit,
  assembly: ICloudAssemblySource,
  stacks: readonly string[],
): Promise<StackChanges[]> {
  const patterns = [...stacks];
  const diffs = await toolkit.diff(assembly, {
    stacks: { strategy: StackSelectionStrategy.PATTERN_MUST_MATCH, patterns },
    method: DiffMethod.TemplateOnly(),
  });
  return patterns.map((name) => changesOf(name, diffs[name]));
}

async function changesOfBack(awsFor: AwsFor, aws: AwsTarget, kept: KeptDeployment): Promise<StackChanges[]> {
  const { cloudformation, s3 } = awsFor(aws);
  const changes: StackChanges[] = [];
  for (const stack of kept.stacks) {
    const found = await describeStack(cloudformation, stack.name);
    if (found === undefined || stack.template === ABSENT) continue;
    const now = await contentOf(cloudformation, found);
    const asked = { Bucket: kept.bucket, Key: keptKeys(kept, stack).template };
    const before = (await (await s3.send(new GetObjectCommand(asked))).Body?.transformToString()) ?? '';
    changes.push(changesOf(stack.name, fullDiff(JSON.parse(now.template), JSON.parse(before))));
  }
  return changes;
}

function changesOf(name: string, diff: TemplateDiff | undefined): StackChanges {
  if (diff === undefined || diff.isEmpty) return { name, changed: false, security: '', text: '' };
  const security = diff.permissionsAnyChanges ? shown((stream) => formatSecurityChanges(stream, diff)) : '';
  return { name, changed: true, security, text: shown((stream) => formatDifferences(stream, diff)) };
}

function shown(write: (stream: PassThrough) => void): string {
  const stream = new PassThrough({ highWaterMark: HELD_BYTES });
  write(stream);
  const text = stripVTControlCharacters(String(stream.read() ?? '')).trimEnd();
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}\n… and more`;
}

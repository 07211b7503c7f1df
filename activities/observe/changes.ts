import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { TemplateDiff } from '@aws-cdk/cloudformation-diff';
import { formatDifferences, formatSecurityChanges, fullDiff } from '@aws-cdk/cloudformation-diff';
import { DiffMethod, StackSelectionStrategy } from '@aws-cdk/toolkit-lib';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import { Context } from '@temporalio/activity';
import type { StackChanges } from '../../rules/stacks/deployment';
import type { AwsTarget, Infrastructure } from '../../rules/plan/environment-plan';
import { ABSENT, type KeptDeployment, keptKeys } from '../../rules/stacks/kept';
import { cdkApp, toolkitFor } from '../act/cdk';
import { StackProgressHost } from '../act/stack-progress';
import type { AwsFor } from '../aws';
import { failure, messageOf, toFailure } from '../failures';
import { contentOf, describeStack } from './stacks';

export interface DeployChangesOrder {
  readonly infrastructure: Infrastructure;
  readonly aws: AwsTarget;
}
export interface BackChangesOrder {
  readonly aws: AwsTarget;
  readonly kept: KeptDeployment;
}

export interface ChangeObservations {
  changesOfDeploy(order: DeployChangesOrder): Promise<StackChanges[]>;
  changesOfBack(order: BackChangesOrder): Promise<StackChanges[]>;
}

/** A payload of Temporal holds 2 MiB. */
const SHOWN_CHARACTERS = 100_000;
/** More than any comparison has: it is written before it is read. */
const HELD_BYTES = 2 ** 30;

/**
 * > First, show what will change
 *
 * Compares templates; makes no change set, because that alone would make a stack that is not there yet. `changesOfDeploy`:
 * what the app synthesizes against what is deployed. `changesOfBack`: what is kept against what is deployed.
 */
export function createChangeObservations(awsFor: AwsFor): ChangeObservations {
  return {
    changesOfDeploy,
    changesOfBack: async ({ aws, kept }) => {
      try {
        return await changesOfBack(awsFor, aws, kept);
      } catch (error) {
        throw toFailure(error, 'comparing what is kept with what is deployed');
      }
    },
  };
}

async function changesOfDeploy({ infrastructure, aws }: DeployChangesOrder): Promise<StackChanges[]> {
  const host = new StackProgressHost(Context.current());
  const beat = setInterval(() => host.beat(), 1_000);
  const outdir = await mkdtemp(join(tmpdir(), 'cdk-out-'));
  try {
    const toolkit = toolkitFor(aws, host);
    const assembly = await toolkit.synth(await cdkApp({ infrastructure, aws, toolkit }, outdir));
    try {
      const patterns = [...infrastructure.stacks];
      const diffs = await toolkit.diff(assembly, {
        stacks: { strategy: StackSelectionStrategy.PATTERN_MUST_MATCH, patterns },
        method: DiffMethod.TemplateOnly(),
      });
      return patterns.map((name) => changesIn(name, diffs[name]));
    } finally {
      await assembly.dispose();
    }
  } catch (error) {
    throw failure('InvalidRequest', `comparing the CDK app with what is deployed: ${messageOf(error)}`, error);
  } finally {
    clearInterval(beat);
    await rm(outdir, { recursive: true, force: true });
  }
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
    changes.push(changesIn(stack.name, fullDiff(JSON.parse(now.template), JSON.parse(before))));
  }
  return changes;
}

function changesIn(name: string, diff: TemplateDiff | undefined): StackChanges {
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

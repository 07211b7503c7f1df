import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import type { TemplateDiff } from '@aws-cdk/cloudformation-diff';
import type { Toolkit } from '@aws-cdk/toolkit-lib';
import { GetObjectCommand } from '@aws-sdk/client-s3';
import type { StackChanges } from '../../rules/stacks/results';
import type { AwsTarget } from '../../rules/plan/environment-plan';
import { ABSENT, type KeptDeployment, keptKeys, UNSURE_TEMPLATE } from '../../rules/stacks/kept';
import { comparedWith, parseTemplate } from '../../rules/stacks/template';
import { type Assembly, stackIn } from '../act/stacks/assembly';
import type { AwsClients, AwsFor } from '../aws';
import { toFailure } from '../failures';
import { cdkToolkit, templateDiff } from '../optional-packages';
import { type SentContent, sentContentOf } from './stacks/sent-template';
import { describeStack } from './stacks';

export interface BackChangesOrder {
  readonly aws: AwsTarget;
  readonly kept: KeptDeployment;
}

export interface ChangeObservations {
  changesOfBack(order: BackChangesOrder): Promise<StackChanges[]>;
}

/** A payload of Temporal holds 2 MiB. */
const SHOWN_CHARACTERS = 100_000;
/** Longer than any comparison: the file is written before it is read. */
const HELD_BYTES = 2 ** 30;

/** What the way back would change: the snapshot against what is deployed. */
export function createChangeObservations(awsFor: AwsFor): ChangeObservations {
  return {
    changesOfBack: async ({ aws, kept }) => {
      try {
        return await changesOfBack(awsFor, aws, kept);
      } catch (error) {
        throw toFailure(error, 'comparing the snapshot with what is deployed');
      }
    },
  };
}

export interface Deployment {
  readonly toolkit: Toolkit;
  readonly assembly: Assembly;
  readonly clients: AwsClients;
  readonly aws: AwsTarget;
}

/** What a synthesized app would change in what is deployed. */
export async function changesIn(
  { toolkit, assembly, clients, aws }: Deployment,
  stacks: readonly string[],
): Promise<StackChanges[]> {
  const patterns = stacks.map((name) => stackIn(assembly, name).hierarchicalId);
  const { DiffMethod, StackSelectionStrategy } = cdkToolkit();
  const diffs = await toolkit.diff(assembly, {
    stacks: { strategy: StackSelectionStrategy.PATTERN_MUST_MATCH, patterns },
    method: DiffMethod.TemplateOnly(),
  });
  const changes: StackChanges[] = [];
  for (const name of stacks) {
    const { template: wanted, displayName } = stackIn(assembly, name);
    // CDK compares with what CloudFormation shows, which may differ from what was sent.
    const own = await unlessAsSent(clients, aws, name, wanted);
    const diff = diffs[displayName];
    if (own === undefined && diff === undefined) throw new Error(`CDK did not compare ${name}`);
    changes.push(own ?? changesOf(name, diff));
  }
  return changes;
}

/** Undefined when CloudFormation shows what was sent, or nothing is deployed. */
async function unlessAsSent(
  clients: AwsClients,
  aws: AwsTarget,
  name: string,
  wanted: unknown,
): Promise<StackChanges | undefined> {
  const found = await describeStack(clients.cloudformation, name);
  if (found === undefined || found.StackStatus === 'REVIEW_IN_PROGRESS') return undefined;
  const now = await sentContentOf(clients, aws, found);
  if (now.asOf === undefined) return undefined;
  const back = now.isSure ? undefined : UNSURE_TEMPLATE;
  return compared(name, now, wanted, back);
}

async function changesOfBack(awsFor: AwsFor, aws: AwsTarget, kept: KeptDeployment): Promise<StackChanges[]> {
  const clients = awsFor(aws);
  const changes: StackChanges[] = [];
  for (const stack of kept.stacks) {
    const found = await describeStack(clients.cloudformation, stack.name);
    if (found === undefined || stack.template === ABSENT) continue;
    const now = await sentContentOf(clients, aws, found);
    const asked = { Bucket: kept.bucket, Key: keptKeys(kept, stack).template };
    const before = (await (await clients.s3.send(new GetObjectCommand(asked))).Body?.transformToString()) ?? '';
    changes.push(compared(stack.name, now, parseTemplate(before), stack.unsure === true ? UNSURE_TEMPLATE : undefined));
  }
  return changes;
}

/** Texts that may be the same are listed, but do not count as changes. */
function compared(name: string, now: SentContent, wanted: unknown, back: string | undefined): StackChanges {
  const { template, unsure } = comparedWith(parseTemplate(now.template), wanted);
  const texts = unsure === 1 ? 'one text' : `${unsure} texts`;
  const apart =
    unsure === 0
      ? undefined
      : `${texts} could not be compared, as CloudFormation shows \`?\` for characters beyond ASCII`;
  const said = [apart, back].filter((one) => one !== undefined);
  const changes = changesOf(name, templateDiff().fullDiff(template as Template, wanted as Template));
  if (said.length === 0) return changes;
  const note = said.join('; ');
  return { ...changes, note, text: [`Note: ${note}`, changes.text].filter((line) => line !== '').join('\n') };
}

type Template = Parameters<ReturnType<typeof templateDiff>['fullDiff']>[0];

function changesOf(name: string, diff: TemplateDiff | undefined): StackChanges {
  if (diff === undefined || diff.isEmpty) return { name, changed: false, security: '', text: '' };
  const { formatDifferences, formatSecurityChanges } = templateDiff();
  const security = diff.permissionsAnyChanges ? shown((stream) => formatSecurityChanges(stream, diff)) : '';
  return { name, changed: true, security, text: shown((stream) => formatDifferences(stream, diff)) };
}

function shown(write: (stream: PassThrough) => void): string {
  const stream = new PassThrough({ highWaterMark: HELD_BYTES });
  write(stream);
  const text = stripVTControlCharacters(String(stream.read() ?? '')).trimEnd();
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}\n… and more`;
}

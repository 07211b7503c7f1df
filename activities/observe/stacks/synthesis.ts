import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Toolkit } from '@aws-cdk/toolkit-lib';
import { ApplicationFailure, Context } from '@temporalio/activity';
import type { AwsTarget, NextEnvironment, Infrastructure } from '../../../rules/plan/environment-plan';
import { imageWords } from '../../../rules/stacks/images';
import type { Synthesis } from '../../../rules/stacks/synthesis';
import { type Assembly, identityOf, keepAssembly, stacksIn } from '../../act/stacks/assembly';
import { cdkApp, ensureCredentials, synthesisFailure, toolkitFor } from '../../act/stacks/cdk';
import { StackProgressHost } from '../../act/stacks/stack-progress';
import type { AwsFor } from '../../aws';
import { messageOf } from '../../failures';
import { withHeartbeat } from '../../heartbeat';
import { changesIn } from '../changes';

export interface SynthesisOrder {
  readonly infrastructure: Infrastructure;
  readonly aws: AwsTarget;
  readonly nextEnvironments: readonly NextEnvironment[];
}

/**
 * > First, show what will change
 *
 * Synthesizes the CDK app, in any language, and returns the template, what it would change in what is deployed, and what
 * the same source produces for the environments after this one. Creates no change set, because that alone would create a
 * missing stack. Heartbeat details: `DeploymentProgress`. Fails with `InvalidRequest` when the app fails, or has no such
 * stack; a problem of another environment is only a note.
 */
export function createSyntheses(awsFor: AwsFor): { synthesize(order: SynthesisOrder): Promise<Synthesis> } {
  return {
    synthesize: async (order) => {
      const host = new StackProgressHost(Context.current());
      try {
        host.say('', `synthesizing ${order.infrastructure.app}`);
        return await withHeartbeat(() => synthesize(awsFor, order, host), { details: () => host.progress });
      } catch (error) {
        Context.current().cancellationSignal.throwIfAborted();
        if (error instanceof ApplicationFailure && error.type !== 'InvalidRequest') throw error;
        throw synthesisFailure(error);
      }
    },
  };
}

async function synthesize(awsFor: AwsFor, order: SynthesisOrder, host: StackProgressHost): Promise<Synthesis> {
  const { infrastructure, aws, nextEnvironments } = order;
  await ensureCredentials(awsFor(aws));
  const outdir = await newFolder();
  const toolkit = toolkitFor(aws, host);
  let template: string | undefined;
  try {
    const assembly = await toolkit.synth(await cdkApp({ infrastructure, aws, toolkit }, outdir));
    try {
      const stacks = stacksIn(assembly, infrastructure.stacks);
      const identity = await identityOf(awsFor(aws), aws, stacks);
      ({ template } = identity);
      const [promised, revision, changes] = await Promise.all([
        nextTemplatesFor(nextEnvironments, { ...order, awsFor, assembly }, host),
        revisionOf(infrastructure.directory),
        changesIn({ toolkit, assembly, clients: awsFor(aws), aws }, infrastructure.stacks),
      ]);
      return {
        ...{ template, ...promised, changes, mutableImages: identity.images.map(imageWords) },
        revision,
      };
    } finally {
      await assembly.dispose();
    }
  } finally {
    if (template === undefined) await rm(outdir, { recursive: true, force: true });
    else keepAssembly(aws, template, outdir);
  }
}

interface Own extends Pick<SynthesisOrder, 'infrastructure' | 'aws'> {
  readonly awsFor: AwsFor;
  readonly assembly: Assembly;
}

async function nextTemplatesFor(
  nextEnvironments: readonly NextEnvironment[],
  own: Own,
  host: StackProgressHost,
): Promise<Pick<Synthesis, 'nextTemplates' | 'notes'>> {
  const nextTemplates: Record<string, string> = {};
  const notes: string[] = [];
  for (const next of nextEnvironments) {
    const { environment } = next;
    try {
      nextTemplates[environment] = await nextTemplateFor(next, own, host);
    } catch (error) {
      notes.push(`what this source makes for ${environment} is not known: ${messageOf(error)}`);
    }
  }
  return { nextTemplates, notes };
}

/** The app gets account and region, so it must run again only for another one. */
async function nextTemplateFor(
  { infrastructure, aws }: NextEnvironment,
  own: Own,
  host: StackProgressHost,
): Promise<string> {
  const same =
    aws.account === own.aws.account &&
    aws.region === own.aws.region &&
    infrastructure.app === own.infrastructure.app &&
    infrastructure.directory === own.infrastructure.directory;
  const identity = async (assembly: Assembly): Promise<string> =>
    (await identityOf(own.awsFor(aws), aws, stacksIn(assembly, infrastructure.stacks))).template;
  if (same) return identity(own.assembly);
  const outdir = await newFolder();
  const toolkit: Toolkit = toolkitFor(aws, host);
  try {
    const assembly = await toolkit.synth(await cdkApp({ infrastructure, aws, toolkit }, outdir));
    try {
      return await identity(assembly);
    } finally {
      await assembly.dispose();
    }
  } finally {
    await rm(outdir, { recursive: true, force: true });
  }
}

const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'cdk-out-'));

const run = promisify(execFile);
const GIT_WITHIN_MS = 10_000;

/**
 * The commit of a folder, with `-dirty` when something in the folder is not committed. Undefined without git, or without
 * permission to use it.
 */
async function revisionOf(folder: string): Promise<string | undefined> {
  try {
    const commit = (await git(folder, 'rev-parse', '--verify', 'HEAD')).trim();
    const changed = await git(folder, 'status', '--porcelain', '--', '.');
    return changed === '' ? commit : `${commit}-dirty`;
  } catch {
    return undefined;
  }
}

async function git(folder: string, ...words: readonly string[]): Promise<string> {
  // A check must not write the index, nor wait for a process that does.
  const args = ['--no-optional-locks', '-C', folder, ...words];
  return (await run('git', args, { timeout: GIT_WITHIN_MS, maxBuffer: 64 * 2 ** 20 })).stdout;
}

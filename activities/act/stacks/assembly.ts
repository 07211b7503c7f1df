import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Toolkit } from '@aws-cdk/toolkit-lib';
import type { AwsTarget } from '../../../rules/plan/environment-plan';
import type { TaggedImage } from '../../../rules/stacks/images';
import type { SynthesizedStack } from '../../../rules/stacks/synthesis';
import { templateHash } from '../../../rules/stacks/synthesis';
import type { AwsClients } from '../../aws';
import { failure } from '../../failures';
import { imagesOf } from '../../observe/stacks/images';
import { cdkApp, type CdkRun } from './cdk';

export type Assembly = Awaited<ReturnType<Toolkit['synth']>>;

export interface AssemblyRun extends CdkRun {
  readonly clients: AwsClients;
  /** Hash of what was approved. */
  readonly approved?: string;
}

/** Each holds the templates and assets of one environment, some megabytes. */
const MOST_KEPT = 8;

/** Folders that this worker synthesized, by account and hash, the oldest first. */
const kept = new Map<string, string>();

process.once('exit', () => kept.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Keeps a shown template for its deployment, which then needs no second synthesis. The folder belongs to this worker now. */
export function keepAssembly(aws: AwsTarget, template: string, folder: string): void {
  const key = keyOf(aws, template);
  const before = kept.get(key);
  kept.delete(key);
  kept.set(key, folder);
  const oldest = [...kept][0];
  const tooMany = kept.size > MOST_KEPT ? oldest : undefined;
  if (tooMany !== undefined) kept.delete(tooMany[0]);
  for (const old of [before, tooMany?.[1]])
    if (old !== undefined && old !== folder) rmSync(old, { recursive: true, force: true });
}

/**
 * What to deploy: exactly what was approved, from the folder it was shown from when this worker still has it, else
 * synthesized again into `outdir`. Fails with `NotApproved` when the app now produces something else, or a tag of its
 * images now names another image.
 */
export async function assemblyOf(run: AssemblyRun, outdir: string): Promise<Assembly> {
  const { aws, approved, toolkit, infrastructure, clients } = run;
  const folder = approved === undefined ? undefined : kept.get(keyOf(aws, approved));
  const isThere = folder !== undefined && existsSync(join(folder, 'manifest.json'));
  const source = isThere ? await toolkit.fromAssemblyDirectory(folder) : await cdkApp(run, outdir);
  const assembly = await toolkit.synth(source);
  if (approved === undefined) return assembly;
  let template: string;
  try {
    ({ template } = await identityOf(clients, aws, stacksIn(assembly, infrastructure.stacks)));
    if (template === approved) return assembly;
  } catch (error) {
    await assembly.dispose();
    throw error;
  }
  await assembly.dispose();
  const why = `the app, or a tag of its images, makes template ${template} now`;
  throw failure('NotApproved', `${why}, and ${approved} is to be deployed`);
}

/** What stacks are deployed as: with the images that their tags name at this moment. */
export async function identityOf(
  clients: AwsClients,
  aws: AwsTarget,
  stacks: readonly SynthesizedStack[],
): Promise<{ readonly template: string; readonly images: readonly TaggedImage[] }> {
  const images = await imagesOf(clients, aws, stacks);
  return { template: templateHash(stacks, images), images };
}

/** The listed stacks, in that order. Fails with `InvalidRequest` when the app has no stack of that name. */
export function stacksIn(assembly: Assembly, names: readonly string[]): readonly SynthesizedStack[] {
  return names.map((name) => {
    const { template, parameters, tags } = stackIn(assembly, name);
    return { name, template: template as unknown, parameters, tags };
  });
}

type StackArtifact = Assembly['cloudAssembly']['stacksRecursively'][number];

/**
 * By its name in CloudFormation, also in a stage of the app, which CDK's own search by name leaves out. The toolkit selects by
 * `hierarchicalId`, as `Prod/Shop` for `Prod-Shop`, and reports by `displayName`, as `Prod/Shop (Prod-Shop)`.
 */
export function stackIn({ cloudAssembly }: Assembly, name: string): StackArtifact {
  const all = cloudAssembly.stacksRecursively;
  const stack = all.find(({ stackName }) => stackName === name);
  if (stack !== undefined) return stack;
  const called = all.find(({ hierarchicalId }) => hierarchicalId === name)?.stackName;
  if (called !== undefined)
    throw failure('InvalidRequest', `the app's stack ${name} is called ${called} in CloudFormation: write that name`);
  const has = all.map(({ stackName }) => stackName).join(', ');
  throw failure('InvalidRequest', `the app makes no stack ${name}; it makes ${has === '' ? 'none' : has}`);
}

const keyOf = ({ account, region }: AwsTarget, template: string): string => `${account} ${region} ${template}`;

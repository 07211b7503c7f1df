import type { SSMClient } from '@aws-sdk/client-ssm';
import { LabelParameterVersionCommand, PutParameterCommand, UnlabelParameterVersionCommand } from '@aws-sdk/client-ssm';
import { nameOf } from '../failures';
import { parameterHistory } from '../observe/parameter-history';

export interface FlagWrite {
  readonly name: string;
  readonly value: string;
  /** Told before labels are taken off. */
  readonly warn?: (message: string) => void;
}

/**
 * Overwrites the parameter. SSM keeps 100 values and drops the oldest for a new one, but refuses the new one while the oldest
 * has a label: then a label that somebody put there long ago would stand in the way to zero. It is taken off, and the
 * value written. Nothing of this is done before a write was refused for it.
 */
export async function putFlag(ssm: SSMClient, write: FlagWrite, abortSignal?: AbortSignal): Promise<void> {
  try {
    await put(ssm, write, abortSignal);
  } catch (error) {
    if (nameOf(error) !== 'ParameterMaxVersionLimitExceeded') throw error;
    await makeRoom(ssm, write, abortSignal);
    await put(ssm, write, abortSignal);
  }
}

async function put(ssm: SSMClient, { name, value }: FlagWrite, abortSignal?: AbortSignal): Promise<void> {
  const overwrite = { Name: name, Value: value, Type: 'String', Overwrite: true } as const;
  await ssm.send(new PutParameterCommand(overwrite), within(abortSignal));
}

/** Takes the labels off the oldest value, which is dropped next; whoever may only set labels moves them to the newest. */
async function makeRoom(ssm: SSMClient, { name: Name, warn }: FlagWrite, abortSignal?: AbortSignal): Promise<void> {
  const values = await parameterHistory(ssm, Name, abortSignal);
  const oldest = values.reduce((a, b) => ((a.Version ?? 0) <= (b.Version ?? 0) ? a : b));
  const { Version: ParameterVersion, Labels = [] } = oldest;
  warn?.(`labels ${Labels.join(', ')} of version ${ParameterVersion} of ${Name} are in the way of a write`);
  try {
    await ssm.send(new UnlabelParameterVersionCommand({ Name, ParameterVersion, Labels }), within(abortSignal));
  } catch {
    abortSignal?.throwIfAborted();
    await ssm.send(new LabelParameterVersionCommand({ Name, Labels }), within(abortSignal));
  }
}

const within = (abortSignal?: AbortSignal): { readonly abortSignal?: AbortSignal } =>
  abortSignal === undefined ? {} : { abortSignal };

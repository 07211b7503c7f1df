import type { SSMClient } from '@aws-sdk/client-ssm';
import { LabelParameterVersionCommand, PutParameterCommand, UnlabelParameterVersionCommand } from '@aws-sdk/client-ssm';
import type { FlagDocument } from '../../../flags/contract';
import { flagForms } from '../../../flags/contract';
import { writeFitting } from '../../../flags/parameter-text';
import { nameOf } from '../../failures';
import { parameterHistory } from '../../observe/flag/parameter-history';

export interface FlagWrite {
  readonly name: string;
  readonly document: FlagDocument;
  /** Told before labels are taken off. */
  readonly warn?: (message: string) => void;
}

/**
 * Overwrites the parameter and returns the text that was written: the document, or the bare one when that was refused for its
 * content. SSM keeps 100 values and drops the oldest for a new one, but refuses the new one while the oldest
 * has a label: then a label that somebody put there long ago would stand in the way to zero. It is taken off, and the
 * value written. Nothing of this is done before a write was refused for it.
 */
export function putFlag(ssm: SSMClient, write: FlagWrite, abortSignal?: AbortSignal): Promise<string> {
  const { name: Name, document } = write;
  return writeFitting(flagForms(document), async (Value) => {
    const put = () =>
      ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }), { abortSignal });
    try {
      await put();
    } catch (error) {
      if (nameOf(error) !== 'ParameterMaxVersionLimitExceeded') throw error;
      await makeRoom(ssm, write, abortSignal);
      await put();
    }
  });
}

/** Takes the labels off the oldest value, which is dropped next; whoever may only set labels moves them to the newest. */
async function makeRoom(ssm: SSMClient, { name: Name, warn }: FlagWrite, abortSignal?: AbortSignal): Promise<void> {
  const values = await parameterHistory(ssm, Name, abortSignal);
  const oldest = values.reduce((a, b) => ((a.Version ?? 0) <= (b.Version ?? 0) ? a : b));
  const { Version: ParameterVersion, Labels = [] } = oldest;
  warn?.(`labels ${Labels.join(', ')} of version ${ParameterVersion} of ${Name} are in the way of a write`);
  try {
    await ssm.send(new UnlabelParameterVersionCommand({ Name, ParameterVersion, Labels }), { abortSignal });
  } catch {
    abortSignal?.throwIfAborted();
    await ssm.send(new LabelParameterVersionCommand({ Name, Labels }), { abortSignal });
  }
}

import type { SSMClient } from '@aws-sdk/client-ssm';
import { LabelParameterVersionCommand, PutParameterCommand, UnlabelParameterVersionCommand } from '@aws-sdk/client-ssm';
import { writeFitting } from '../../../flags/parameter-text';
import { nameOf } from '../../failures';
import { parameterHistory } from '../../observe/flag/parameter-history';

export interface DocumentWrite {
  readonly name: string;
  /** The allowed texts, longest first; the last one contains no free text (`flags/parameter-text.ts`). */
  readonly forms: readonly unknown[];
  /** False to create it only: fails with SSM's `ParameterAlreadyExists` when it is there. */
  readonly overwrite?: boolean;
  /** Called before labels are removed. */
  readonly warn?: (message: string) => void;
}

/**
 * Writes a JSON document as an SSM parameter, and returns the written text. Fails with SSM's own errors. SSM keeps 100
 * values and drops the oldest for a new one, but refuses the new one while the oldest has a label: then an old label would
 * block every write, 0 % included. Removes the label and writes again, but only after a write was refused for it.
 */
export function putDocument(ssm: SSMClient, write: DocumentWrite, abortSignal?: AbortSignal): Promise<string> {
  const { name: Name, forms, overwrite: Overwrite = true } = write;
  return writeFitting(forms, async (Value) => {
    const put = () => ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite }), { abortSignal });
    try {
      await put();
    } catch (error) {
      if (nameOf(error) !== 'ParameterMaxVersionLimitExceeded') throw error;
      await makeRoom(ssm, write, abortSignal);
      await put();
    }
  });
}

/** Removes the labels of the oldest value, which is dropped next; a caller that may only set labels moves them to the newest. */
async function makeRoom(ssm: SSMClient, { name: Name, warn }: DocumentWrite, abortSignal?: AbortSignal): Promise<void> {
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

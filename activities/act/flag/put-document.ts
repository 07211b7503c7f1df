import type { SSMClient } from '@aws-sdk/client-ssm';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { writeFitting } from '../../../flags/parameter-text';

export interface DocumentWrite {
  readonly name: string;
  /** What may be written, fullest first; the last one has no free text in it (`flags/parameter-text.ts`). */
  readonly forms: readonly unknown[];
  /** False to create it only: fails with SSM's `ParameterAlreadyExists` when it is there. */
  readonly overwrite?: boolean;
}

/** Writes a JSON document as an SSM parameter, and returns the text that was written. Fails with SSM's own errors. */
export function putDocument(
  ssm: SSMClient,
  { name: Name, forms, overwrite: Overwrite = true }: DocumentWrite,
  abortSignal?: AbortSignal,
): Promise<string> {
  return writeFitting(forms, (Value) =>
    ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite }), { abortSignal }),
  );
}

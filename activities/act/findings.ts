import { Context } from '@temporalio/activity';
import { PutParameterCommand } from '@aws-sdk/client-ssm';
import type { FindingsDocument } from '../../rules/nextflow/findings-document';
import { FINDINGS_BYTES } from '../../rules/nextflow/findings-document';
import type { AwsFor } from '../aws';
import { failure, toFailure } from '../failures';
import type { FindingsPlace } from '../observe/findings';
import { readFindings } from '../observe/findings';
import { readParameter } from '../observe/flags';

export interface FindingsOrder extends FindingsPlace {
  /** A full rollback that owes findings from now on. */
  readonly rolledBack?: FindingsDocument['rolledBack'];
  /** What somebody found. */
  readonly findings?: NonNullable<FindingsDocument['findings']>;
}

/** Writes and reads back what a full rollback owes, or what was found. Doing it twice is harmless. */
export function createFindingsActions(awsFor: AwsFor): {
  writeFindings(order: FindingsOrder): Promise<FindingsDocument | undefined>;
} {
  return { writeFindings: (order) => writeFindings(awsFor, order, Context.current().cancellationSignal) };
}

async function writeFindings(
  awsFor: AwsFor,
  order: FindingsOrder,
  abortSignal: AbortSignal,
): Promise<FindingsDocument | undefined> {
  const { aws, parameter, findings } = order;
  if (findings !== undefined && Buffer.byteLength(findings.text) > FINDINGS_BYTES)
    throw failure('InvalidRequest', `findings may have ${FINDINGS_BYTES} bytes: write a summary and where the rest is`);
  const rolledBack = order.rolledBack ?? (await readFindings(awsFor, order, abortSignal))?.rolledBack;
  if (rolledBack === undefined) return undefined;
  const document: FindingsDocument = { rolledBack, ...(findings === undefined ? {} : { findings }) };
  const text = JSON.stringify(document);
  try {
    const put = new PutParameterCommand({ Name: parameter, Value: text, Type: 'String', Overwrite: true });
    await awsFor(aws).ssm.send(put, { abortSignal });
  } catch (error) {
    throw toFailure(error, `writing the findings to ${parameter}`);
  }
  const after = await readParameter(awsFor, aws, parameter, abortSignal);
  if (after === text) return document;
  throw failure('Unconfirmed', `findings were written to ${parameter}, but read back as ${after ?? 'nothing'}`);
}

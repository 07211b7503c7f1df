import { Context } from '@temporalio/activity';
import { parameterText, shortened } from '../../../flags/parameter-text';
import type { Deployed, DeploymentRecord, Verified } from '../../../rules/stacks/deployment-record';
import {
  deployedParameterOf,
  recordWith,
  withDeployed,
  withoutDeployed,
  withVerified,
} from '../../../rules/stacks/deployment-record';
import { parseRecord } from '../../../rules/stacks/parse-record';
import type { AwsFor } from '../../aws';
import { failure, toFailure } from '../../failures';
import type { DeploymentPlace } from '../../observe/stacks/deployment-record';
import { readDeployed } from '../../observe/stacks/deployment-record';
import { readParameter } from '../../observe/flag/flags';
import { putDocument } from '../flag/put-document';

export interface DeployedOrder extends DeploymentPlace {
  /** Absent when no complete deployment is known. */
  readonly deployed?: Deployed;
}
export interface VerifiedOrder extends DeploymentPlace {
  readonly verified: Verified;
}

export interface RecordActions {
  recordDeployed(order: DeployedOrder): Promise<DeploymentRecord>;
  recordVerified(order: VerifiedOrder): Promise<DeploymentRecord>;
}

/**
 * Reads, changes, writes and reads back the record of an environment's deployment. The caller ensures one writer at a
 * time: SSM has no compare-and-set. Idempotent. Returns the present record. Fails with `Unreadable` when the parameter
 * holds something else, `Unconfirmed` when another text is read back.
 */
export function createRecordActions(awsFor: AwsFor): RecordActions {
  return {
    recordDeployed: ({ deployed, ...place }) =>
      change(awsFor, place, (record) =>
        deployed === undefined ? withoutDeployed(record) : withDeployed(record, deployed),
      ),
    recordVerified: ({ verified, ...place }) => change(awsFor, place, (record) => withVerified(record, verified)),
  };
}

async function change(
  awsFor: AwsFor,
  place: DeploymentPlace,
  changed: (record: DeploymentRecord) => DeploymentRecord,
): Promise<DeploymentRecord> {
  const abortSignal = Context.current().cancellationSignal;
  const parameter = deployedParameterOf(place);
  const before = await readDeployed(awsFor, place, abortSignal);
  const wanted = changed(before);
  if (parameterText(wanted) === parameterText(before)) return wanted;
  const forms = [...shortened((shorten) => recordWith(wanted, shorten))];
  let text: string;
  try {
    text = await putDocument(awsFor(place.aws).ssm, { name: parameter, forms }, abortSignal);
  } catch (error) {
    throw toFailure(error, `writing what is deployed to ${parameter}`);
  }
  const after = await readParameter(awsFor, place.aws, parameter, abortSignal);
  const read = after === undefined ? undefined : parseRecord(after);
  if (after === text && read?.ok === true) return read.record;
  throw failure('Unconfirmed', `what is deployed was written to ${parameter}, but read back as ${after ?? 'nothing'}`);
}

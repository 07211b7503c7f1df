/**
 * The flag without Temporal, for when it is down: reads, and writes 0, with AWS alone. The only file of `activities/` that
 * the client may import; no workflow calls it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { SFNClient } from '@aws-sdk/client-sfn';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { FlagDocument, UnsafeTuple } from '../flags';
import { effectivePercentage, parseFlags, unsafeBecause } from '../flags';
import { writeZero } from '../flags/zero';
import type { AwsTarget, FlagTarget } from '../rules/plan/environment-plan';
import { putDocument } from './act/flag/put-document';
import { ZERO_ABOVE } from '../rules/rollout/state/flag';
import type { Unreadable } from '../rules/rollout/state/watch';
import { failure, nameOf, toFailure } from './failures';
import { countFinished } from './observe/verification/count-finished';
import { failFastConfig } from './client-config';

export { untilZeroLasts } from '../flags/zero';
export { isNonRetryable, messageOf } from './failures';

export interface ZeroByHand {
  readonly writer: string;
  readonly reason: string;
}

/** What is in the parameter. */
export interface FlagReading {
  /** The account of the credentials, from the parameter's ARN; absent when the answer has none. */
  readonly account?: string;
  readonly version?: number;
  readonly modifiedAtMs?: number;
  readonly text: string;
  /** Absent when the text is not a flag document; `why` gives the reason. */
  readonly document?: FlagDocument;
  readonly percentage?: number;
  readonly why?: string;
  /** Where the tuple acts differently from what it seems, with an API whose reads follow the job. */
  readonly unsafe: readonly UnsafeTuple[];
}

export type ZeroWritten =
  | {
      readonly status: 'zero';
      readonly generation: number;
      readonly readBack: FlagReading;
      readonly before?: FlagReading;
      /** It was not read within `LOOK_BEFORE_ZERO_MS`: the write does not wait for it. */
      readonly beforeNotKnown?: boolean;
    }
  /** The credentials belong to another account than the plan's. */
  | { readonly status: 'other-account'; readonly account: string; readonly wrote: boolean };

export interface BreakGlass {
  /** Undefined when there is no such parameter. */
  read(abortSignal?: AbortSignal): Promise<FlagReading | undefined>;
  /**
   * One attempt: reads briefly, writes 0 above every generation, reads back. Idempotent. A failed read does not stop the
   * write; credentials of another account do.
   */
  writeZero(order: ZeroByHand): Promise<ZeroWritten>;
}

/** Includes the time for the credentials, which are loaded with the first request. */
const LOOK_BEFORE_ZERO_MS = 2_000;

const COUNT_WITHIN_MS = 5_000;

/** The finished jobs that cannot be read at 0 %. Call it only after the zero is written; never throws. */
export function countUnreadable(aws: AwsTarget, stateMachine: string): Promise<Unreadable> {
  const abortSignal = AbortSignal.timeout(COUNT_WITHIN_MS);
  return countFinished({ clients: { sfn: new SFNClient(failFastConfig(aws)) }, aws, abortSignal }, stateMachine);
}

/** Both throw failures of `failures.ts`, which say whether a retry can help. */
export function createBreakGlass(aws: AwsTarget, flag: FlagTarget): BreakGlass {
  const ssm = new SSMClient(failFastConfig(aws));
  return {
    read: (abortSignal) => read(ssm, flag.parameter, abortSignal),
    writeZero: (order) => zero(ssm, { aws, flag }, order),
  };
}

async function read(ssm: SSMClient, parameter: string, abortSignal?: AbortSignal): Promise<FlagReading | undefined> {
  try {
    const command = new GetParameterCommand({ Name: parameter });
    const { Parameter = {} } = await ssm.send(command, { abortSignal });
    const { ARN, Value: text = '', Version: version, LastModifiedDate: modified } = Parameter;
    const place = { account: ARN?.split(':')[4], version, modifiedAtMs: modified?.getTime(), text };
    const parsed = parseFlags(text);
    if (!parsed.ok) return { ...place, why: parsed.why, unsafe: [] };
    const { document } = parsed;
    return { ...place, document, percentage: effectivePercentage(document), unsafe: unsafeBecause(document, 'job') };
  } catch (error) {
    if (nameOf(error) === 'ParameterNotFound') return undefined;
    throw toFailure(error, `reading parameter ${parameter}`);
  }
}

interface Place {
  readonly aws: AwsTarget;
  readonly flag: FlagTarget;
}

async function zero(ssm: SSMClient, { aws, flag }: Place, { writer, reason }: ZeroByHand): Promise<ZeroWritten> {
  const { parameter, salt } = flag;
  const driver = {
    readFirstMs: LOOK_BEFORE_ZERO_MS,
    read: (abortSignal?: AbortSignal) => read(ssm, parameter, abortSignal),
    put: (forms: readonly unknown[]) => put(ssm, parameter, forms),
    now: Date.now,
    sleep: (ms: number, signal?: AbortSignal) => sleep(ms, undefined, { signal }),
  };
  const written = await writeZero(driver, { writer, reason, salt, above: ZERO_ABOVE }, async (before) => {
    const account = before === 'nothing' ? await accountOf(aws) : before === 'unknown' ? undefined : before.account;
    return account === aws.account ? undefined : account;
  });
  if (written.status === 'not-written') return { status: 'other-account', account: written.because, wrote: false };
  const { readBack } = written;
  if (written.status === 'unconfirmed')
    throw failure('Unconfirmed', `0 % was written to ${parameter}, but read back as ${readBack?.text ?? 'nothing'}`);
  if (written.readBack.account !== undefined && written.readBack.account !== aws.account)
    return { status: 'other-account', account: written.readBack.account, wrote: true };
  const { before, generation } = written;
  return {
    status: 'zero',
    generation,
    readBack: written.readBack,
    before: typeof before === 'string' ? undefined : before,
    beforeNotKnown: before === 'unknown',
  };
}

/** Without a parameter there is no ARN to read the account from. */
async function accountOf(aws: AwsTarget): Promise<string> {
  try {
    return (await new STSClient(failFastConfig(aws)).send(new GetCallerIdentityCommand({}))).Account ?? 'unknown';
  } catch (error) {
    throw toFailure(error, 'asking whose credentials these are');
  }
}

async function put(ssm: SSMClient, parameter: string, forms: readonly unknown[]): Promise<string> {
  try {
    return await putDocument(ssm, { name: parameter, forms });
  } catch (error) {
    throw toFailure(error, `writing 0 % to ${parameter}`);
  }
}

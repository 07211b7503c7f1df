/**
 * The flag without Temporal, for when it is down: reads, and writes 0, with AWS alone. One of three files of `activities/` that
 * the client may import; no workflow calls it.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { SFNClient } from '@aws-sdk/client-sfn';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { type FlagDocument, parseFlags, rawDocument, valuesIn } from '../flags/contract';
import { contradiction, type FlagFields, keysIn } from '../flags/format';
import { initialFlag } from '../flags/initial';
import { writeZero } from '../flags/zero';
import type { AwsTarget, FlagTarget } from '../rules/plan/environment-plan';
import { putDocument } from './act/flag/put-document';
import { ZERO_ABOVE } from '../rules/rollout/state/flag';
import type { Unreadable } from '../rules/rollout/state/watch';
import { failure, nameOf, toFailure } from './failures';
import { countFinished } from './observe/verification/count-finished';
import { failFastConfig } from './client-config';
import { within } from './within';

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
  /** The values that hold the percentage. */
  readonly values?: FlagFields;
  /** The document as it is in the parameter. */
  readonly raw?: FlagFields;
  readonly percentage?: number;
  readonly why?: string;
  /** Why the values mean another percentage than they seem to say; absent when they do not. */
  readonly contradiction?: string;
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

export type FlagCreated =
  | { readonly status: 'written' | 'already-there'; readonly percentage: number }
  | { readonly status: 'refused'; readonly why: string }
  | { readonly status: 'other-account'; readonly account: string };

export interface BreakGlass {
  /** Makes the parameter, or completes the JSON object in it, without a change of the percentage. Idempotent. */
  create(writer: string): Promise<FlagCreated>;
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
  const abortSignal = within(COUNT_WITHIN_MS);
  return countFinished({ clients: { sfn: new SFNClient(failFastConfig(aws)) }, aws, abortSignal }, stateMachine);
}

/** Both throw failures of `failures.ts`, which say whether a retry can help. */
export function createBreakGlass(aws: AwsTarget, flag: FlagTarget): BreakGlass {
  const ssm = new SSMClient(failFastConfig(aws));
  return {
    read: (abortSignal) => read(ssm, flag, abortSignal),
    create: (writer) => create(ssm, { aws, flag }, writer),
    writeZero: (order) => zero(ssm, { aws, flag }, order),
  };
}

async function read(
  ssm: SSMClient,
  { parameter, format }: FlagTarget,
  abortSignal?: AbortSignal,
): Promise<FlagReading | undefined> {
  try {
    const command = new GetParameterCommand({ Name: parameter });
    const { Parameter = {} } = await ssm.send(command, { abortSignal });
    const { ARN, Value: text = '', Version: version, LastModifiedDate: modified } = Parameter;
    const place = { account: ARN?.split(':')[4], version, modifiedAtMs: modified?.getTime(), text };
    const parsed = parseFlags(text, format, version);
    if (!parsed.ok) return { ...place, why: parsed.why };
    const { document } = parsed;
    const values = valuesIn(document, format);
    const raw = rawDocument(document, format);
    const misleading = contradiction(values, keysIn(format));
    return { ...place, document, values, raw, percentage: document.percentage, contradiction: misleading };
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
  const { parameter, salt, format } = flag;
  const driver = {
    readFirstMs: LOOK_BEFORE_ZERO_MS,
    read: (abortSignal?: AbortSignal) => read(ssm, flag, abortSignal),
    put: (forms: readonly unknown[]) => put(ssm, parameter, forms),
    now: Date.now,
    sleep: (ms: number, signal?: AbortSignal) => sleep(ms, undefined, { signal }),
  };
  const written = await writeZero(driver, { writer, reason, salt, format, above: ZERO_ABOVE }, async (before) => {
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

async function create(ssm: SSMClient, { aws, flag }: Place, writer: string): Promise<FlagCreated> {
  const { parameter: name, salt, format } = flag;
  const found = await read(ssm, flag);
  const account = found === undefined ? await accountOf(aws) : found.account;
  if (account !== undefined && account !== aws.account) return { status: 'other-account', account };
  const initial = initialFlag(found?.text, { salt, format, writer });
  if (initial.do === 'refuse') return { status: 'refused', why: initial.why };
  const { percentage } = initial;
  if (initial.do === 'nothing') return { status: 'already-there', percentage };
  try {
    await putDocument(ssm, { name, forms: initial.forms, overwrite: found !== undefined });
  } catch (error) {
    throw toFailure(error, `writing the first document to ${name}`);
  }
  return { status: 'written', percentage };
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

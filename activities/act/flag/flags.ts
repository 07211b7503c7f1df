import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import type { FlagDocument } from '../../../flags/contract';
import { flagForms, othersOf, parseFlags } from '../../../flags/contract';
import { writeZero } from '../../../flags/zero';
import type { AwsFor } from '../../aws';
import type { FlagTarget } from '../../../rules/plan/environment-plan';
import { isKnown } from '../../../rules/rollout/drift';
import { mayDrive, ownedWords, parseOwner } from '../../../rules/rollout/owner';
import { RAISE_ABOVE, ZERO_ABOVE } from '../../../rules/rollout/state/flag';
import type { FlagFound } from '../../../rules/rollout/state/flag';
import { failure, messageOf, toFailure } from '../../failures';
import { withHeartbeat } from '../../heartbeat';
import type { FlagPlace, ParameterValue } from '../../observe/flag/flags';
import { flagReading, readParameter, readValue } from '../../observe/flag/flags';
import { reportLook } from '../../observe/guards/report-look';
import type { OwnerClaim } from './owner';
import { ownerOf } from './owner';
import { overwrittenBy } from './overwritten';
import { putDocument } from './put-document';
import { newestReading } from '../../observe/flag/parameter-history';
import { within } from '../../within';

export interface TrafficOrder extends FlagPlace {
  readonly percentage: number;
  /** Workflow id and first run id: one writer per rollout. */
  readonly writer: string;
  readonly reason: string;
  /** The lowest generation for this write. */
  readonly generation: number;
  /** For a raise: the document it must find. Any other means that another program wrote. Absent for 0. */
  readonly expected?: { readonly generation: number; readonly percentage: number; readonly version?: number };
  /** Instead of `expected`, to overwrite an unreadable document: its version. */
  readonly overUnreadable?: { readonly version?: number };
  /** For a raise: the required owner of the flag. The way to zero requires none. */
  readonly owner?: OwnerClaim;
}

export type TrafficWritten =
  | {
      readonly status: 'written';
      readonly percentage: number;
      readonly generation: number;
      /** SSM's own count of the parameter's values. */
      readonly version?: number;
    }
  | (Omit<FlagFound, 'found'> & { readonly status: 'drift' });

/** A flag document that has just been written, for readers that want to know at once. */
export interface FlagWritten extends FlagPlace {
  readonly text: string;
}

const HEARTBEAT_MS = 500;
const READ_BEFORE_ZERO_MS = 500;
const RAISE_WITHIN_MS = 3_000;
const ATTEMPT_WITHIN_MS = 8_000;

/**
 * > STEP_FUNCTIONS_ROLLOUT_PERCENTAGE=10 … reduce rollout percentage: STEP_FUNCTIONS_ROLLOUT_PERCENTAGE=0
 *
 * Writes the complete flag tuple as one document and reads it back. Idempotent: a write that is already there is only
 * confirmed. SSM has no compare-and-set, so a raise reads the present document before it writes.
 */
export function createFlagActions(
  awsFor: AwsFor,
  cluster = '',
  onWritten?: (written: FlagWritten) => void,
): { setTraffic(order: TrafficOrder): Promise<TrafficWritten> } {
  return {
    setTraffic: (order) =>
      whileHeartbeating(async (abortSignal) => {
        if (order.percentage > 0 && order.owner !== undefined) {
          // Makes the dead man's alarm OK, so that it can fire when no check follows this raise.
          const { log } = Context.current();
          reportLook(awsFor, order.owner, (why) => log.warn(why));
          await mustOwn(awsFor, order.owner, { cluster, abortSignal });
        }
        const isRaise = order.percentage > 0 || order.expected !== undefined || order.overUnreadable !== undefined;
        const write: Write = async (forms) => {
          const text = await put(awsFor, order, forms, abortSignal);
          tell(onWritten, { aws: order.aws, flag: order.flag, text });
          return text;
        };
        return isRaise ? raise(awsFor, order, abortSignal, write) : toZero(awsFor, order, abortSignal, write);
      }),
  };
}

type Write = (forms: readonly unknown[]) => Promise<string>;

/** Readers gain by it, and a write is no worse without it: nothing waits for it, and it fails nothing. */
function tell(onWritten: ((written: FlagWritten) => void) | undefined, written: FlagWritten): void {
  try {
    onWritten?.(written);
  } catch (error) {
    Context.current().log.warn(`readers were not told of a write: ${messageOf(error)}`);
  }
}

/** Fails with `NotOwner` when this rollout no longer owns the environment. */
async function mustOwn(
  awsFor: AwsFor,
  claim: OwnerClaim,
  { cluster, abortSignal }: { readonly cluster: string; readonly abortSignal: AbortSignal },
): Promise<void> {
  const { aws, parameter, environment } = claim;
  const text = await readParameter(awsFor, aws, parameter, abortSignal);
  if (text === undefined) throw failure('NotOwner', `${parameter} is gone: this rollout no longer owns the flag`);
  const parsed = parseOwner(text);
  if (parsed.ok && mayDrive(parsed.owner, ownerOf(claim, cluster)) === 'is-owner') return;
  throw failure('NotOwner', ownedWords(parsed, parameter, environment));
}

async function toZero(
  awsFor: AwsFor,
  order: TrafficOrder,
  abortSignal: AbortSignal,
  write: Write,
): Promise<TrafficWritten> {
  const { aws, flag, writer, reason, generation: atLeast } = order;
  const driver = {
    readFirstMs: READ_BEFORE_ZERO_MS,
    read: (only?: AbortSignal) =>
      readValue(awsFor, aws, flag.parameter, only === undefined ? abortSignal : AbortSignal.any([abortSignal, only])),
    put: write,
    now: Date.now,
    sleep: (ms: number, signal?: AbortSignal) => sleep(ms, undefined, { signal }),
  };
  const { salt, format } = flag;
  const zero = { writer, reason, salt, format, above: ZERO_ABOVE, atLeast };
  const attempt = await writeZero(driver, zero, (before) => {
    const found = typeof before === 'string' ? undefined : stateOf(flag, before);
    return found?.document !== undefined && alreadyWritten(order, found.document)
      ? written(order, found.document, found.value.version)
      : undefined;
  });
  if (attempt.status === 'not-written') return attempt.because;
  const { readBack } = attempt;
  if (attempt.status === 'unconfirmed') throw unconfirmed(order, readBack);
  const { version } = attempt.readBack;
  return { status: 'written', percentage: 0, generation: counted(flag, attempt.generation, version), version };
}

/** A raise, or a restoration, which may be to 0. */
async function raise(
  awsFor: AwsFor,
  order: TrafficOrder,
  abortSignal: AbortSignal,
  write: Write,
): Promise<TrafficWritten> {
  const startedAtMs = Date.now();
  const value = await readValue(awsFor, order.aws, order.flag.parameter, abortSignal);
  const before = value === undefined ? undefined : stateOf(order.flag, value);
  if (before?.document !== undefined && alreadyWritten(order, before.document))
    return unlessOverwritten(awsFor, order, { ...before, document: before.document }, abortSignal);
  const drift = await driftBefore(awsFor, order, before, abortSignal);
  if (drift !== undefined) return drift;
  const document = documentFor(order, before);
  // A worker frozen here may wake up after this raise has been given up.
  if (Date.now() - startedAtMs > RAISE_WITHIN_MS)
    throw failure('Unavailable', `${order.percentage} % was not written: the read before it took too long`);
  const text = await write(flagForms(document, order.flag.format));
  const readBack = await readValue(awsFor, order.aws, order.flag.parameter, abortSignal);
  if (readBack?.text !== text) throw unconfirmed(order, readBack);
  return unlessOverwritten(awsFor, order, { value: readBack, document }, abortSignal);
}

async function put(
  awsFor: AwsFor,
  { aws, flag: { parameter: name }, percentage }: TrafficOrder,
  forms: readonly unknown[],
  abortSignal: AbortSignal,
): Promise<string> {
  const warn = (message: string): void => Context.current().log.warn(message);
  try {
    return await putDocument(awsFor(aws).ssm, { name, forms, warn }, abortSignal);
  } catch (error) {
    throw toFailure(error, `writing ${percentage} % to ${name}`);
  }
}

function unconfirmed({ percentage, flag }: TrafficOrder, readBack: ParameterValue | undefined): Error {
  const found = readBack?.text ?? 'nothing';
  return failure('Unconfirmed', `${percentage} % was written to ${flag.parameter}, but read back as ${found}`);
}

/** What stops a raise: another program has written since. */
async function driftBefore(
  awsFor: AwsFor,
  order: TrafficOrder,
  before: FlagState | undefined,
  abortSignal: AbortSignal,
): Promise<TrafficWritten | undefined> {
  const { expected, overUnreadable, flag } = order;
  if (expected === undefined && overUnreadable === undefined) return undefined;
  const reading = flagReading(order, before?.value);
  const known =
    expected === undefined ? { found: false as const, ...overUnreadable } : { found: true as const, ...expected };
  if (before !== undefined && isKnown([known], reading)) return undefined;
  const told = (await newestReading(awsFor, order, reading, abortSignal)) ?? reading;
  if (told.version !== reading.version)
    throw failure('Unavailable', `the read of ${flag.parameter} before the raise gave an old value: trying again`);
  if (!told.found)
    throw failure(
      'ParameterMissing',
      `parameter ${flag.parameter} is gone or unreadable: a raise does not overwrite it`,
    );
  const { found: _found, ...drift } = told;
  return { status: 'drift', ...drift };
}

/** Another program may have written between a raise's read and its write, most of all 0. */
async function unlessOverwritten(
  awsFor: AwsFor,
  order: TrafficOrder,
  { value: { text, version }, document }: Required<FlagState>,
  abortSignal: AbortSignal,
): Promise<TrafficWritten> {
  const over = (order.expected ?? order.overUnreadable)?.version;
  const other = await overwrittenBy(awsFor, order, { text, version, over }, abortSignal);
  if (other === undefined) return written(order, document, version);
  const { found: _found, ...drift } = other;
  return { status: 'drift', ...drift, overwritten: true };
}

/** A value of the parameter, and its document when it can be read. */
interface FlagState {
  readonly value: ParameterValue;
  readonly document?: FlagDocument;
}

function stateOf({ format }: FlagTarget, value: ParameterValue): FlagState {
  const parsed = parseFlags(value.text, format, value.version);
  return parsed.ok ? { value, document: parsed.document } : { value };
}

function alreadyWritten(order: TrafficOrder, before: FlagDocument): boolean {
  const isOurs = order.flag.format === 'number' || before.writer === order.writer;
  return isOurs && before.generation >= order.generation && before.percentage === order.percentage;
}

/**
 * Readers ignore a lower generation than one they have seen. When the present one cannot be read, the seconds since 1970
 * are higher than any counted one.
 */
function documentFor(order: TrafficOrder, before: FlagState | undefined): FlagDocument {
  const { writer, reason, percentage, flag } = order;
  const above = percentage === 0 ? ZERO_ABOVE : RAISE_ABOVE;
  const present = before?.document?.generation ?? Math.floor(Date.now() / 1_000);
  const generation = Math.max(order.generation, present + above);
  const others = othersOf(before?.value.text, flag.format);
  return { schema: 1, generation, writer, reason, salt: flag.salt, percentage, others };
}

function written({ flag }: TrafficOrder, document: FlagDocument, version: number | undefined): TrafficWritten {
  const generation = counted(flag, document.generation, version);
  return { status: 'written', percentage: document.percentage, generation, version };
}

/** SSM's count is the only order that a plain number has. */
const counted = ({ format }: FlagTarget, generation: number, version = 0): number =>
  format === 'number' ? version : generation;

/** A cancellation reaches an activity only through its heartbeat; it then ends the running request. */
async function whileHeartbeating<T>(work: (abortSignal: AbortSignal) => Promise<T>): Promise<T> {
  const { cancellationSignal } = Context.current();
  const abortSignal = within(ATTEMPT_WITHIN_MS, cancellationSignal);
  try {
    return await withHeartbeat(() => work(abortSignal), { everyMs: HEARTBEAT_MS });
  } catch (error) {
    cancellationSignal.throwIfAborted();
    throw error;
  }
}

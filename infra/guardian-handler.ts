/**
 * The guardian's code as Lambda runs it: without Temporal, without a worker, with the AWS SDK of the runtime. It is bundled
 * with its imports of `flags/` and `rules/` into one file (infra/guardian.ts).
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import {
  GetParameterCommand,
  GetParameterHistoryCommand,
  type ParameterHistory,
  PutParameterCommand,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { parseFlags } from '../flags/contract';
import { guardianDecision, type Guarded, type Known, type FiredAlarm, type FlagState } from '../flags/guardian';
import { writeFitting } from '../flags/parameter-text';
import { untilZeroLasts, writeZero, type ZeroDriver } from '../flags/zero';
import { parseAlarmMessage } from '../rules/guards/alarm-message';
import { GUARDIAN } from '../rules/rollout/outside/emergency-writers';
import { ZERO_ABOVE } from '../rules/rollout/state/flag';

/** The stack's settings for the function, as JSON in the environment variable `GUARDIAN` or in `settings.json`. */
export interface GuardianSettings extends Guarded {
  readonly parameter: string;
  /** Names the rollout that drives the flag, until it ends (`rules/rollout/owner.ts`). */
  readonly owner: string;
  readonly salt: string;
  /** The longest time a raise that was given up may still arrive. */
  readonly lateWriteMs: number;
}

interface Event {
  readonly Records: readonly { readonly body: string }[];
}

const patience = {
  maxAttempts: 3,
  requestHandler: { requestTimeout: 3_000, throwOnRequestTimeout: true, connectionTimeout: 1_000 },
};
const ssm = new SSMClient(patience);
const cloudwatch = new CloudWatchClient(patience);

/** An error is an error of the invocation: the queue delivers the message again, and finally keeps it for a person. */
export async function handler({ Records }: Event): Promise<void> {
  const settings = JSON.parse(process.env['GUARDIAN'] ?? settingsBeside()) as GuardianSettings;
  for (const { body } of Records) await guard(settings, body);
}

/** Written beside this code where they are too long for a variable (`infra/guardian-code.ts`). */
const settingsBeside = (): string => readFileSync(join(__dirname, 'settings.json'), 'utf8');

async function guard(settings: GuardianSettings, body: string): Promise<void> {
  const change = parseAlarmMessage(body);
  if (change?.state !== 'ALARM') return say({ do: 'nothing', why: 'no alarm fired', body: body.slice(0, 200) });
  const fired: FiredAlarm = { alarm: change.alarm, atMs: change.atMs };
  const found: Known = {
    standing: await read(settings.parameter),
    ...(fired.alarm === settings.unwatched ? await whoLooks(settings, fired) : {}),
  };
  const decide = (answered: Pick<Known, 'zeroGeneration'>) =>
    guardianDecision(settings, fired, { ...found, ...answered }, Date.now());
  const first = decide({});
  // Read the history before writing anything, and decide again with it.
  const decision = first.do === 'write-zero' ? decide(await zeroSince(settings, fired)) : first;
  say({ ...decision, ...fired });
  if (decision.do === 'wait') throw new Error(`${fired.alarm}: ${decision.why}`);
  if (decision.do === 'write-zero') await toZero(settings, decision.why);
}

/**
 * Whether the dead man's alarm is OK again, and whether a rollout has left the flag. A failed read is no excuse for leaving
 * the flag alone.
 */
async function whoLooks(
  { owner }: GuardianSettings,
  { alarm }: FiredAlarm,
): Promise<Pick<Known, 'looksAgain' | 'owned'>> {
  const [looksAgain, owned] = await Promise.all([
    cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [alarm] })).then(
      ({ MetricAlarms = [] }) => MetricAlarms[0]?.StateValue === 'OK',
      (error: unknown) => (say({ do: 'go-on', why: `the alarm cannot be read: ${String(error)}` }), false),
    ),
    read(owner).then(
      (found) => found !== undefined,
      (error: unknown) => (say({ do: 'go-on', why: `the owner cannot be read: ${String(error)}` }), true),
    ),
  ]);
  return { looksAgain, owned };
}

/** Writes 0 % until it lasts. An error ends the invocation: the queue delivers the alarm again. */
async function toZero({ parameter, salt, format, lateWriteMs }: GuardianSettings, reason: string): Promise<void> {
  const driver = driverOf(parameter);
  const write = async () => {
    const written = await writeZero(driver, { writer: GUARDIAN, reason, salt, format, above: ZERO_ABOVE });
    if (written.status !== 'confirmed') throw new Error('0 % was written, and read back otherwise');
    say({ do: 'written', generation: written.generation });
    return written;
  };
  const { generation } = await write();
  const { lasting } = await untilZeroLasts(generation, {
    ...driver,
    write,
    format,
    lateWriteMs,
    overRaise: false,
    onLost: () => say({ do: 'write-zero', why: 'an earlier write arrived late' }),
  });
  say({ do: lasting });
}

/** As long as one try of the request. */
const READ_FIRST_MS = 3_000;

function driverOf(parameter: string): ZeroDriver<FlagState> {
  return {
    readFirstMs: READ_FIRST_MS,
    read: (abortSignal) => read(parameter, abortSignal),
    put: (forms) =>
      writeFitting(forms, (Value) =>
        ssm.send(new PutParameterCommand({ Name: parameter, Value, Type: 'String', Overwrite: true })),
      ),
    now: Date.now,
    sleep: (ms, signal) => sleep(ms, undefined, { signal }),
  };
}

async function read(parameter: string, abortSignal?: AbortSignal): Promise<FlagState | undefined> {
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: parameter }), { abortSignal });
    const { Value = '', LastModifiedDate, Version } = Parameter ?? {};
    return { text: Value, modifiedAtMs: LastModifiedDate?.getTime() ?? 0, version: Version };
  } catch (error) {
    if (error instanceof Error && error.name === 'ParameterNotFound') return undefined;
    throw error;
  }
}

/** The highest generation of those that were at 0 since. An unreadable history is no answer to the alarm. */
async function zeroSince(
  { parameter, format }: GuardianSettings,
  { atMs }: FiredAlarm,
): Promise<{ readonly zeroGeneration?: number }> {
  try {
    const generations = (await versions(parameter)).flatMap(({ Value = '', LastModifiedDate, Version }) => {
      const parsed = parseFlags(Value, format, Version);
      const isSince = (LastModifiedDate?.getTime() ?? 0) >= atMs;
      return isSince && parsed.ok && parsed.document.percentage === 0 ? [parsed.document.generation] : [];
    });
    return generations.length === 0 ? {} : { zeroGeneration: Math.max(...generations) };
  } catch (error) {
    say({ do: 'go-on', why: `the history cannot be read: ${String(error)}` });
    return {};
  }
}

/** SSM keeps a hundred of them. */
async function versions(parameter: string): Promise<readonly ParameterHistory[]> {
  const all: ParameterHistory[] = [];
  for (let token: string | undefined; ;) {
    const page = await ssm.send(new GetParameterHistoryCommand({ Name: parameter, MaxResults: 50, NextToken: token }));
    all.push(...(page.Parameters ?? []));
    token = page.NextToken;
    if (token === undefined || token === '') return all;
  }
}

/** One line of JSON for each action. */
function say(line: Readonly<Record<string, unknown>>): void {
  console.log(JSON.stringify(line));
}

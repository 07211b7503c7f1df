import { setTimeout as sleep } from 'node:timers/promises';
import { GetParameterCommand, type Parameter, type SSMClient } from '@aws-sdk/client-ssm';
import { parseFlags } from '../../flags/contract';
import { ZERO } from './floor-worker';

const EVERY_MS = 5;
const GIVE_UP_MS = 180_000;

/** Ms from the start of `change` until the parameter is at 0 %, as another reader sees it. */
export async function msUntilZero(ssm: SSMClient, Name: string, change: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now();
  const changing = change();
  while (!(await isZero(ssm, Name))) {
    if (performance.now() - startedMs > GIVE_UP_MS) throw new Error(`${Name} was not at 0 % within ${GIVE_UP_MS} ms`);
    await sleep(EVERY_MS);
  }
  const tookMs = performance.now() - startedMs;
  await changing;
  return tookMs;
}

async function isZero(ssm: SSMClient, name: string): Promise<boolean> {
  const text = (await parameterIn(ssm, name))?.Value ?? '';
  return text === ZERO || percentageIn(text) === 0;
}

/** A parameter as another reader than the worker sees it. */
export const parameterIn = async (ssm: SSMClient, Name: string): Promise<Parameter | undefined> =>
  (await ssm.send(new GetParameterCommand({ Name }))).Parameter;

export function percentageIn(text: string): number | undefined {
  const parsed = parseFlags(text);
  return parsed.ok ? parsed.document.percentage : undefined;
}

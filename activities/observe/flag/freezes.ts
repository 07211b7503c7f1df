import type { AwsTarget, Freeze } from '../../../rules/plan/environment-plan';
import { parseFreezes } from '../../../rules/time/freeze-document';
import type { AwsFor } from '../../aws';
import { failure } from '../../failures';
import { readParameter } from './flags';

export interface FreezePlace {
  readonly aws: AwsTarget;
  /** Name of the SSM parameter. */
  readonly parameter: string;
}

/** Reads the freezes, expired ones included. A missing parameter means no freeze; an unreadable one is a failure. */
export function createFreezeObservations(awsFor: AwsFor): { readFreezes(place: FreezePlace): Promise<Freeze[]> } {
  return { readFreezes: (place) => readFreezes(awsFor, place) };
}

export async function readFreezes(
  awsFor: AwsFor,
  { aws, parameter }: FreezePlace,
  abortSignal?: AbortSignal,
): Promise<Freeze[]> {
  const text = await readParameter(awsFor, aws, parameter, abortSignal);
  if (text === undefined) return [];
  const parsed = parseFreezes(text);
  if (parsed.ok) return [...parsed.freezes];
  throw failure(
    'Unreadable',
    `parameter ${parameter} is not a list of freezes (${parsed.why}): whether it is frozen is not known; correct it, or replace it with \`rollout unfreeze --reason TEXT\``,
  );
}

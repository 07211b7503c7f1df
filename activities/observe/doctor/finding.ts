import { ApplicationFailure } from '@temporalio/common';
import type { Finding } from '../../../rules/doctor/doctor-report';
import { messageOf, nameOf, toFailure } from '../../failures';

/** A look that fails says so under its own name, and hides no other. One that AWS or the network left unanswered is made once more. */
export async function finding(
  subject: string,
  work: () => Promise<Finding | readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return [await work().catch((error: unknown) => onceMore(error, subject, work))].flat();
  } catch (error) {
    const { type } = toFailure(error, subject);
    // What an activity threw on purpose says by itself what is wrong.
    const said = error instanceof ApplicationFailure ? messageOf(error) : `${nameOf(error)}: ${messageOf(error)}`;
    const remedy = REMEDIES[type ?? ''] ?? 'try again; then ask what AWS means';
    return [{ subject, level: 'problem', what: `could not be looked at: ${said}`, remedy }];
  }
}

function onceMore<T>(error: unknown, subject: string, work: () => Promise<T>): Promise<T> {
  if (toFailure(error, subject).type !== 'Unavailable') throw error;
  return work();
}

const REMEDIES: Readonly<Record<string, string>> = {
  AccessDenied: "allow it in the policy of the worker's role",
  InvalidRequest: 'correct its name in the plan, or make what it names',
};

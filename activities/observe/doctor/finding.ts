import { ApplicationFailure } from '@temporalio/common';
import type { Finding } from '../../../rules/doctor/doctor-report';
import { messageOf, nameOf, toFailure } from '../../failures';

/**
 * A failed check is a finding under its own name, and hides no other. A check without an answer from AWS or the network is
 * repeated once.
 */
export async function finding(
  subject: string,
  work: () => Promise<Finding | readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return [await work().catch((error: unknown) => onceMore(error, subject, work))].flat();
  } catch (error) {
    const { type } = toFailure(error, subject);
    // A failure that an activity threw on purpose explains itself.
    const said = error instanceof ApplicationFailure ? messageOf(error) : `${nameOf(error)}: ${messageOf(error)}`;
    const remedy = REMEDIES[type ?? ''] ?? 'try again; if it persists, look up this AWS error';
    return [{ subject, level: 'problem', what: `could not be checked: ${said}`, remedy }];
  }
}

function onceMore<T>(error: unknown, subject: string, work: () => Promise<T>): Promise<T> {
  if (toFailure(error, subject).type !== 'Unavailable') throw error;
  return work();
}

const REMEDIES: Readonly<Record<string, string>> = {
  AccessDenied: "allow it in the policy of the worker's role",
  InvalidRequest: 'correct its name in the plan, or create it',
};

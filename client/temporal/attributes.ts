import type { Finding } from '../../rules/doctor/doctor-report';
import { addingWords, missingOf } from '../../rules/listed';
import { LISTED } from '../../workflows/messages';
import type { Temporal } from './connect';
import { inTime } from './connect';
import { warn } from '../terminal/output';

/** The search attributes that the namespace lacks; undefined when Temporal does not list them. */
export async function missingAttributes(temporal: Temporal): Promise<readonly string[] | undefined> {
  try {
    return await inTime(temporal, () => missingOf(LISTED, (query) => temporal.client.workflow.count(query)));
  } catch {
    return undefined;
  }
}

/** For `rollout doctor`. */
export async function attributesFinding(temporal: Temporal): Promise<Finding> {
  const subject = `search attributes of namespace ${temporal.namespace}`;
  const missing = await missingAttributes(temporal);
  if (missing === undefined)
    return { subject, level: 'warning', what: 'whether they exist is NOT KNOWN: Temporal does not list them' };
  if (missing.length === 0) return { subject, level: 'ok', what: 'lists show phase and percentage' };
  const what = `${missing.join(', ')} missing: rollouts and the way to 0 % work without them, but lists do not show them`;
  return { subject, level: 'warning', what, remedy: addingWords(LISTED, missing, temporal.namespace) };
}

/** Warns which are missing and how to add them; silent when that is not known. */
export async function warnOfMissing(temporal: Temporal): Promise<void> {
  const missing = (await missingAttributes(temporal)) ?? [];
  if (missing.length > 0) warn(missingWords(temporal, missing));
}

export const missingWords = ({ namespace }: Temporal, missing: readonly string[]): string =>
  `The namespace lacks search attributes (${missing.join(', ')}): rollouts and the way to 0 % work without them, ` +
  `but lists do not show phase and percentage. Add them: ${addingWords(LISTED, missing, namespace)}.`;

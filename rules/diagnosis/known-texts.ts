import type { Recognised } from './diagnosis';
import type { Evidence } from './signs';
import type { KnownText } from './known-text';
import { COMPUTE_TEXTS } from './known-texts-compute';
import { EXECUTION_TEXTS } from './known-texts-executions';
import { STORAGE_TEXTS } from './known-texts-storage';

/** The first match names the cause. A refusal by S3 also matches the general refusals, so S3 comes first. */
const KNOWN: readonly KnownText[] = [...STORAGE_TEXTS, ...COMPUTE_TEXTS, ...EXECUTION_TEXTS];

/** The cause that a text of AWS names, if the text is known. */
export function knownCause(evidence: Evidence): Recognised | undefined {
  for (const { pattern, cause, ...known } of KNOWN) {
    const match = pattern.exec(evidence.says);
    if (match !== null) return { ...known, cause: cause(match), evidence: [evidence] };
  }
  return undefined;
}

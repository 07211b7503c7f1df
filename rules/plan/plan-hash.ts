import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils';
import type { EnvironmentPlan } from './environment-plan';

const SHOWN = 12;

/**
 * Which plan it is, in 12 hexadecimal characters: the beginning of the SHA-256 of its JSON with sorted keys. It keeps
 * people from approving another plan than they read by mistake; against somebody who seeks two plans of one hash it is
 * too short. The same file gives the same hash on every machine: `infrastructure.directory` is left out, and of
 * `verification.testJob` only the file's name counts, as both are paths of the machine that read the file.
 */
export function planHash(plan: EnvironmentPlan): string {
  const { directory: _, ...infrastructure } = plan.infrastructure;
  const { testJob, ...rest } = plan.verification;
  const verification = testJob === undefined ? rest : { ...rest, testJob: testJob.split(/[\\/]/).at(-1) };
  const portable = { ...plan, infrastructure, verification };
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(portable)))).slice(0, SHOWN);
}

/** JSON of which there is only one for a value: keys in the order of their code units, none that is undefined. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

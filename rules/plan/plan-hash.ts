import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils';
import { withFiles } from '../verification/files';
import type { EnvironmentPlan } from './environment-plan';

const SHOWN = 12;

/**
 * Which plan it is, in 12 hexadecimal characters: the beginning of the SHA-256 of its JSON with sorted keys. It keeps
 * people from approving another plan than they read by mistake; against somebody who seeks two plans of one hash it is
 * too short. The same file gives the same hash on every machine: `infrastructure.directory` is left out, and of the files of
 * `verification` only their names count, as these are paths of the machine that read the file.
 */
export function planHash(plan: EnvironmentPlan): string {
  const { directory: _, ...infrastructure } = plan.infrastructure;
  const verification = withFiles(plan.verification, (path) => path.split(/[\\/]/).at(-1) ?? path);
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

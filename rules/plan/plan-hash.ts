import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils';
import { withFiles } from '../verification/files';
import type { EnvironmentPlan, Infrastructure } from './environment-plan';

const SHOWN = 12;

/** The beginning of a SHA-256, in hexadecimal characters. */
export const shortHash = (text: string): string => bytesToHex(sha256(utf8ToBytes(text))).slice(0, SHOWN);

/**
 * Which plan it is, in 12 hexadecimal characters: the beginning of the SHA-256 of its JSON with sorted keys. It keeps
 * people from approving another plan than they read by mistake; against somebody who seeks two plans of one hash it is
 * too short. The same file gives the same hash on every machine: `infrastructure.directory` is left out, and of the files of
 * `verification` only their names count, as these are paths of the machine that read the file.
 */
export function planHash(plan: EnvironmentPlan): string {
  const verification = withFiles(plan.verification, (path) => path.split(/[\\/]/).at(-1) ?? path);
  const portable = { ...plan, infrastructure: withoutFolder(plan.infrastructure), verification, ...deploymentOf(plan) };
  return shortHash(canonicalJson(portable));
}

function deploymentOf({ deployment }: EnvironmentPlan): object {
  if (deployment === undefined) return {};
  const nextEnvironments = deployment.nextEnvironments.map((one) => ({
    ...one,
    infrastructure: withoutFolder(one.infrastructure),
  }));
  return { deployment: { ...deployment, nextEnvironments } };
}

const withoutFolder = ({ directory: _, ...rest }: Infrastructure): Omit<Infrastructure, 'directory'> => rest;

/** JSON of which there is only one for a value: keys in the order of their code units, none that is undefined. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

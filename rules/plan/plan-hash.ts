import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils';
import { withFolders } from '../checks/check';
import { withFiles } from '../verification/files';
import type { EnvironmentPlan, Infrastructure } from './environment-plan';

const SHOWN = 12;

/** The beginning of a SHA-256, in hexadecimal characters. */
export const shortHash = (text: string): string => bytesToHex(sha256(utf8ToBytes(text))).slice(0, SHOWN);

/**
 * Identifies a plan by 12 hexadecimal characters: the beginning of the SHA-256 of its JSON with sorted keys. It prevents
 * people from approving a different plan than the one they read by mistake; it is too short against a deliberate
 * collision. The same file gives the same hash on every machine: the folders of infrastructure and commands are left out,
 * and only the names of the files of `verification` count, because their paths belong to the machine that read the plan.
 */
export function planHash(plan: EnvironmentPlan): string {
  const verification = withFiles(plan.verification, (path) => path.split(/[\\/]/).at(-1) ?? path);
  const infrastructure = plan.infrastructure === undefined ? undefined : withoutFolder(plan.infrastructure);
  const checks = plan.checks && withFolders(plan.checks, () => '');
  const portable = { ...plan, infrastructure, verification, checks, ...deploymentOf(plan) };
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

/** Canonical JSON: keys in the order of their code units, without undefined. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

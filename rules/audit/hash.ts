import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils';

/** SHA-256 of a line without its line break, as `sha256sum` prints it. */
export const hashOf = (line: string): string => bytesToHex(sha256(utf8ToBytes(line)));

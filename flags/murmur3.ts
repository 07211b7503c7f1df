/**
 * MurmurHash3 x86 32-bit of a text's UTF-8 bytes, or of bytes, as an unsigned number. Written out because the served
 * API imports this folder alone, without a dependency. The same in Python: `mmh3.hash(text, seed, signed=False)`.
 * Source: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
export function murmur3(input: string | Uint8Array, seed = 0): number {
  const bytes = typeof input === 'string' ? new TextEncoder().encode(input) : input;
  const whole = bytes.length - (bytes.length % 4);
  let hash = seed | 0;
  for (let at = 0; at < whole; at += 4) {
    hash = rotateLeft(hash ^ scramble(block(bytes, at, 4)), 13);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  hash ^= scramble(block(bytes, whole, bytes.length - whole));
  return avalanche(hash ^ bytes.length) >>> 0;
}

/** Up to four bytes from `at` as one little-endian number. */
function block(bytes: Uint8Array, at: number, length: number): number {
  let value = 0;
  for (let index = 0; index < length; index += 1) value |= (bytes[at + index] ?? 0) << (8 * index);
  return value;
}

function scramble(value: number): number {
  return Math.imul(rotateLeft(Math.imul(value, 0xcc9e2d51), 15), 0x1b873593);
}

function avalanche(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

const { imul } = Math;
const encoder = new TextEncoder();

/**
 * MurmurHash3 x86 32-bit of a text's UTF-8 bytes, or of bytes, as an unsigned number. Implemented here because the served
 * API imports this folder alone, without a dependency. The same in Python: `mmh3.hash(text, seed, signed=False)`. Source:
 * https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
export function murmur3(input: string | Uint8Array, seed = 0): number {
  const { hash, word, length } = beginning(input, seed);
  return finished(hash, word, length);
}

/**
 * `text => murmur3(prefix + text, seed)` with the prefix hashed once. Allocates nothing while texts are ASCII, as job ids
 * are; other texts are hashed through their bytes.
 */
export function murmur3After(prefix: string, seed = 0): (text: string) => number {
  const start = beginning(prefix, seed);
  const startBits = 8 * (start.length % 4);
  return (text) => {
    let { hash, word } = start;
    let bits = startBits;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      if (code > 0x7f) return murmur3(prefix + text, seed);
      word |= code << bits;
      bits = (bits + 8) & 31;
      if (bits !== 0) continue;
      hash = mixed(hash, word);
      word = 0;
    }
    return finished(hash, word, start.length + text.length);
  };
}

/** The hash of the whole blocks, the up to three bytes that are left as one little-endian number, and how many there were. */
interface Begun {
  readonly hash: number;
  readonly word: number;
  readonly length: number;
}

function beginning(input: string | Uint8Array, seed: number): Begun {
  const bytes = typeof input === 'string' ? encoder.encode(input) : input;
  const whole = bytes.length - (bytes.length % 4);
  let hash = seed | 0;
  for (let at = 0; at < whole; at += 4) hash = mixed(hash, wordAt(bytes, at, 4));
  return { hash, word: wordAt(bytes, whole, bytes.length - whole), length: bytes.length };
}

/** Up to four bytes from `at` as one little-endian number. */
function wordAt(bytes: Uint8Array, at: number, length: number): number {
  let word = 0;
  for (let index = 0; index < length; index += 1) word |= (bytes[at + index] ?? 0) << (8 * index);
  return word;
}

function mixed(hash: number, word: number): number {
  return (imul(rotateLeft(hash ^ scramble(word), 13), 5) + 0xe6546b64) | 0;
}

function finished(hash: number, word: number, length: number): number {
  return avalanche(hash ^ scramble(word) ^ length) >>> 0;
}

function scramble(word: number): number {
  return imul(rotateLeft(imul(word, 0xcc9e2d51), 15), 0x1b873593);
}

function avalanche(value: number): number {
  let hash = value;
  hash = imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

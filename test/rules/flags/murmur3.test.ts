import * as fc from 'fast-check';
import { murmur3, murmur3After } from '../../../flags/murmur3';

// The published vectors: https://stackoverflow.com/a/31929528 and https://en.wikipedia.org/wiki/MurmurHash
const byBytes: readonly (readonly [bytes: string, seed: number, hash: number])[] = [
  ['', 0, 0x00000000],
  ['', 1, 0x514e28b7],
  ['', 0xffffffff, 0x81f16f39],
  ['ffffffff', 0, 0x76293b50],
  ['21436587', 0, 0xf55b516b],
  ['21436587', 0x5082edee, 0x2362f9de],
  ['214365', 0, 0x7e4a8634],
  ['2143', 0, 0xa0f7b07a],
  ['21', 0, 0x72661cf4],
  ['00000000', 0, 0x2362f9de],
  ['000000', 0, 0x85f0b427],
  ['0000', 0, 0x30f4c306],
  ['00', 0, 0x514e28b7],
];

const byText: readonly (readonly [text: string, seed: number, hash: number])[] = [
  ['aaaa', 0x9747b28c, 0x5a97808a],
  ['aaa', 0x9747b28c, 0x283e0130],
  ['aa', 0x9747b28c, 0x5d211726],
  ['a', 0x9747b28c, 0x7fa09ea6],
  ['abcd', 0x9747b28c, 0xf0478627],
  ['abc', 0x9747b28c, 0xc84a62dd],
  ['ab', 0x9747b28c, 0x74875592],
  ['Hello, world!', 0x9747b28c, 0x24884cba],
  ['ππππππππ', 0x9747b28c, 0xd58063c1],
  ['a'.repeat(256), 0x9747b28c, 0x37405bdc],
  ['test', 0, 0xba6bd213],
  ['The quick brown fox jumps over the lazy dog', 0, 0x2e4ff723],
  ['The quick brown fox jumps over the lazy dog', 0x9747b28c, 0x2fa826cd],
];

it.each(byBytes)('hashes the bytes "%s" with seed %i', (bytes, seed, hash) => {
  expect(murmur3(Uint8Array.from(Buffer.from(bytes, 'hex')), seed)).toBe(hash);
});

it.each(byText)('hashes "%s" with seed %i', (text, seed, hash) => {
  expect(murmur3(text, seed)).toBe(hash);
});

it('hashes a text after a prefix as both together, whatever they are', () => {
  const any = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.uuid());
  fc.assert(
    fc.property(any, any, fc.nat(), (prefix, text, seed) => {
      // Halves of a surrogate pair become a character only together.
      fc.pre(!/[\ud800-\udbff]$/.test(prefix) || !/^[\udc00-\udfff]/.test(text));
      expect(murmur3After(prefix, seed)(text)).toBe(murmur3(prefix + text, seed));
    }),
  );
});

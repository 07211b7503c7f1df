import fc from 'fast-check';
import { cutInTheMiddle, lastWords, singleLine, summary, wellFormed } from '../../rules/format';

const anyText = fc.oneof(fc.string({ unit: 'binary', maxLength: 900 }), fc.string({ maxLength: 900 }));

/** Without half of a surrogate pair. */
const isWhole = (text: string): boolean => !/\p{Surrogate}/u.test(text);

describe('a text that is too long', () => {
  it('keeps its beginning and its end, and never half a character', () => {
    fc.assert(
      fc.property(anyText, fc.integer({ min: 20, max: 400 }), (text, most) => {
        const cut = cutInTheMiddle(text, most);
        expect(cut.length).toBeLessThanOrEqual(most);
        if (text.length <= most) expect(cut).toBe(text);
        else if (isWhole(text)) {
          expect(isWhole(cut)).toBe(true);
          expect(cut.slice(0, 2)).toBe(text.slice(0, 2));
          expect(cut.slice(-6)).toBe(text.slice(-6));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('is shown with its end', () => {
    const said = singleLine(`synthesizing the CDK app: ${'banner '.repeat(200)}RuntimeError: no such zone`);
    expect(said.length).toBeLessThanOrEqual(300);
    expect(said).toMatch(/^synthesizing the CDK app: .* … .*RuntimeError: no such zone$/);
  });
});

describe('the last words of a program', () => {
  it("are its error, not Node's stack and version below it", () => {
    const frames = Array.from({ length: 60 }, (_, line) => `    at f${line} (/srv/app/lib/file.js:${line}:1)`).join(
      '\n',
    );
    const output = `${'npm warn old package\n'.repeat(80)}/srv/app.ts:3\n  throw new Error()\n\nError: no such zone\n${frames}\n\nNode.js v20.20.2\n`;
    expect(lastWords(output, 300)).toMatch(/Error: no such zone$/);
  });
});

describe('a summary', () => {
  it('has at most 200 bytes, and ends at the end of a character', () => {
    const characters = fc.constantFrom('a', 'ü', '→', '🚀', '\ud83d');
    fc.assert(
      fc.property(fc.array(characters, { maxLength: 260 }), (all) => {
        const text = all.join('');
        const whole = wellFormed(text);
        const cut = summary(text);
        expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(200);
        expect(isWhole(cut)).toBe(true);
        if (Buffer.byteLength(whole) <= 200) expect(cut).toBe(whole);
        else {
          expect(cut.endsWith('…')).toBe(true);
          expect(whole.startsWith(cut.slice(0, -1))).toBe(true);
          // No more is left out than has to be.
          expect(Buffer.byteLength(cut)).toBeGreaterThan(196);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});

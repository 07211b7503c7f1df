export interface FileText {
  /** The text, decoded as well as possible. */
  readonly text: string;
  /** What is wrong with the encoding; completes "the plan is …". */
  readonly problem?: string;
}

const REMEDY = 'save it as UTF-8';
/** Windows PowerShell's `>` and Notepad's "Unicode" write files like this. */
const marked: readonly (readonly [encoding: 'utf-16le' | 'utf-16be', mark: readonly number[]])[] = [
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** The text of a file that should be UTF-8, with or without a byte order mark. Never throws. */
export function fileText(bytes: Uint8Array): FileText {
  const encoding = utf16Of(bytes);
  if (encoding !== undefined)
    return {
      text: new TextDecoder(encoding).decode(bytes),
      problem: `UTF-16, as Windows PowerShell writes it: ${REMEDY}`,
    };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return {
      text: new TextDecoder().decode(bytes),
      problem: `not UTF-8, see byte ${wrongAt(bytes)}: ${REMEDY}`,
    };
  }
}

/** Detected by the byte order mark, otherwise by ASCII text in UTF-16: every other byte is 0. */
function utf16Of(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const byMark = marked.find(([, mark]) => mark.every((byte, at) => bytes[at] === byte));
  if (byMark !== undefined) return byMark[0];
  const zeros = [0, 0];
  const looked = bytes.slice(0, 1_000);
  looked.forEach((byte, at) => {
    if (byte === 0) zeros[at % 2] = (zeros[at % 2] ?? 0) + 1;
  });
  const [even = 0, odd = 0] = zeros;
  if (Math.max(even, odd) * 4 <= looked.length) return undefined;
  return odd > even ? 'utf-16le' : 'utf-16be';
}

/** The first byte that is not part of a character, counted from 1. */
function wrongAt(bytes: Uint8Array): number {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let at = 0; at < bytes.length; at += 1) {
    try {
      decoder.decode(bytes.slice(at, at + 1), { stream: true });
    } catch {
      return at + 1;
    }
  }
  return bytes.length;
}

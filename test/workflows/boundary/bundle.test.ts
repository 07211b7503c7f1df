import { readFileSync } from 'node:fs';
import { BUNDLE } from '../../helpers/temporal/bundle-workflows';

/** Without the source map and the SDK with its packages. A larger bundle makes each worker start later and larger. */
const MOST_BYTES = 1_000_000;
const OF_THE_SDK = ['@temporalio/common', '@temporalio/workflow', 'long', 'ms', 'nexus-rpc'];

/** Bytes of the bundle by package; our own files are under `ours`. */
function bytesByPackage(): ReadonlyMap<string, number> {
  const code = readFileSync(BUNDLE, 'utf8');
  const script = code.slice(0, code.lastIndexOf('\n//# sourceMappingURL'));
  const bytes = new Map<string, number>();
  // As webpack writes the beginning of a module.
  for (const part of script.split(/\n\/\*\*\*\/ (?="\.)/).slice(1)) {
    const [, path = ''] = /^"([^"]+)"/.exec(part) ?? [];
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? 'ours';
    bytes.set(name, (bytes.get(name) ?? 0) + Buffer.byteLength(part));
  }
  return bytes;
}

describe('the bundle of the workflows', () => {
  it('contains the SDK, SHA-256 and our own files: no schema library, no statistics, no library of time zones', () => {
    expect([...bytesByPackage().keys()].sort()).toEqual(['ours', '@noble/hashes', ...OF_THE_SDK].sort());
  });

  it(`has less than ${MOST_BYTES} bytes beside the SDK`, () => {
    const others = [...bytesByPackage()].filter(([name]) => !OF_THE_SDK.includes(name));
    const bytes = others.reduce((sum, [, each]) => sum + each, 0);
    expect(bytes).toBeLessThan(MOST_BYTES);
    // It reads the bundle as webpack writes it today: nothing found would pass, too.
    expect(bytes).toBeGreaterThan(MOST_BYTES / 2);
  });
});

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

jest.setTimeout(240_000);

const ROOT = join(__dirname, '../..');

/** The whole of its stage: Temporal, the AWS emulator, a worker process, and thirty live rollouts. No times are asserted. */
it('npm run bench -- storm --quick --json brings every rollout to 0 %, and says after how long', async () => {
  const { stdout } = await promisify(execFile)(
    'npm',
    ['run', '--silent', 'bench', '--', 'storm', '--quick', '--json'],
    {
      cwd: ROOT,
    },
  );
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ bench: 'storm', alarms: 30, zero: { count: 30 } });
  expect(result.lastMs).toBeGreaterThan(0);
  expect(result.zero.median).toBeLessThanOrEqual(result.lastMs);
});

import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

jest.setTimeout(240_000);

const ROOT = join(__dirname, '../..');

/** No times are asserted. */
async function quick(...words: readonly string[]) {
  const command = ['run', '--silent', 'bench', '--', ...words, '--quick', '--json'];
  const { stdout } = await promisify(execFile)('npm', command, { cwd: ROOT });
  return JSON.parse(stdout);
}

/** The whole of its stage: Temporal, the AWS emulator, a worker process, and thirty live rollouts. */
it('npm run bench -- storm --quick --json brings every rollout to 0 %, and says after how long', async () => {
  const result = await quick('storm');
  expect(result).toMatchObject({ bench: 'storm', alarms: 30, zero: { count: 30 } });
  expect(result.lastMs).toBeGreaterThan(0);
  expect(result.zero.median).toBeLessThanOrEqual(result.lastMs);
});

it('npm run bench -- schedule --quick --json goes through eight days with a look each hour, and replays them', async () => {
  const result = await quick('schedule', '--rounds', '1');
  expect(result).toMatchObject({ bench: 'schedule', runs: 1, replayMs: { count: 1 } });
  expect(Math.round(result.days)).toBe(8);
  expect(result.looks).toBeGreaterThanOrEqual(8 * 24);
  expect(result.awsCalls.PutParameter).toBeGreaterThanOrEqual(5);
});

it('npm run bench -- deploy --quick --json deploys a change and no change in both ways', async () => {
  const { rows } = await quick('deploy', '--rounds', '1');
  expect(rows).toEqual(
    ['activity deployStacks', 'cdk deploy'].map((name) => ({
      name,
      changedMs: expect.objectContaining({ count: 1 }),
      unchangedMs: expect.objectContaining({ count: 1 }),
    })),
  );
});

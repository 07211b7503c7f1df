import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');

/** Only what is given: no variable of this machine may start a relay. */
async function started(env: Readonly<Record<string, string>>, args: readonly string[] = []) {
  const path = { PATH: process.env['PATH'] ?? '' };
  const child = spawn(process.execPath, [...args, 'client/bin/rollout-relay.cjs'], {
    cwd: ROOT,
    env: { ...path, ...env },
  });
  let said = '';
  const ready = new Promise<string>((resolve) =>
    child.stderr.on('data', (piece: Buffer) => {
      said += piece.toString();
      const url = /"url":"([^"]+)"/.exec(said)?.[1];
      if (url !== undefined) resolve(url);
    }),
  );
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, said }));
  return { child, ready, ended };
}

it.each([
  [{}, 'Set ROLLOUT_RELAY_PORT: the relay has no port to listen at.\n'],
  [
    { ROLLOUT_RELAY_PORT: '8443', ROLLOUT_RELAY_HOST: '0.0.0.0' },
    'The settings of the relay are wrong: the relay does not listen at 0.0.0.0 without a token and TLS: set ROLLOUT_RELAY_TOKEN, ROLLOUT_RELAY_TLS_CERT and ROLLOUT_RELAY_TLS_KEY, or leave out the host.\n',
  ],
])('%j ends the program with one line that says what to set', async (env, line) => {
  const { ended } = await started(env);
  expect(await ended).toEqual({ code: 1, said: line });
});

it('rollout-relay serves the flags of its plan, without Temporal, until it is asked to end', async () => {
  const { child, ready, ended } = await started({ ROLLOUT_RELAY_PORT: '0', ROLLOUT_PLAN: 'plans/sandbox.yaml' });
  const { flags } = (await (await fetch(`${await ready}/v1/status`)).json()) as { flags: { parameter: string }[] };
  expect(flags.map(({ parameter }) => parameter)).toContain('/pavi/prod/step-functions-rollout');
  child.kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0 });
});

it('needs no package that only a worker has', async () => {
  const listing = `process.on('exit', () => console.error(Object.keys(require.cache).join(' ')))`;
  const script = `data:text/javascript,import { createRequire } from 'node:module'; const require = createRequire(process.cwd() + '/'); ${listing}`;
  const { ended } = await started({}, ['--import', script]);
  const { said } = await ended;
  expect(said).toContain('worker/relay/main.ts');
  expect(said).not.toMatch(/@temporalio\/worker/);
});

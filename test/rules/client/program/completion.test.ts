import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../../..');

function completion(shell: string) {
  const args = [resolve(ROOT, 'client/bin/rollout.cjs'), 'completion', shell];
  return spawnSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' });
}

/** What a real bash offers after these words; the last one is being typed. */
function offered(script: string, ...words: readonly string[]): readonly string[] {
  const typed = words.map((word) => `'${word}'`).join(' ');
  const asked = `COMP_WORDS=(${typed}); COMP_CWORD=${words.length - 1}; _rollout_verbs; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-c', `${script}\n${asked}`], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
  return stdout.split('\n').filter((line) => line !== '');
}

describe('the completion', () => {
  jest.setTimeout(60_000);

  it('of bash offers verbs, verbs of a family, and options, of both programs', () => {
    const { stdout: script, status } = completion('bash');
    expect(status).toBe(0);
    expect(offered(script, 'rollout', 'sta')).toEqual(['status', 'start']);
    expect(offered(script, '/usr/local/bin/rollout', 'ab')).toEqual(['abort']);
    expect(offered(script, 'rollout', 'flags', '')).toEqual(expect.arrayContaining(['get', 'set']));
    expect(offered(script, 'rollout', 'abort', 'prod', '--rea')).toEqual(['--reason']);
    expect(offered(script, 'start-rollout', 'prod', '--pl')).toEqual(['--plan']);
    expect(offered(script, 'rollout', 'no-such-verb', '')).not.toContain('--reason');
  });

  it.each([
    ['zsh', 'bashcompinit'],
    ['fish', "complete -c rollout -n '__fish_use_subcommand' -f -a status"],
  ])('of %s names every verb', (shell, text) => {
    const { stdout, status } = completion(shell);
    expect(status).toBe(0);
    expect(stdout).toContain(text);
  });

  it('says which shells there are', () => {
    const { status, stderr } = completion('tcsh');
    expect(status).toBe(2);
    expect(stderr).toContain('There is no completion for tcsh. Choose bash, zsh or fish.');
  });
});

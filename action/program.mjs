import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';

/**
 * Runs the program without a shell, shows what it prints, and keeps it. Meanwhile GitHub takes no commands from the log: a reason
 * that somebody typed must not become one.
 */
export async function run(words) {
  const [program = 'npx', ...before] = (process.env.ROLLOUT_PROGRAM ?? 'npx rollout')
    .split(' ')
    .filter((one) => one !== '');
  const end = randomUUID();
  const env = { ...process.env, NO_COLOR: '1', ROLLOUT_ACTOR: process.env.ROLLOUT_ACTOR ?? actor() };
  // The program needs no right in the repository.
  delete env.GITHUB_TOKEN;
  console.log(`::stop-commands::${end}`);
  try {
    return await spawned(program, [...before, ...words], env);
  } finally {
    console.log(`::${end}::`);
  }
}

/** As GitHub knows the person: an approval by the same one must be recognised. */
const actor = () => process.env.GITHUB_TRIGGERING_ACTOR ?? process.env.GITHUB_ACTOR ?? 'github-actions';

function spawned(program, words, env) {
  return new Promise((resolve) => {
    const child = spawn(program, words, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text) => ((stdout += text), process.stdout.write(text)));
    child.stderr.setEncoding('utf8').on('data', (text) => ((stderr += text), process.stdout.write(text)));
    child.once('error', (error) =>
      resolve({ code: 127, stdout, stderr: `${program} did not start: ${error.message}` }),
    );
    child.once('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
}

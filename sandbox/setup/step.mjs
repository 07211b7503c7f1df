import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

const TAIL_LINES = 15;
const REDRAW_MS = 200;
const PLAIN_LINE_EVERY_MS = 10_000;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

const running = new Set();
/** The lines of the steps that run, each with what it shows now. */
const shown = new Set();
let interruptedBy;
let isStopped = false;

/** An error of the set-up: one clear text for the person at the keyboard. */
export class SetupProblem extends Error {}

export const say = (text) => process.stderr.write(`set-up: ${text}\n`);

/**
 * Runs commands one after the other as one step, with all their output in `log`. Shows a live line on a terminal and a
 * plain line every ten seconds elsewhere; `progress`, when given, adds the progress of the step. `env` is added to the environment.
 */
export async function runStep({ title, commands, log, progress = () => '', env = {} }) {
  const startedMs = Date.now();
  const stopShowing = showProgress(title, startedMs, progress);
  mkdirSync(dirname(log), { recursive: true });
  const file = createWriteStream(log);
  try {
    for (const command of commands) await runCommand(command, file, env);
  } catch (error) {
    stopShowing();
    await new Promise((resolve) => file.end(resolve));
    throw new SetupProblem(`${title} failed: ${error.message}\n${tailOf(log)}\nThe whole log: ${log}`);
  }
  stopShowing();
  await new Promise((resolve) => file.end(resolve));
  say(`${title}: done in ${seconds(startedMs)} s`);
}

/** Runs both beside each other. The first problem stops the other one, and is thrown. */
export async function beside(...works) {
  const problems = [];
  const ended = works.map((work) =>
    work().catch((error) => {
      problems.push(error);
      stopAll('SIGTERM');
    }),
  );
  await Promise.all(ended);
  if (problems.length > 0) throw problems[0];
}

function stopAll(signal) {
  isStopped = true;
  for (const child of running) child.kill(signal);
}

function runCommand([program, ...args], file, env) {
  file.write(`$ ${[program, ...args].join(' ')}\n`);
  return new Promise((resolve, reject) => {
    if (isStopped) {
      reject(new Error('stopped'));
      return;
    }
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...ownEnvironment(), ...env } });
    running.add(child);
    child.stdout.pipe(file, { end: false });
    child.stderr.pipe(file, { end: false });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      running.delete(child);
      if (code === 0 && interruptedBy === undefined) resolve();
      else reject(new Error(signal === null ? `exit code ${code}` : `stopped by ${signal}`));
    });
  });
}

/** Passes a signal on to the running commands, whose end then ends the set-up; without one, ends it at once. */
export function endOn(signal, exitCode) {
  process.on(signal, () => {
    if (running.size === 0 || interruptedBy !== undefined) process.exit(exitCode);
    interruptedBy = { signal, exitCode };
    stopAll(signal);
  });
}

/** The signal that stopped the set-up, and its exit code. */
export const interruption = () => interruptedBy;

/** Without settings of an outer `npm --silent`, `--omit` or active virtual environment that would change the commands. */
function ownEnvironment() {
  const drop =
    /^(npm_config_(loglevel|silent|omit|production|dry_run|ignore_scripts)|NODE_ENV|PYTHONHOME|PYTHONPATH|VIRTUAL_ENV)$/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !drop.test(name)));
}

function showProgress(title, startedMs, progress) {
  if (!process.stderr.isTTY || isSilent()) {
    say(`${title} …`);
    const timer = setInterval(() => say(lineOf(title, startedMs, progress)), PLAIN_LINE_EVERY_MS);
    return () => clearInterval(timer);
  }
  const mine = () => lineOf(title, startedMs, progress);
  shown.add(mine);
  let frame = 0;
  const draw = () => {
    // One line for all: the first of them draws it.
    if ([...shown][0] !== mine) return;
    const line = `${FRAMES[frame++ % FRAMES.length]} set-up: ${[...shown].map((one) => one()).join('; ')}`;
    process.stderr.write(`\r\x1b[2K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  };
  draw();
  const timer = setInterval(draw, REDRAW_MS);
  return () => {
    clearInterval(timer);
    shown.delete(mine);
    process.stderr.write('\r\x1b[2K');
  };
}

/** `npm --silent` asks for little output: plain lines, no moving one. */
const isSilent = () => process.env.npm_config_loglevel === 'silent';

function lineOf(title, startedMs, progress) {
  const detail = progress();
  return `${title}, ${seconds(startedMs)} s${detail === '' ? '' : `, ${detail}`}`;
}

const seconds = (startedMs) => Math.round((Date.now() - startedMs) / 1_000);

function tailOf(log) {
  return readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .slice(-TAIL_LINES)
    .map((line) => `  | ${line}`)
    .join('\n');
}

import { createLogUpdate } from 'log-update';
import colors from 'picocolors';

/** For people: standard error, so that standard output holds only what a program reads. */
export interface Screen {
  /** Whether the live part is redrawn in place; elsewhere only changes are printed. */
  readonly isLive: boolean;
  readonly say: (text: string) => void;
  /** Shows a step while `work` runs, with its progress and its duration. */
  readonly step: <T>(title: string, work: (progress: (text: string) => void) => Promise<T>) => Promise<T>;
  /** Redraws the live part; does nothing without one. */
  readonly draw: (lines: readonly string[]) => void;
  /** Leaves the live part as it is; later output follows below it. */
  readonly keep: () => void;
}

const REDRAW_MS = 150;
const PLAIN_EVERY_MS = 3_000;
const FRAMES = '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏';

export const createScreen = (): Screen => (process.stderr.isTTY ? liveScreen() : plainScreen());

function liveScreen(): Screen {
  const update = createLogUpdate(process.stderr);
  let shown: readonly string[] = [];
  const draw = (lines: readonly string[]): void => {
    shown = lines;
    update(lines.join('\n'));
  };
  const say = (text: string): void => {
    update.clear();
    process.stderr.write(`${text}\n`);
    if (shown.length > 0) update(shown.join('\n'));
  };
  const keep = (): void => {
    update.done();
    shown = [];
  };
  const step: Screen['step'] = async (title, work) => {
    const startedMs = Date.now();
    let detail = '';
    let frame = 0;
    const timer = setInterval(
      () => draw([`${FRAMES[frame++ % FRAMES.length]} ${title} ${colors.dim(detail)}`]),
      REDRAW_MS,
    );
    try {
      const result = await work((text) => (detail = text));
      shown = [];
      say(done(title, startedMs));
      return result;
    } finally {
      clearInterval(timer);
      shown = [];
      update.clear();
    }
  };
  return { isLive: true, say, step, draw, keep };
}

function plainScreen(): Screen {
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const step: Screen['step'] = async (title, work) => {
    const startedMs = Date.now();
    let saidMs = startedMs;
    let last = '';
    say(`• ${title} …`);
    const result = await work((text) => {
      if (text === last || Date.now() - saidMs < PLAIN_EVERY_MS) return;
      saidMs = Date.now();
      last = text;
      say(`  ${text}`);
    });
    say(done(title, startedMs));
    return result;
  };
  return { isLive: false, say, step, draw: () => undefined, keep: () => undefined };
}

const done = (title: string, startedMs: number): string =>
  `${colors.green('✓')} ${title} ${colors.dim(`(${((Date.now() - startedMs) / 1_000).toFixed(1)} s)`)}`;

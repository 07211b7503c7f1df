import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { Terminal } from '@xterm/headless';
import { until } from '../until';

const ROOT = resolve(__dirname, '../../..');

/**
 * Runs a program in a pseudo terminal, passes its output on, and obeys lines of JSON: a new size, or keys. Python has what Node has
 * only with a compiled module.
 */
const RUN = `
import fcntl, json, os, pty, select, struct, sys, termios
words, columns, rows = json.loads(sys.argv[1])
def resize(fd, columns, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
child, terminal = pty.fork()
if child == 0:
    resize(1, columns, rows)
    os.execv(words[0], words)
asked = b""
inputs = [terminal, 0]
while True:
    ready, _, _ = select.select(inputs, [], [])
    if terminal in ready:
        try:
            data = os.read(terminal, 65536)
        except OSError:
            data = b""
        if not data:
            break
        os.write(1, data)
    if 0 in ready:
        data = os.read(0, 65536)
        if not data:
            inputs = [terminal]
        *lines, asked = (asked + data).split(b"\\n")
        for line in map(json.loads, lines):
            if "size" in line:
                resize(terminal, *line["size"])
            else:
                os.write(terminal, line["keys"].encode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;

/** A program in a terminal whose screen can be read. */
export class PseudoTerminal {
  private readonly screen: Terminal;
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly ended: Promise<unknown>;
  private drawn: Promise<void> = Promise.resolve();

  constructor(
    words: readonly string[],
    { columns, rows, env }: { readonly columns: number; readonly rows: number; readonly env: NodeJS.ProcessEnv },
  ) {
    this.screen = new Terminal({ cols: columns, rows, allowProposedApi: true });
    const python = join(ROOT, '.sandbox/venv-aws/bin/python');
    const given = JSON.stringify([[process.execPath, ...words], columns, rows]);
    this.child = spawn(python, ['-c', RUN, given], { cwd: ROOT, env, stdio: ['pipe', 'pipe', 'inherit'] });
    this.ended = once(this.child, 'close');
    this.child.stdout.on('data', (data: Buffer) => {
      this.drawn = new Promise((done) => this.screen.write(data, done));
    });
  }

  /** The rows that are visible now, without spaces at their ends. */
  rows(): readonly string[] {
    const { active } = this.screen.buffer;
    return Array.from({ length: this.screen.rows }, (_unused, i) => this.line(active.baseY + i)?.text ?? '');
  }

  /** Everything that was ever on the present screen, as a person would scroll back to it. */
  all(): string {
    const { length } = this.screen.buffer.active;
    return Array.from({ length }, (_unused, i) => this.line(i)?.text ?? '').join('\n');
  }

  /** Whether the alternate screen is shown, whether it scrolled, and whether the terminal broke a line. */
  state(): { readonly alternate: boolean; readonly scrolled: boolean; readonly wrapped: boolean } {
    const { active } = this.screen.buffer;
    const lines = Array.from({ length: active.length }, (_unused, i) => this.line(i));
    return {
      alternate: active.type === 'alternate',
      scrolled: active.baseY > 0,
      wrapped: lines.some((line) => line?.isWrapped),
    };
  }

  /** Waits until the rows are as wished; a failure shows them. */
  async untilRows(wished: (rows: readonly string[]) => boolean): Promise<void> {
    await until(() => wished(this.rows()), 'such a screen').catch((error: unknown) => {
      throw new Error(`${String(error)}\n${this.rows().join('\n')}`);
    });
  }

  resize(columns: number, rows: number): void {
    this.screen.resize(columns, rows);
    this.ask({ size: [columns, rows] });
  }

  type(keys: string): void {
    this.ask({ keys });
  }

  /** The exit code, with everything drawn. */
  async end(): Promise<number | null> {
    await this.ended;
    await this.drawn;
    return this.child.exitCode;
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  private line(index: number): { readonly text: string; readonly isWrapped: boolean } | undefined {
    const line = this.screen.buffer.active.getLine(index);
    return line && { text: line.translateToString(true), isWrapped: line.isWrapped };
  }

  private ask(what: object): void {
    this.child.stdin.write(`${JSON.stringify(what)}\n`);
  }
}
